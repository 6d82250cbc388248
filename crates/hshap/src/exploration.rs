//! What is known of the tree while it is explored, and what it leaves open.

use std::collections::HashSet;

use masked_cnn::{Rect, Size};

use crate::drawing::{Drawing, is_leaf, mean_of};
use crate::earlier::Remainder;
use crate::evaluator::Evaluator;
use crate::game::{Board, Game, Node};
use crate::{
    Bound, Cell, EndedBy, Error, Explanation, Level, Run, SaliencyMap, Settings, Threshold,
    Traffic, Unexplored,
};

/// The exploration under one shift.
pub(crate) struct Walk<'a> {
    pub(crate) board: Board<'a>,
    /// Nodes that were kept and are not cut yet.
    nodes: Vec<Open>,
    /// Cells of a level in the order in which they were found.
    run: Run,
}

/// A node that is not cut yet.
#[derive(Clone, Copy)]
struct Open {
    node: Node,
    /// No leaf below has a larger score, where there is a bound; otherwise only an order.
    promise: f64,
}

/// The tree under all shifts.
pub(crate) struct Exploration<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) size: Size,
    pub(crate) n_levels: usize,
    /// What the sum of the runs is divided by.
    pub(crate) divisor: usize,
    pub(crate) output: f64,
    pub(crate) walks: Vec<Walk<'a>>,
    pub(crate) has_leaf: bool,
}

impl<'a> Walk<'a> {
    /// Nothing but a board.
    fn new(board: Board<'a>, (background, background_output): (usize, f64)) -> Self {
        Self {
            board,
            nodes: Vec::new(),
            run: Run {
                shift: board.shift,
                background,
                background_output,
                levels: Vec::new(),
            },
        }
    }
}

impl<'a> Exploration<'a> {
    /// Adds a shift, of which nothing is cut yet, over a background that was given, with its output.
    pub(crate) fn add(&mut self, board: Board<'a>, root: Node, background: (usize, f64)) {
        self.walks.push(Walk::new(board, background));
        self.open(self.walks.len() - 1, [root]);
    }

    /// Puts what an earlier explanation has found in the place of what was added last.
    pub(crate) fn take_up(&mut self, run: &Run, remainder: Remainder) {
        let Some(walk) = self.walks.last_mut() else {
            return;
        };
        walk.run.levels.clone_from(&run.levels);
        walk.nodes.clear();
        self.has_leaf |= remainder.has_leaf;
        self.open(self.walks.len() - 1, remainder.open);
    }

    /// The nodes to cut next, each with its walk: those of the lowest level, or where a `width` is
    /// given that many that promise most.
    pub(crate) fn next(&self, width: Option<usize>) -> Vec<(usize, Node)> {
        let open = self.walks.iter().enumerate().flat_map(|(walk, w)| {
            let nodes = w.nodes.iter();
            nodes.map(move |open| (open.promise, (walk, open.node)))
        });
        match width {
            None => {
                let lowest = open.clone().map(|(_, (_, node))| node.level).min();
                open.filter(|(_, (_, node))| Some(node.level) == lowest)
                    .map(|(_, node)| node)
                    .collect()
            }
            Some(width) => {
                let mut by_promise: Vec<_> = open.collect();
                // Stable, so that equal promises keep the order of walks and nodes.
                by_promise.sort_by(|(a, _), (b, _)| b.total_cmp(a));
                by_promise.truncate(width);
                by_promise.into_iter().map(|(_, node)| node).collect()
            }
        }
    }

    fn open(&mut self, walk: usize, nodes: impl IntoIterator<Item = Node>) {
        for node in nodes {
            let promise = self.promise(walk, &node);
            self.walks[walk].nodes.push(Open { node, promise });
        }
    }

    /// Plays games, each of a walk, and keeps what passes the threshold.
    pub(crate) fn cut(&mut self, games: &[(usize, Game)], evaluator: &Evaluator<'_>) {
        for walk in 0..self.walks.len() {
            for level in 0..self.n_levels {
                let is_of_both =
                    |(of, game): &&(usize, Game)| *of == walk && game.node.level == level;
                let games: Vec<&Game> = games.iter().filter(is_of_both).map(|(_, g)| g).collect();
                self.cut_level(walk, &games, evaluator);
            }
        }
    }

    /// Of one walk and level.
    fn cut_level(&mut self, walk: usize, games: &[&Game], evaluator: &Evaluator<'_>) {
        let Some(level) = games.first().map(|game| game.node.level + 1) else {
            return;
        };
        let cut: HashSet<_> = games.iter().map(|game| game.node.cell).collect();
        self.walks[walk]
            .nodes
            .retain(|open| open.node.level + 1 != level || !cut.contains(&open.node.cell));
        let board = self.walks[walk].board;
        let levels = &mut self.walks[walk].run.levels;
        if levels.len() < level {
            levels.resize(level, Level::default());
        }
        let first = levels[level - 1].cells.len();
        let mut cells: Vec<Cell> = Vec::new();
        let mut children: Vec<Node> = Vec::new();
        for game in games {
            for (quadrant, phi, worth) in board.play(game, evaluator) {
                let score = game.node.score * phi;
                let rect = board.in_image(quadrant.rect);
                children.push(Node {
                    rect: quadrant.rect,
                    score,
                    worth,
                    level,
                    cell: Some(first + cells.len()),
                });
                cells.push(Cell {
                    row: rect.row,
                    col: rect.col,
                    n_rows: rect.n_rows,
                    n_cols: rect.n_cols,
                    phi,
                    score,
                    worth,
                    is_kept: false,
                    quadrant: quadrant.place,
                    parent: game.node.cell,
                });
            }
        }
        let scores: Vec<f64> = cells.iter().map(|cell| cell.score).collect();
        let keep = self.settings.threshold.rule(&scores);
        let mut open = Vec::new();
        for (cell, child) in cells.iter_mut().zip(children) {
            cell.is_kept = keep(cell.score);
            if is_leaf(cell, level, self.n_levels) {
                self.has_leaf = true;
            } else if cell.is_kept {
                open.push(child);
            }
        }
        self.walks[walk].run.levels[level - 1].cells.extend(cells);
        self.open(walk, open);
    }

    /// The largest score that a leaf below a node can have, where there is a bound.
    ///
    /// With n players, f0 = f(nothing) and f1 = f(the node alone), the weights of S = {} and S = all
    /// others are 1/n each, and all differences are at most 1: a value of the node's game is at most
    ///
    /// > (f(c) - f0) / n + (f1 - f(others)) / n + (n - 2) / n <= 1 - f0 / n - (1 - f1) / n,
    ///
    /// which n = 1 attains. In games below, f1 <= 1 and n <= 4 leave 1 - f0 / 4.
    fn promise(&self, walk: usize, node: &Node) -> f64 {
        if !self.settings.has_bound() {
            return node.score.abs();
        }
        let walk = &self.walks[walk];
        let n_players = walk.board.n_players(node.rect) as f64;
        if n_players == 0.0 {
            return 0.0;
        }
        let f0 = walk.run.background_output;
        let first = 1.0 - f0 / n_players - (1.0 - node.worth) / n_players;
        let n_cuts = (self.n_levels - node.level).min(fewest_cuts(node.rect));
        node.score * first * (1.0 - f0 / 4.0).powi(n_cuts as i32 - 1)
    }

    /// Number of nodes that are not cut yet.
    pub(crate) fn n_open(&self) -> usize {
        self.walks.iter().map(|walk| walk.nodes.len()).sum()
    }

    /// How far the map so far can be from the exact one, where there is a bound.
    pub(crate) fn bound(&self) -> Result<Option<Bound>, Error> {
        if !self.settings.has_bound() {
            return Ok(None);
        }
        let open = self.walks.iter().flat_map(|walk| {
            let nodes = walk.nodes.iter();
            nodes.map(|open| (walk.board.in_image(open.node.rect), open.promise))
        });
        let map = mean_of(open, self.size, self.divisor)?;
        let largest = largest_of(&map);
        let of_map = largest_of(&self.drawing(&self.runs()).map()?);
        Ok(Some(Bound {
            map,
            largest,
            relative: match largest == 0.0 {
                true => 0.0,
                false => largest / of_map,
            },
        }))
    }

    /// The explanation by what is known.
    pub(crate) fn explanation(
        &self,
        ended_by: Option<EndedBy>,
        n_evaluations: usize,
        traffic: Option<Traffic>,
    ) -> Result<Explanation, Error> {
        let runs = self.runs();
        let drawing = self.drawing(&runs);
        let leaf = |side: usize| (0..drawing.n_levels).fold(side, |side, _| side.div_ceil(2));
        let unexplored = match ended_by.filter(|_| self.n_open() > 0) {
            Some(ended_by) => Some(Unexplored {
                ended_by,
                n_cells: self.n_open(),
                bound: self.bound()?,
            }),
            None => None,
        };
        Ok(Explanation {
            map: drawing.map()?,
            evidence: drawing.evidence()?,
            counter_evidence: drawing.counter_evidence()?,
            output: self.output,
            leaf_px: (leaf(self.size.rows), leaf(self.size.cols)),
            n_levels: drawing.n_levels,
            is_binary: drawing.is_binary,
            n_evaluations,
            traffic,
            unexplored,
            runs,
        })
    }

    /// The runs with the cells of a level in the order of their parents, whenever they were found.
    pub(crate) fn runs(&self) -> Vec<Run> {
        self.walks.iter().map(|walk| ordered(&walk.run)).collect()
    }

    /// What is drawn of the runs. A percentile is one of a whole level: where an exploration with
    /// one ends early, the last whole level is the last one.
    fn drawing<'r>(&self, runs: &'r [Run]) -> Drawing<'r> {
        let is_whole = matches!(self.settings.threshold, Threshold::Absolute(_));
        let n_whole = runs.iter().map(|run| run.levels.len()).max().unwrap_or(0);
        Drawing {
            runs: runs.iter().collect(),
            n_levels: match is_whole || self.n_open() == 0 {
                true => self.n_levels,
                false => n_whole,
            },
            size: self.size,
            divisor: self.divisor,
            is_binary: self.settings.binary_map,
        }
    }
}

fn largest_of(map: &SaliencyMap) -> f64 {
    map.values().iter().copied().fold(0.0_f32, f32::max).into()
}

/// The fewest cuts that lead from a rectangle to a single pixel: halves are rounded down.
fn fewest_cuts(rect: Rect) -> usize {
    rect.n_rows.max(rect.n_cols).max(1).ilog2() as usize
}

/// The same run with the cells of a level quadrant by quadrant in the order of their parents.
fn ordered(run: &Run) -> Run {
    // Of the level before: for every place as found, the place in order.
    let mut places: Vec<usize> = Vec::new();
    let mut levels = Vec::with_capacity(run.levels.len());
    for level in &run.levels {
        let parent = |place: &usize| level.cells[*place].parent.map_or(0, |p| places[p]);
        let mut order: Vec<usize> = (0..level.cells.len()).collect();
        order.sort_by_key(parent);
        let cells = order.iter().map(|&place| {
            let cell = level.cells[place];
            Cell {
                parent: cell.parent.map(|parent| places[parent]),
                ..cell
            }
        });
        levels.push(Level {
            cells: cells.collect(),
        });
        let mut of_level = vec![0; order.len()];
        for (in_order, &as_found) in order.iter().enumerate() {
            of_level[as_found] = in_order;
        }
        places = of_level;
    }
    Run {
        levels,
        ..run.clone()
    }
}
