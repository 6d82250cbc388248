//! Rewriting a draft: what can be folded into a node before it, and what is computed at once.

use cnn_graph::limits::MAX_PAD;
use cnn_graph::{Op, PadMode, Window};

use crate::draft::{Draft, DraftId, DraftNode, DraftOp, n_readers};
use crate::error::Error;
use crate::idioms::product_idiom;

/// Passes over the nodes; every network that was seen is done after three.
const MAX_PASSES: usize = 16;

/// How far a factor may be from 1 to be dropped: half a step of `f32`, by which constants of files
/// are rounded.
const UNIT_TOLERANCE: f64 = 1.2e-7;

/// Rewrites until nothing changes. Nodes on which the output does not depend are left out.
pub(crate) fn fuse(draft: &mut Draft, mut output: DraftId) -> Result<DraftId, Error> {
    for _ in 0..MAX_PASSES {
        let n_before = draft.nodes.len();
        let nodes = std::mem::take(&mut draft.nodes);
        let (new, is_changed) = pass(draft, nodes, output)?;
        output = new;
        if !is_changed && draft.nodes.len() == n_before {
            break;
        }
    }
    Ok(output)
}

/// One pass. Nodes are put behind each other again, each read by what reads its old one.
fn pass(
    draft: &mut Draft,
    nodes: Vec<DraftNode>,
    output: DraftId,
) -> Result<(DraftId, bool), Error> {
    let n_readers = n_readers(&nodes, output);
    let mut fusing = Fusing {
        draft,
        n_readers: Vec::with_capacity(nodes.len()),
        is_changed: false,
    };
    let mut new_ids = vec![0; nodes.len()];
    for (old, mut node) in nodes.into_iter().enumerate() {
        if n_readers[old] == 0 {
            continue;
        }
        for input in &mut node.inputs {
            *input = new_ids[*input];
        }
        new_ids[old] = fusing.place(node, n_readers[old])?;
    }
    Ok((new_ids[output], fusing.is_changed))
}

struct Fusing<'d> {
    draft: &'d mut Draft,
    n_readers: Vec<usize>,
    is_changed: bool,
}

impl Fusing<'_> {
    /// Puts a node behind the others or into one of them; where its output is.
    fn place(&mut self, mut node: DraftNode, n_readers: usize) -> Result<DraftId, Error> {
        let input = node.inputs.first().copied();
        match (&mut node.op, input) {
            (DraftOp::Affine { scale, shift }, Some(input)) => {
                if is_identity(scale, shift) {
                    return Ok(self.passed(input, n_readers));
                }
                if self.n_readers[input] == 1
                    && absorb(&mut self.draft.nodes[input].op, scale, shift)
                {
                    self.draft.nodes[input].name = node.name;
                    self.n_readers[input] = n_readers;
                    self.is_changed = true;
                    return Ok(input);
                }
            }
            (DraftOp::Final(op), Some(input)) if is_pool_of_one(op) => {
                return Ok(self.passed(input, n_readers));
            }
            (DraftOp::Conv { window, .. }, Some(input)) => {
                let mut input = input;
                while let Some(before) = padded(&self.draft.nodes[input], window) {
                    self.is_changed = true;
                    input = before;
                }
                node.inputs[0] = input;
            }
            (DraftOp::Final(Op::Mul), Some(first)) => {
                let second = node.inputs[1];
                if let Some(found) = product_idiom(&self.draft.nodes, first, second) {
                    self.is_changed = true;
                    let op = DraftOp::Final(Op::Activation(found.activation));
                    return self.scaled(node, op, found.input, found.factor, n_readers);
                }
            }
            _ => {}
        }
        Ok(self.push(node, n_readers))
    }

    fn push(&mut self, node: DraftNode, n_readers: usize) -> DraftId {
        self.draft.nodes.push(node);
        self.n_readers.push(n_readers);
        self.draft.nodes.len() - 1
    }

    /// The readers of a node that does nothing read its input.
    fn passed(&mut self, input: DraftId, n_readers: usize) -> DraftId {
        self.is_changed = true;
        self.n_readers[input] += n_readers;
        self.n_readers[input] -= 1;
        input
    }

    /// A function of `input` in place of a node, times a factor.
    fn scaled(
        &mut self,
        node: DraftNode,
        op: DraftOp,
        input: DraftId,
        factor: f64,
        n_readers: usize,
    ) -> Result<DraftId, Error> {
        let n_channels = node.shape.n_channels();
        self.draft.reserve(2 * n_channels)?;
        let product = DraftNode {
            op: DraftOp::Affine {
                scale: vec![factor; n_channels],
                shift: vec![0.0; n_channels],
            },
            inputs: vec![self.draft.nodes.len()],
            ..node.clone()
        };
        let function = DraftNode {
            op,
            inputs: vec![input],
            ..node
        };
        let function = self.push(function, 1);
        match is_identity(&[factor], &[0.0]) {
            true => Ok(self.passed(function, n_readers)),
            false => Ok(self.push(product, n_readers)),
        }
    }
}

fn is_identity(scale: &[f64], shift: &[f64]) -> bool {
    scale.iter().all(|s| (s - 1.0).abs() <= UNIT_TOLERANCE) && shift.iter().all(|&s| s == 0.0)
}

/// Folds `scale x + shift` into the node that computes x, if it can be.
fn absorb(before: &mut DraftOp, scale: &[f64], shift: &[f64]) -> bool {
    match before {
        DraftOp::Conv { weight, bias, .. } | DraftOp::Gemm { weight, bias } => {
            multiply(&mut weight.scale, scale);
            multiply(bias, scale);
            add(bias, shift);
        }
        DraftOp::Affine {
            scale: own_scale,
            shift: own_shift,
        }
        | DraftOp::LayerNormalization {
            scale: own_scale,
            shift: own_shift,
            ..
        }
        | DraftOp::InstanceNormalization {
            scale: own_scale,
            shift: own_shift,
            ..
        } => {
            multiply(own_scale, scale);
            multiply(own_shift, scale);
            add(own_shift, shift);
        }
        DraftOp::Piece(_) | DraftOp::Final(_) => return false,
    }
    true
}

fn multiply(values: &mut [f64], factors: &[f64]) {
    values.iter_mut().zip(factors).for_each(|(v, f)| *v *= f);
}

fn add(values: &mut [f64], others: &[f64]) {
    values.iter_mut().zip(others).for_each(|(v, o)| *v += o);
}

fn is_pool_of_one(op: &Op) -> bool {
    match op {
        Op::AveragePool { window, .. } | Op::MaxPool { window, .. } => {
            window.kernel_shape == [1, 1] && window.strides == [1, 1] && window.pads == [0; 4]
        }
        _ => false,
    }
}

/// The input of zero padding that becomes part of the window of a convolution. In front of pooling
/// it stays: 0 is not what pools pad with.
fn padded(before: &DraftNode, window: &mut Window) -> Option<DraftId> {
    let DraftOp::Final(Op::Pad { pads, mode }) = &before.op else {
        return None;
    };
    if *mode != PadMode::Constant(0.0) {
        return None;
    }
    let mut sums = window.pads;
    for (sum, pad) in sums
        .iter_mut()
        .zip([pads.top, pads.left, pads.bottom, pads.right])
    {
        *sum += usize::try_from(pad).ok()?;
        if *sum > MAX_PAD {
            return None;
        }
    }
    window.pads = sums;
    before.inputs.first().copied()
}
