//! The tree of games, level by level, all shifts together.

use masked_cnn::{Rect, Region, Size};

use crate::evaluator::{Evaluator, Observer};
use crate::masked_model::{BackgroundIndex, Masked};
use crate::pixel_counts::PixelCounts;
use crate::pixels::wrap;
use crate::{Cell, Error, Level, Progress, Run, Shift, Threshold, Traffic, shapley_values};

/// A node of the tree, in pixels of the unshifted grid.
#[derive(Debug, Clone, Copy)]
struct Node {
    rect: Rect,
    score: f64,
    /// f of the image that shows this node alone.
    worth: f64,
}

/// The exploration under one shift.
struct Walk {
    shift: Shift,
    background: BackgroundIndex,
    /// Nodes to cut at the next level.
    nodes: Vec<Node>,
    levels: Vec<Level>,
    /// Cells to draw: those of the last level, and single pixels of earlier ones.
    leaves: Vec<(Rect, f64)>,
}

/// A quadrant of a node.
#[derive(Debug, Clone, Copy)]
struct Quadrant {
    rect: Rect,
    /// Its bit among the players; none where image and background are equal.
    player: Option<usize>,
}

/// A node's game: its quadrants, and the masked image of every coalition of its players but none
/// and all, whose worth is known.
struct Game {
    node: Node,
    quadrants: Vec<Quadrant>,
    coalitions: Vec<Masked>,
}

/// Explores one image under several shifts.
pub(crate) struct Explorer<'a> {
    pub(crate) evaluator: Evaluator<'a>,
    /// For every background the pixels in which the image differs from it.
    pub(crate) differing: Vec<PixelCounts>,
    pub(crate) size: Size,
    pub(crate) n_levels: usize,
    pub(crate) threshold: Threshold,
}

/// What an exploration found.
pub(crate) struct Exploration {
    pub(crate) output: f64,
    pub(crate) runs: Vec<Run>,
    /// Per run, the cells to draw, in pixels of the image, with their scores.
    pub(crate) leaves: Vec<Vec<(Rect, f64)>>,
    pub(crate) n_evaluations: usize,
    pub(crate) traffic: Option<Traffic>,
}

impl Explorer<'_> {
    /// Explores under every shift, each with its background.
    pub(crate) fn explore(
        mut self,
        shifts: &[(Shift, BackgroundIndex)],
        observer: &mut Observer<'_>,
    ) -> Result<Exploration, Error> {
        let root = Rect {
            row: 0,
            col: 0,
            n_rows: self.size.rows,
            n_cols: self.size.cols,
        };
        let everything = Masked {
            background: 0,
            shown: Region::union([root], self.size),
        };
        self.evaluator.request(std::slice::from_ref(&everything));
        for &(_, background) in shifts {
            self.evaluator.request(&[nothing(background)]);
        }
        self.evaluate(0, 0, observer)?;
        let output = self.evaluator.worth(&everything);

        let mut walks: Vec<Walk> = shifts
            .iter()
            .map(|&(shift, background)| Walk {
                shift,
                background,
                nodes: vec![Node {
                    rect: root,
                    score: 1.0,
                    worth: output,
                }],
                levels: Vec::new(),
                leaves: Vec::new(),
            })
            .collect();
        let mut n_of_previous_level = 0;
        for level in 1..=self.n_levels {
            let games: Vec<Vec<Game>> = walks
                .iter()
                .map(|walk| {
                    walk.nodes
                        .iter()
                        .map(|node| self.game(walk, node))
                        .collect()
                })
                .collect();
            for game in games.iter().flatten() {
                self.evaluator.request(&game.coalitions);
            }
            let n_of_this_level = self.evaluator.n_pending();
            self.evaluate(level, n_of_previous_level, observer)?;
            n_of_previous_level = n_of_this_level;
            for (walk, games) in walks.iter_mut().zip(&games) {
                self.cut(walk, games, level);
            }
        }
        if walks.iter().all(|walk| walk.leaves.is_empty()) {
            let deepest = walks.iter().map(|walk| walk.levels.len()).max();
            return Err(Error::NothingImportant {
                level: deepest.unwrap_or(0),
            });
        }
        let n_evaluations = self.evaluator.n_evaluated();
        let traffic = self.evaluator.traffic();
        let (runs, leaves) = walks
            .into_iter()
            .map(|walk| {
                let run = Run {
                    shift: walk.shift,
                    levels: walk.levels,
                };
                (run, walk.leaves)
            })
            .unzip();
        Ok(Exploration {
            output,
            runs,
            leaves,
            n_evaluations,
            traffic,
        })
    }

    fn evaluate(
        &mut self,
        level: usize,
        n_of_previous_level: usize,
        observer: &mut Observer<'_>,
    ) -> Result<(), Error> {
        let n_evaluated = self.evaluator.n_evaluated();
        let n_pending = self.evaluator.n_pending();
        let n_planned = n_evaluated + n_pending;
        let progress = Progress {
            level,
            n_levels: self.n_levels,
            n_evaluated,
            n_planned,
            n_expected: n_planned
                + expected_later(n_pending, n_of_previous_level, self.n_levels - level),
        };
        self.evaluator.evaluate_pending(progress, observer)
    }

    fn game(&self, walk: &Walk, node: &Node) -> Game {
        let quadrants = self.quadrants(walk, node);
        let coalitions = (1..all_players(&quadrants))
            .map(|members| self.coalition(walk, &quadrants, members))
            .collect();
        Game {
            node: *node,
            quadrants,
            coalitions,
        }
    }

    /// Plays the games of a level and keeps what passes the threshold.
    fn cut(&self, walk: &mut Walk, games: &[Game], level: usize) {
        if games.is_empty() {
            return;
        }
        let children: Vec<(Node, f64)> = games
            .iter()
            .flat_map(|game| self.play(walk.background, game))
            .collect();
        let scores: Vec<f64> = children.iter().map(|(child, _)| child.score).collect();
        let keep = self.threshold.rule(&scores);
        let kept = children.into_iter().filter(|(child, _)| keep(child.score));

        let mut cells = Vec::new();
        let mut nodes = Vec::new();
        for (child, phi) in kept {
            let rect = self.in_image(walk.shift, child.rect);
            cells.push(Cell {
                row: rect.row,
                col: rect.col,
                n_rows: rect.n_rows,
                n_cols: rect.n_cols,
                phi,
                score: child.score,
            });
            if level == self.n_levels || (rect.n_rows, rect.n_cols) == (1, 1) {
                walk.leaves.push((rect, child.score));
            } else {
                nodes.push(child);
            }
        }
        walk.nodes = nodes;
        walk.levels.push(Level { cells });
    }

    /// The quadrants of a node with their scores and Shapley values.
    fn play(&self, background: BackgroundIndex, game: &Game) -> Vec<(Node, f64)> {
        let empty = self.evaluator.worth(&nothing(background));
        let proper = game.coalitions.iter().map(|c| self.evaluator.worth(c));
        let mut worth: Vec<f64> = std::iter::once(empty).chain(proper).collect();
        if all_players(&game.quadrants) > 0 {
            worth.push(game.node.worth);
        }
        let phi = shapley_values(&worth);
        game.quadrants
            .iter()
            .map(|&Quadrant { rect, player }| {
                let (phi, worth) = match player {
                    Some(player) => (phi[player], worth[1 << player]),
                    None => (0.0, empty),
                };
                let score = game.node.score * phi;
                (Node { rect, score, worth }, phi)
            })
            .collect()
    }

    /// Top left, top right, bottom left, bottom right; those without pixels are left out.
    fn quadrants(&self, walk: &Walk, node: &Node) -> Vec<Quadrant> {
        let Rect {
            row,
            col,
            n_rows,
            n_cols,
        } = node.rect;
        let rows = halves(row, n_rows);
        let cols = halves(col, n_cols);
        let mut n_players = 0;
        rows.into_iter()
            .flat_map(|rows| cols.map(|cols| (rows, cols)))
            .filter(|((_, n_rows), (_, n_cols))| *n_rows > 0 && *n_cols > 0)
            .map(|((row, n_rows), (col, n_cols))| {
                let rect = Rect {
                    row,
                    col,
                    n_rows,
                    n_cols,
                };
                let shown = self.in_image(walk.shift, rect);
                let player = self.differing[walk.background].any(shown).then(|| {
                    n_players += 1;
                    n_players - 1
                });
                Quadrant { rect, player }
            })
            .collect()
    }

    fn coalition(&self, walk: &Walk, quadrants: &[Quadrant], members: usize) -> Masked {
        let shown = quadrants
            .iter()
            .filter(|q| q.player.is_some_and(|player| members & (1 << player) != 0))
            .map(|q| self.in_image(walk.shift, q.rect));
        Masked {
            background: walk.background,
            shown: Region::union(shown, self.size),
        }
    }

    fn in_image(&self, shift: Shift, rect: Rect) -> Rect {
        Rect {
            row: (rect.row + wrap(shift.rows, self.size.rows)) % self.size.rows,
            col: (rect.col + wrap(shift.cols, self.size.cols)) % self.size.cols,
            ..rect
        }
    }
}

fn nothing(background: BackgroundIndex) -> Masked {
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

/// Evaluations of the levels to come, if they grow as the last one did; twofold where there is no
/// level to compare with.
fn expected_later(n_of_this: usize, n_of_previous: usize, n_levels_left: usize) -> usize {
    let growth = if n_of_previous == 0 {
        2.0
    } else {
        n_of_this as f64 / n_of_previous as f64
    };
    (0..n_levels_left)
        .scan(n_of_this as f64, |n, _| {
            *n *= growth;
            Some(*n)
        })
        .sum::<f64>() as usize
}
