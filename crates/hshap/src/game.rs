//! The game of one node: its quadrants, and the masked images of their coalitions.

use masked_cnn::{Rect, Region, Size};

use crate::evaluator::Evaluator;
use crate::masked_model::{BackgroundIndex, Masked};
use crate::pixel_counts::PixelCounts;
use crate::pixels::wrap;
use crate::{Shift, shapley_values};

/// A node of the tree that is to be cut, in pixels of the unshifted grid.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node {
    pub(crate) rect: Rect,
    pub(crate) score: f64,
    /// f of the image that shows this node alone.
    pub(crate) worth: f64,
    /// Cuts that led to it.
    pub(crate) level: usize,
    /// Its position among the cells of its level; none for the whole image.
    pub(crate) cell: Option<usize>,
}

/// A quadrant of a node.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Quadrant {
    pub(crate) rect: Rect,
    /// From 1, row by row.
    pub(crate) place: u8,
    /// Its bit among the players; none where image and background are equal.
    player: Option<usize>,
}

/// A node's game: its quadrants, and the masked image of every coalition of its players but none
/// and all, whose worth is known.
pub(crate) struct Game {
    pub(crate) node: Node,
    quadrants: Vec<Quadrant>,
    pub(crate) coalitions: Vec<Masked>,
}

/// Where the games of one shift are played.
#[derive(Clone, Copy)]
pub(crate) struct Board<'a> {
    pub(crate) size: Size,
    pub(crate) shift: Shift,
    pub(crate) background: BackgroundIndex,
    /// The pixels in which the image differs from that background.
    pub(crate) differing: &'a PixelCounts,
}

impl Board<'_> {
    pub(crate) fn game(&self, node: &Node) -> Game {
        let quadrants = self.quadrants(node.rect);
        let coalitions = (1..all_players(&quadrants))
            .map(|members| self.coalition(&quadrants, members))
            .collect();
        Game {
            node: *node,
            quadrants,
            coalitions,
        }
    }

    /// The quadrants of a node, each with its Shapley value and f of the image that shows it alone.
    pub(crate) fn play(&self, game: &Game, evaluator: &Evaluator<'_>) -> Vec<(Quadrant, f64, f64)> {
        let empty = evaluator.worth(&nothing(self.background));
        let proper = game.coalitions.iter().map(|c| evaluator.worth(c));
        let mut worth: Vec<f64> = std::iter::once(empty).chain(proper).collect();
        if all_players(&game.quadrants) > 0 {
            worth.push(game.node.worth);
        }
        let phi = shapley_values(&worth);
        game.quadrants
            .iter()
            .map(|&quadrant| match quadrant.player {
                Some(player) => (quadrant, phi[player], worth[1 << player]),
                None => (quadrant, 0.0, empty),
            })
            .collect()
    }

    /// Number of players in the game of a node.
    pub(crate) fn n_players(&self, rect: Rect) -> usize {
        let quadrants = self.quadrants(rect);
        quadrants.iter().filter(|q| q.player.is_some()).count()
    }

    /// A quadrant of a node by its place, from 1.
    pub(crate) fn quadrant(&self, rect: Rect, place: u8) -> Option<Rect> {
        let quadrants = self.quadrants(rect);
        let quadrant = quadrants.iter().find(|q| q.place == place);
        quadrant.map(|quadrant| quadrant.rect)
    }

    /// Number of quadrants of a node that have pixels.
    pub(crate) fn n_quadrants(&self, rect: Rect) -> usize {
        self.quadrants(rect).len()
    }

    /// Top left, top right, bottom left, bottom right; those without pixels are left out.
    fn quadrants(&self, rect: Rect) -> Vec<Quadrant> {
        let rows = halves(rect.row, rect.n_rows);
        let cols = halves(rect.col, rect.n_cols);
        let mut n_players = 0;
        rows.into_iter()
            .flat_map(|rows| cols.map(|cols| (rows, cols)))
            .zip(1..)
            .filter(|(((_, n_rows), (_, n_cols)), _)| *n_rows > 0 && *n_cols > 0)
            .map(|(((row, n_rows), (col, n_cols)), place)| {
                let rect = Rect {
                    row,
                    col,
                    n_rows,
                    n_cols,
                };
                let player = self.differing.any(self.in_image(rect)).then(|| {
                    n_players += 1;
                    n_players - 1
                });
                Quadrant {
                    rect,
                    place,
                    player,
                }
            })
            .collect()
    }

    fn coalition(&self, quadrants: &[Quadrant], members: usize) -> Masked {
        let shown = quadrants
            .iter()
            .filter(|q| q.player.is_some_and(|player| members & (1 << player) != 0))
            .map(|q| self.in_image(q.rect));
        Masked {
            background: self.background,
            shown: Region::union(shown, self.size),
        }
    }

    pub(crate) fn in_image(&self, rect: Rect) -> Rect {
        Rect {
            row: (rect.row + wrap(self.shift.rows, self.size.rows)) % self.size.rows,
            col: (rect.col + wrap(self.shift.cols, self.size.cols)) % self.size.cols,
            ..rect
        }
    }
}

pub(crate) fn nothing(background: BackgroundIndex) -> Masked {
    Masked {
        background,
        shown: Region::default(),
    }
}

/// The coalition of all players, as bits.
fn all_players(quadrants: &[Quadrant]) -> usize {
    let n_players = quadrants.iter().filter(|q| q.player.is_some()).count();
    (1 << n_players) - 1
}

/// Start and length of the halves of an interval, cut at `(start + end) / 2` rounded down.
fn halves(start: usize, len: usize) -> [(usize, usize); 2] {
    let middle = (2 * start + len) / 2;
    [(start, middle - start), (middle, start + len - middle)]
}
