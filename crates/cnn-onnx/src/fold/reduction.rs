//! Sums, products and extremes along dimensions.

use super::limit::reserve;
use crate::array::{Array, Kind, offsets, strides};
use crate::call::Call;
use crate::draft::Draft;
use crate::error::Error;

/// `ReduceSum`, `ReduceMean`, `ReduceProd`, `ReduceMax` and `ReduceMin`.
pub(super) fn reduce(draft: &mut Draft, call: &Call<'_, '_>) -> Result<Array, Error> {
    let array = call.constant(0)?;
    let rank = array.rank();
    let mut reduced = vec![false; rank];
    match call.attribute_or_input("axes", 1)? {
        Some(axes) if !axes.is_empty() => {
            for &axis in axes {
                reduced[call.axis(axis, rank)?] = true;
            }
        }
        _ if call.flag("noop_with_empty_axes")? => return Ok(array.clone()),
        _ => reduced.fill(true),
    }
    let kept = |at: &usize| !reduced[*at];
    let outer: Vec<usize> = (0..rank).filter(kept).collect();
    let inner: Vec<usize> = (0..rank).filter(|at| !kept(at)).collect();
    let steps = strides(&array.shape);
    let places = |dims: &[usize]| {
        let shape: Vec<usize> = dims.iter().map(|&at| array.shape[at]).collect();
        let steps: Vec<usize> = dims.iter().map(|&at| steps[at]).collect();
        offsets(&shape, &steps)
    };
    reserve(draft, call, &array.shape)?;
    let (outer_places, inner_places) = (places(&outer), places(&inner));
    let value = |&start: &usize| {
        let values = inner_places.iter().map(|&at| array.get(start + at));
        match call.node.op {
            "ReduceProd" => values.product(),
            "ReduceMax" => values.fold(f64::NEG_INFINITY, f64::max),
            "ReduceMin" => values.fold(f64::INFINITY, f64::min),
            "ReduceMean" => values.sum::<f64>() / inner_places.len() as f64,
            _ => values.sum(),
        }
    };
    let values: Vec<f64> = outer_places.iter().map(value).collect();
    // Whole numbers are computed in f64, which is exact up to here.
    let is_exact = values
        .iter()
        .all(|value| value.abs() < (1_u64 << 53) as f64);
    if array.kind() == Kind::I64 && !is_exact {
        return Err(call.misfit("whole numbers without an answer"));
    }
    let keeps = call.int("keepdims", 1)? != 0;
    let size = |at: usize| match reduced[at] {
        false => Some(array.shape[at]),
        true => keeps.then_some(1),
    };
    let shape = (0..rank).filter_map(size).collect();
    Ok(Array::from_f64(shape, values, array.kind()))
}
