//! Products by which exporters write functions of one value.

use std::f64::consts::FRAC_1_SQRT_2;

use cnn_graph::{Activation, Op};

use crate::draft::{DraftId, DraftNode, DraftOp};

/// How far a constant may be from the exact one, relative to it. Files round to `f32`.
const TOLERANCE: f64 = 1e-6;

/// A function of a value times a factor.
#[derive(Debug)]
pub(crate) struct Idiom {
    pub(crate) activation: Activation,
    pub(crate) input: DraftId,
    pub(crate) factor: f64,
}

/// What the product of two nodes is, where it is a function of one of them:
/// `x sigmoid(x)`, `x hard_sigmoid(x)`, `x clip(x + 3, 0, 6)`, `x tanh(softplus(x))` or
/// `x (1 + erf(x / sqrt(2)))`, with factors in any place.
pub(crate) fn product_idiom(nodes: &[DraftNode], first: DraftId, second: DraftId) -> Option<Idiom> {
    let either = [(first, second), (second, first)];
    either.into_iter().find_map(|(value, gate)| {
        let (gate, gate_factor) = unscaled(nodes, gate);
        let (activation, input, factor) = gate_of(nodes, gate)?;
        let value_factor = match unscaled(nodes, value) {
            _ if value == input => 1.0,
            (value, factor) if value == input => factor,
            _ => return None,
        };
        Some(Idiom {
            activation,
            input,
            factor: factor * gate_factor * value_factor,
        })
    })
}

/// The function that a value times this node is, of which value, and its factor.
fn gate_of(nodes: &[DraftNode], gate: DraftId) -> Option<(Activation, DraftId, f64)> {
    if let Some((scale, shift, erf)) = uniform(&nodes[gate]) {
        // x k (1 + erf(x / sqrt(2))) = 2 k gelu(x)
        let (Activation::Erf, scaled) = activation(&nodes[erf])? else {
            return None;
        };
        let (factor, none, input) = uniform(&nodes[scaled])?;
        let is_gelu = is_close(shift, scale) && is_close(factor, FRAC_1_SQRT_2) && none == 0.0;
        return is_gelu.then_some((Activation::Gelu { tanh: false }, input, 2.0 * scale));
    }
    match activation(&nodes[gate])? {
        (Activation::Sigmoid, input) => Some((Activation::Silu, input, 1.0)),
        (Activation::HardSigmoid { alpha, beta }, input)
            if is_close(f64::from(*alpha), 1.0 / 6.0) && *beta == 0.5 =>
        {
            Some((Activation::HardSwish, input, 1.0))
        }
        // x clip(x + 3, 0, 6) = 6 hard_swish(x)
        (Activation::Clip { min, max }, moved) if *min == 0.0 && *max == 6.0 => {
            let (scale, shift, input) = uniform(&nodes[moved])?;
            (scale == 1.0 && shift == 3.0).then_some((Activation::HardSwish, input, 6.0))
        }
        (Activation::Tanh, softplus) => match activation(&nodes[softplus])? {
            (Activation::Softplus, input) => Some((Activation::Mish, input, 1.0)),
            _ => None,
        },
        _ => None,
    }
}

fn is_close(found: f64, exact: f64) -> bool {
    (found - exact).abs() <= TOLERANCE * exact.abs()
}

fn activation(node: &DraftNode) -> Option<(&Activation, DraftId)> {
    match &node.op {
        DraftOp::Final(Op::Activation(activation)) => Some((activation, *node.inputs.first()?)),
        _ => None,
    }
}

/// Scale, shift and input of an affine map that is the same for all channels.
pub(crate) fn uniform(node: &DraftNode) -> Option<(f64, f64, DraftId)> {
    let DraftOp::Affine { scale, shift } = &node.op else {
        return None;
    };
    let (&first_scale, &first_shift) = (scale.first()?, shift.first()?);
    let is_uniform =
        scale.iter().all(|&s| s == first_scale) && shift.iter().all(|&s| s == first_shift);
    is_uniform.then_some((first_scale, first_shift, *node.inputs.first()?))
}

/// The value that a node multiplies by a factor, and the factor; any other node times 1.
fn unscaled(nodes: &[DraftNode], id: DraftId) -> (DraftId, f64) {
    match uniform(&nodes[id]) {
        Some((factor, 0.0, input)) => (input, factor),
        _ => (id, 1.0),
    }
}
