use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::ops::Range;

use pixel_region::{Rect, Region, Size};

use crate::attribution::{Attribution, Kind, Method};
use crate::error::Error;
use crate::evaluator::{Evaluator, rect};

/// Owen values of pixels on a tree of halves: Partition SHAP.
///
/// Owen, "Values of games with a priori unions" (1977), explored best first as `PartitionExplainer` of
/// shap does. A rectangle is cut across its longer side, rows first. What a half contributes is
/// measured in contexts: with its sibling hidden, shown, or both. The rectangle with the largest
/// contribution is cut next, until the budget is spent; what is not cut is spread evenly over its
/// pixels. The map's sum is `f(image) - f(background)` for every budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Partition {
    /// In which contexts a half is measured.
    pub context: Context,
    /// Masks to ask for, image and background included, at least 2; the usual number is 500. A mask that
    /// recurs counts again.
    pub budget: usize,
}

/// What of a rectangle's sibling is seen while the rectangle is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Context {
    /// The mean of both: Owen values where the tree is explored in full. The number of nodes grows
    /// fourfold from level to level.
    Both,
    /// The sibling is hidden. Twice the nodes from level to level; what a pair does together stays with
    /// their parent. In a network that saturates this is negative, and spread over large areas.
    Hidden,
    /// The sibling is shown.
    Shown,
}

/// A rectangle, measured in one context.
struct Node {
    rows: Range<usize>,
    cols: Range<usize>,
    /// What is shown beside it.
    beside: Vec<Rect>,
    /// The output without and with the node.
    without: f64,
    with: f64,
    weight: f64,
    /// Nodes that were queued before this one.
    place: usize,
}

impl Node {
    fn contribution(&self) -> f64 {
        (self.with - self.without) * self.weight
    }

    /// Both halves; none of a single pixel.
    fn halves(&self) -> Option<[(Range<usize>, Range<usize>); 2]> {
        let (rows, cols) = (self.rows.clone(), self.cols.clone());
        let half = |range: &Range<usize>| range.start + range.len() / 2;
        if rows.len() >= cols.len() && rows.len() > 1 {
            let cut = half(&rows);
            Some([(rows.start..cut, cols.clone()), (cut..rows.end, cols)])
        } else if cols.len() > 1 {
            let cut = half(&cols);
            Some([(rows.clone(), cols.start..cut), (rows, cut..cols.end)])
        } else {
            None
        }
    }

    fn n_pixels(&self) -> usize {
        self.rows.len() * self.cols.len()
    }
}

/// The largest contribution first, then the node that was queued first.
impl Ord for Node {
    fn cmp(&self, other: &Self) -> Ordering {
        let size = |node: &Node| node.contribution().abs();
        let by_size = size(self).total_cmp(&size(other));
        by_size.then(other.place.cmp(&self.place))
    }
}

impl PartialOrd for Node {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Node {}

impl Method for Partition {
    fn explain(&self, evaluator: &mut Evaluator<'_>) -> Result<Attribution, Error> {
        if self.budget < 2 {
            return Err(Error::Budget {
                given: self.budget,
                needed: 2,
            });
        }
        let size = evaluator.size();
        let (background_output, image_output) = evaluator.ends()?;
        let mut values = vec![0.0; size.rows * size.cols];
        let mut open = BinaryHeap::from([Node {
            rows: 0..size.rows,
            cols: 0..size.cols,
            beside: Vec::new(),
            without: background_output,
            with: image_output,
            weight: 1.0,
            place: 0,
        }]);
        let (mut n_queued, mut n_masks) = (1, 0);
        while n_masks + 4 <= self.budget {
            let Some(node) = open.pop() else { break };
            let Some(halves) = node.halves() else {
                add(&mut values, &node, node.contribution(), size);
                continue;
            };
            let shown = halves.clone().map(|(rows, cols)| {
                let mut rects = node.beside.clone();
                rects.push(rect(rows, cols));
                rects
            });
            let masks = shown.clone().map(|rects| Region::union(rects, size));
            let outputs = evaluator.outputs(&masks)?;
            n_masks += 2;
            let alone = [outputs[0], outputs[1]];
            let weight = match self.context {
                Context::Both => node.weight / 2.0,
                Context::Hidden | Context::Shown => node.weight,
            };
            let mut queue = |half: usize, beside: &[Rect], without: f64, with: f64| {
                let (rows, cols) = halves[half].clone();
                open.push(Node {
                    rows,
                    cols,
                    beside: beside.to_vec(),
                    without,
                    with,
                    weight,
                    place: n_queued,
                });
                n_queued += 1;
            };
            if self.context != Context::Shown {
                queue(0, &node.beside, node.without, alone[0]);
                queue(1, &node.beside, node.without, alone[1]);
            }
            if self.context != Context::Hidden {
                queue(0, &shown[1], alone[1], node.with);
                queue(1, &shown[0], alone[0], node.with);
            }
            // What both do together: none of a mean of contexts.
            let together = (node.with - alone[0] - alone[1] + node.without) * node.weight;
            match self.context {
                Context::Both => {}
                Context::Hidden => add(&mut values, &node, together, size),
                Context::Shown => add(&mut values, &node, -together, size),
            }
        }
        // In a fixed order, so that sums do not depend on the heap.
        for node in open.into_sorted_vec() {
            add(&mut values, &node, node.contribution(), size);
        }
        Ok(Attribution {
            values: values.into_iter().map(|value| value as f32).collect(),
            size,
            kind: Kind::Density,
            image_output,
            background_output,
            n_masks,
            standard_error: None,
        })
    }
}

/// Spreads a value evenly over the pixels of a node.
fn add(values: &mut [f64], node: &Node, value: f64, size: Size) {
    let share = value / node.n_pixels() as f64;
    for row in node.rows.clone() {
        for pixel in &mut values[row * size.cols..][node.cols.clone()] {
            *pixel += share;
        }
    }
}
