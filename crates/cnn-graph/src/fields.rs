//! Which pixels a position of a map depends on.

use pixel_region::Size;

use crate::graph::Graph;
use crate::node::Node;
use crate::op::{Conv, Op};
use crate::pad::PadMode;
use crate::resize::Axis;
use crate::shape::Shape;
use crate::window::WindowSide;

/// Pixels from `start` up to `end`, which is not one of them, along the rows or the columns of the
/// image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Interval {
    /// The first pixel.
    pub start: usize,
    /// The first pixel behind it.
    pub end: usize,
}

impl Interval {
    /// No pixel: a position that sees only padding.
    pub const EMPTY: Self = Self { start: 0, end: 0 };

    /// Whether it has no pixel.
    pub fn is_empty(self) -> bool {
        self.start >= self.end
    }

    /// Whether a pixel is in it.
    pub fn contains(self, pixel: usize) -> bool {
        (self.start..self.end).contains(&pixel)
    }

    /// The shortest interval that holds both.
    pub fn hull(self, other: Self) -> Self {
        if self.is_empty() {
            return other;
        }
        if other.is_empty() {
            return self;
        }
        Self {
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }

    fn hull_of(intervals: impl IntoIterator<Item = Self>) -> Self {
        intervals.into_iter().fold(Self::EMPTY, Self::hull)
    }
}

/// The receptive fields of a map's positions.
///
/// Position `(row, col)` depends on no pixel outside `rows[row]` x `cols[col]`. It need not depend
/// on all of them: a field is the smallest rectangle that the windows before it span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields {
    /// For each row of the map, rows of the image.
    pub rows: Vec<Interval>,
    /// For each column of the map, columns of the image.
    pub cols: Vec<Interval>,
}

impl Fields {
    /// Fields of one pixel each.
    fn of_pixels(size: Size) -> Self {
        let pixel = |start| Interval {
            start,
            end: start + 1,
        };
        Self {
            rows: (0..size.rows).map(pixel).collect(),
            cols: (0..size.cols).map(pixel).collect(),
        }
    }

    /// The whole image for every position of a map.
    fn everything(map: Size, image: Size) -> Self {
        let whole = |end, n| vec![Interval { start: 0, end }; n];
        Self {
            rows: whole(image.rows, map.rows),
            cols: whole(image.cols, map.cols),
        }
    }

    fn hull(&self, other: &Self) -> Self {
        let hulls = |a: &[Interval], b: &[Interval]| {
            let pairs = a.iter().zip(b);
            pairs.map(|(a, b)| a.hull(*b)).collect()
        };
        Self {
            rows: hulls(&self.rows, &other.rows),
            cols: hulls(&self.cols, &other.cols),
        }
    }
}

impl Graph {
    /// The receptive fields of every map, and none for a vector, which depends on the whole image.
    ///
    /// A map behind a gate, or normalised over its positions, depends on the whole image everywhere.
    pub fn fields(&self) -> Vec<Option<Fields>> {
        let mut known = Vec::with_capacity(self.nodes().len());
        for node in self.nodes() {
            let Shape::Map { size, .. } = node.shape else {
                known.push(None);
                continue;
            };
            let fields = local_fields(node, size, &known);
            known.push(Some(
                fields.unwrap_or_else(|| Fields::everything(size, self.size())),
            ));
        }
        known
    }
}

/// The fields of a map; none if every position depends on the whole image.
fn local_fields(node: &Node, size: Size, known: &[Option<Fields>]) -> Option<Fields> {
    let inputs: Vec<_> = node
        .inputs
        .iter()
        .map(|input| known[input.index()].as_ref())
        .collect();
    let Some(&first) = inputs.first() else {
        return Some(Fields::of_pixels(size));
    };
    let first = first?;
    match &node.op {
        Op::Conv(Conv { window, .. })
        | Op::MaxPool { window, .. }
        | Op::AveragePool { window, .. } => Some(Fields {
            rows: windowed(&first.rows, window.rows(), size.rows),
            cols: windowed(&first.cols, window.cols(), size.cols),
        }),
        Op::Pad { pads, mode } => Some(Fields {
            rows: padded(&first.rows, pads.top, *mode, size.rows),
            cols: padded(&first.cols, pads.left, *mode, size.cols),
        }),
        Op::Resize { rows, cols } => Some(Fields {
            rows: interpolated(&first.rows, rows),
            cols: interpolated(&first.cols, cols),
        }),
        Op::Add | Op::Mul | Op::Concat => {
            let mut hull = first.clone();
            for input in &inputs[1..] {
                hull = hull.hull((*input)?);
            }
            Some(hull)
        }
        Op::Affine { .. }
        | Op::Activation(_)
        | Op::Gather { .. }
        | Op::LayerNormalization { .. }
        | Op::Lrn { .. } => Some(first.clone()),
        Op::Input
        | Op::InstanceNormalization { .. }
        | Op::GlobalAveragePool
        | Op::GlobalMaxPool
        | Op::Flatten { .. }
        | Op::Gemm { .. }
        | Op::Softmax => None,
    }
}

fn windowed(input: &[Interval], side: WindowSide, n_outputs: usize) -> Vec<Interval> {
    let hull = |output| {
        let taps = side.taps(output, input.len());
        Interval::hull_of(taps.map(|(_, at)| input[at]))
    };
    (0..n_outputs).map(hull).collect()
}

fn padded(input: &[Interval], begin: i64, mode: PadMode, n_outputs: usize) -> Vec<Interval> {
    let seen = |output| match mode.source(output, begin, input.len()) {
        Some(at) => input[at],
        None => Interval::EMPTY,
    };
    (0..n_outputs).map(seen).collect()
}

fn interpolated(input: &[Interval], axis: &Axis) -> Vec<Interval> {
    let hull = |taps: &Vec<(usize, f32)>| Interval::hull_of(taps.iter().map(|&(at, _)| input[at]));
    axis.taps.iter().map(hull).collect()
}
