//! The maps of an exploration.

use masked_cnn::{Rect, Size};

use crate::{Cell, Error, Run, SaliencyMap};

/// What the Shapley values on the path to a cell say, its own included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Path {
    /// All are positive.
    Positive,
    /// Its own is negative, all before are positive.
    TurnsNegative,
    Other,
}

/// A cell with its place in the tree.
struct Node<'a> {
    cell: &'a Cell,
    is_leaf: bool,
    path: Path,
}

/// What to draw of an exploration, and how.
pub(crate) struct Drawing<'a> {
    pub(crate) runs: Vec<&'a Run>,
    pub(crate) n_levels: usize,
    pub(crate) size: Size,
    /// What the sum over the runs is divided by.
    pub(crate) divisor: usize,
    /// 1 or -1 in place of scores.
    pub(crate) is_binary: bool,
}

/// True for a kept cell that is not cut further: of the last level, or a single pixel.
pub(crate) fn is_leaf(cell: &Cell, level: usize, n_levels: usize) -> bool {
    cell.is_kept && (level == n_levels || (cell.n_rows, cell.n_cols) == (1, 1))
}

impl Drawing<'_> {
    /// All leaves.
    pub(crate) fn map(&self) -> Result<SaliencyMap, Error> {
        let one = |_: f64| 1.0;
        self.mean(|node| node.is_leaf, one)
    }

    /// The leaves whose whole path is positive.
    pub(crate) fn evidence(&self) -> Result<SaliencyMap, Error> {
        self.mean(
            |node| node.is_leaf && node.path == Path::Positive,
            f64::signum,
        )
    }

    /// The cells at which a path turns negative.
    pub(crate) fn counter_evidence(&self) -> Result<SaliencyMap, Error> {
        self.mean(|node| node.path == Path::TurnsNegative, f64::signum)
    }

    /// The sum over all runs of the cells chosen, over the divisor.
    fn mean(
        &self,
        is_drawn: impl Fn(&Node<'_>) -> bool,
        binary: impl Fn(f64) -> f64,
    ) -> Result<SaliencyMap, Error> {
        let nodes = self.runs.iter().flat_map(|&run| nodes(run, self.n_levels));
        let cells = nodes.filter(is_drawn).map(|node| {
            let score = node.cell.score;
            let value = if self.is_binary { binary(score) } else { score };
            (node.cell.rect(), value)
        });
        mean_of(cells, self.size, self.divisor)
    }
}

/// The sum of values on rectangles of an image, which may reach around its border, over a divisor.
pub(crate) fn mean_of(
    cells: impl Iterator<Item = (Rect, f64)>,
    size: Size,
    divisor: usize,
) -> Result<SaliencyMap, Error> {
    let Size { rows, cols } = size;
    let mut sum = vec![0.0_f64; rows * cols];
    for (rect, value) in cells {
        for (rows, columns) in rect.parts(size) {
            for row in rows {
                for pixel in &mut sum[row * cols..][columns.clone()] {
                    *pixel += value;
                }
            }
        }
    }
    let values: Vec<f32> = sum
        .into_iter()
        .map(|sum| (sum / divisor as f64) as f32)
        .collect();
    match values.iter().all(|value| value.is_finite()) {
        true => Ok(SaliencyMap::new(values, rows, cols)),
        false => Err(Error::MapNotFinite),
    }
}

/// Every cell of a run, level by level.
fn nodes(run: &Run, n_levels: usize) -> Vec<Node<'_>> {
    let mut nodes: Vec<Node<'_>> = Vec::new();
    let mut first_of_previous = 0;
    for (index, level) in run.levels.iter().enumerate() {
        let first = nodes.len();
        for cell in &level.cells {
            let before = match cell.parent {
                Some(parent) => nodes[first_of_previous + parent].path,
                None => Path::Positive,
            };
            nodes.push(Node {
                cell,
                is_leaf: is_leaf(cell, index + 1, n_levels),
                path: match before {
                    Path::Positive if cell.phi > 0.0 => Path::Positive,
                    Path::Positive if cell.phi < 0.0 => Path::TurnsNegative,
                    _ => Path::Other,
                },
            });
        }
        first_of_previous = first;
    }
    nodes
}
