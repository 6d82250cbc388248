//! The tree of games, level by level, all shifts together.

use masked_cnn::{Rect, Region, Size};

use crate::drawing::is_leaf;
use crate::evaluator::{Evaluator, Observer};
use crate::masked_model::{BackgroundIndex, Masked};
use crate::pixel_counts::PixelCounts;
use crate::pixels::wrap;
use crate::{Cell, Error, Level, Run, Shift, Threshold, Traffic, shapley_values};

/// A node of the tree, in pixels of the unshifted grid.
#[derive(Debug, Clone, Copy)]
struct Node {
    rect: Rect,
    score: f64,
    /// f of the image that shows this node alone.
    worth: f64,
    /// Its position among the cells of its level; none for the whole image.
    cell: Option<usize>,
}

/// The exploration under one shift.
struct Walk {
    background: BackgroundIndex,
    /// Nodes to cut at the next level.
    nodes: Vec<Node>,
    run: Run,
}

/// A quadrant of a node.
#[derive(Debug, Clone, Copy)]
struct Quadrant {
    rect: Rect,
    /// From 1, row by row.
    place: u8,
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
        let n_levels = self.n_levels;
        self.evaluator.evaluate_pending(0, n_levels, observer)?;
        let output = self.evaluator.worth(&everything);

        let mut walks: Vec<Walk> = shifts
            .iter()
            .map(|&(shift, background)| Walk {
                background,
                nodes: vec![Node {
                    rect: root,
                    score: 1.0,
                    worth: output,
                    cell: None,
                }],
                run: Run {
                    shift,
                    background_output: self.evaluator.worth(&nothing(background)),
                    levels: Vec::new(),
                },
            })
            .collect();
        let mut has_leaf = false;
        for level in 1..=n_levels {
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
            self.evaluator.evaluate_pending(level, n_levels, observer)?;
            for (walk, games) in walks.iter_mut().zip(&games) {
                has_leaf |= self.cut(walk, games, level);
            }
        }
        let runs: Vec<Run> = walks.into_iter().map(|walk| walk.run).collect();
        if !has_leaf {
            return Err(nothing_important(output, &runs));
        }
        Ok(Exploration {
            output,
            runs,
            n_evaluations: self.evaluator.n_evaluated(),
            traffic: self.evaluator.traffic(),
        })
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

    /// Plays the games of a level and keeps what passes the threshold; whether a leaf is among it.
    fn cut(&self, walk: &mut Walk, games: &[Game], level: usize) -> bool {
        if games.is_empty() {
            return false;
        }
        let mut cells: Vec<Cell> = Vec::new();
        let mut children: Vec<Node> = Vec::new();
        for game in games {
            for (quadrant, phi, worth) in self.play(walk.background, game) {
                let score = game.node.score * phi;
                let rect = self.in_image(walk.run.shift, quadrant.rect);
                children.push(Node {
                    rect: quadrant.rect,
                    score,
                    worth,
                    cell: Some(cells.len()),
                });
                cells.push(Cell {
                    row: rect.row,
                    col: rect.col,
                    n_rows: rect.n_rows,
                    n_cols: rect.n_cols,
                    phi,
                    score,
                    is_kept: false,
                    quadrant: quadrant.place,
                    parent: game.node.cell,
                });
            }
        }
        let scores: Vec<f64> = cells.iter().map(|cell| cell.score).collect();
        let keep = self.threshold.rule(&scores);
        walk.nodes.clear();
        let mut has_leaf = false;
        for (cell, child) in cells.iter_mut().zip(children) {
            cell.is_kept = keep(cell.score);
            if is_leaf(cell, level, self.n_levels) {
                has_leaf = true;
            } else if cell.is_kept {
                walk.nodes.push(child);
            }
        }
        walk.run.levels.push(Level { cells });
        has_leaf
    }

    /// The quadrants of a node, each with its Shapley value and f of the image that shows it alone.
    fn play(&self, background: BackgroundIndex, game: &Game) -> Vec<(Quadrant, f64, f64)> {
        let empty = self.evaluator.worth(&nothing(background));
        let proper = game.coalitions.iter().map(|c| self.evaluator.worth(c));
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
            .zip(1..)
            .filter(|(((_, n_rows), (_, n_cols)), _)| *n_rows > 0 && *n_cols > 0)
            .map(|(((row, n_rows), (col, n_cols)), place)| {
                let rect = Rect {
                    row,
                    col,
                    n_rows,
                    n_cols,
                };
                let shown = self.in_image(walk.run.shift, rect);
                let player = self.differing[walk.background].any(shown).then(|| {
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

    fn coalition(&self, walk: &Walk, quadrants: &[Quadrant], members: usize) -> Masked {
        let shown = quadrants
            .iter()
            .filter(|q| q.player.is_some_and(|player| members & (1 << player) != 0))
            .map(|q| self.in_image(walk.run.shift, q.rect));
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

/// The error for runs without a leaf.
fn nothing_important(output: f64, runs: &[Run]) -> Error {
    let top_level = runs.iter().flat_map(|run| {
        let cells = run.levels.first().map_or(&[][..], |level| &level.cells);
        cells.iter().map(|cell| (cell.score, run.background_output))
    });
    let largest = top_level.max_by(|(a, _), (b, _)| a.total_cmp(b));
    let (largest_score, background_output) = largest.unwrap_or((0.0, output));
    Error::NothingImportant {
        level: runs.iter().map(|run| run.levels.len()).max().unwrap_or(0),
        output,
        background_output,
        largest_score,
    }
}
