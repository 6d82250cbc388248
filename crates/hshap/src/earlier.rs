//! The runs of an earlier explanation, to be continued.

use crate::drawing::is_leaf;
use crate::game::{Board, Node};
use crate::{Error, Run, Settings};

/// Largest difference between an output of an earlier explanation and the same output now, of the
/// larger of 1 and the output: other masks are evaluated together, on another device perhaps.
const TOLERANCE: f64 = 1e-3;

/// What an earlier run leaves to be done.
#[derive(Default)]
pub(crate) struct Remainder {
    /// Nodes that were kept and not cut.
    pub(crate) open: Vec<Node>,
    pub(crate) has_leaf: bool,
}

/// Finds it, and checks that the run is one of this game.
pub(crate) fn remainder(
    run: &Run,
    board: &Board<'_>,
    root: Node,
    background_output: f64,
    (settings, n_levels): (&Settings, usize),
) -> Result<Remainder, Error> {
    let is_close = |a: f64, b: f64| (a - b).abs() <= TOLERANCE * b.abs().max(1.0);
    let adds_up =
        run.levels.is_empty() || is_close(run.top_level_sum(), root.worth - background_output);
    if !is_close(run.background_output, background_output) || !adds_up {
        return Err(other("the model answers otherwise now"));
    }
    if run.levels.len() > n_levels {
        return Err(other("it has more levels"));
    }
    let mut remainder = Remainder::default();
    // Of the level before: every node, and whether it is still to be cut.
    let mut before = vec![(root, true)];
    for (index, level) in run.levels.iter().enumerate() {
        let mut nodes = Vec::with_capacity(level.cells.len());
        let mut n_children = vec![0; before.len()];
        let scores: Vec<f64> = level.cells.iter().map(|cell| cell.score).collect();
        let keep = settings.threshold.rule(&scores);
        for (number, cell) in level.cells.iter().enumerate() {
            let parent = match cell.parent {
                None if index == 0 => 0,
                Some(parent) if index > 0 && parent < before.len() => parent,
                _ => return Err(other("a cell has no parent")),
            };
            let rect = board.quadrant(before[parent].0.rect, cell.quadrant);
            let rect = rect.filter(|rect| board.in_image(*rect) == cell.rect());
            let Some(rect) = rect.filter(|_| before[parent].1) else {
                return Err(other("a cell lies elsewhere"));
            };
            if ![cell.score, cell.worth]
                .iter()
                .all(|value| value.is_finite())
            {
                return Err(other("a cell is no finite number"));
            }
            let score = before[parent].0.score * cell.phi;
            if (cell.score - score).abs() > 1e-9 * score.abs() {
                return Err(other("a score is not the product of its path"));
            }
            if cell.is_kept != keep(cell.score) {
                return Err(other("it has another threshold"));
            }
            n_children[parent] += 1;
            let is_leaf = is_leaf(cell, index + 1, n_levels);
            remainder.has_leaf |= is_leaf;
            let node = Node {
                rect,
                score: cell.score,
                worth: cell.worth,
                level: index + 1,
                cell: Some(number),
            };
            nodes.push((node, cell.is_kept && !is_leaf));
        }
        for (&(node, is_open), n_children) in before.iter().zip(n_children) {
            match n_children {
                0 if is_open => remainder.open.push(node),
                0 => {}
                n if n == board.n_quadrants(node.rect) => {}
                _ => return Err(other("a cell is cut in part")),
            }
        }
        before = nodes;
    }
    let last = before.into_iter().filter(|(_, is_open)| *is_open);
    remainder.open.extend(last.map(|(node, _)| node));
    Ok(remainder)
}

fn other(problem: &'static str) -> Error {
    Error::OtherRun { problem }
}
