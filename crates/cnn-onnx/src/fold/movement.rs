//! Values in other places and shapes.

use super::elementwise::broadcast_steps;
use super::limit::{reserve, sizes};
use crate::array::{Array, Data, Kind, offsets, strides};
use crate::broadcast::broadcast;
use crate::call::Call;
use crate::draft::Draft;
use crate::error::Error;
use crate::reshape::{
    flatten_target, permutation, reshape_target, squeezed_axes, unsqueezed_axes, with_inserted,
};
use crate::select::{SliceRange, slice_ranges, split_sizes};

/// Reshape, Flatten, Squeeze and Unsqueeze: no value moves.
pub(super) fn renamed(call: &Call<'_, '_>) -> Result<Array, Error> {
    let array = call.constant(0)?;
    let before = &array.shape;
    let after = match call.node.op {
        "Reshape" => reshape_target(call, before)?,
        "Flatten" => flatten_target(call, before)?,
        "Squeeze" => {
            let gone = squeezed_axes(call, before)?;
            let left = (0..before.len()).filter(|at| !gone.contains(at));
            left.map(|at| before[at]).collect()
        }
        _ => with_inserted(before, &unsqueezed_axes(call, before.len())?, 1),
    };
    Ok(array.reshaped(after))
}

pub(super) fn transpose(draft: &mut Draft, call: &Call<'_, '_>) -> Result<Array, Error> {
    let array = call.constant(0)?;
    let order = permutation(call, array.rank())?;
    let steps = strides(&array.shape);
    let shape: Vec<usize> = order.iter().map(|&at| array.shape[at]).collect();
    let steps: Vec<usize> = order.iter().map(|&at| steps[at]).collect();
    reserve(draft, call, &shape)?;
    let places = offsets(&shape, &steps);
    Ok(array.choose(shape, &places))
}

pub(super) fn expand(draft: &mut Draft, call: &Call<'_, '_>) -> Result<Array, Error> {
    let array = call.constant(0)?;
    let target = sizes(call, call.int_list(1)?)?;
    let shape = broadcast(&array.shape, &target)
        .ok_or_else(|| call.misfit(format!("{:?} to {target:?}", array.shape)))?;
    reserve(draft, call, &shape)?;
    let places = offsets(&shape, &broadcast_steps(&array.shape, shape.len()));
    Ok(array.choose(shape, &places))
}

pub(super) fn concat(draft: &mut Draft, call: &Call<'_, '_>) -> Result<Array, Error> {
    let first = call.constant(0)?;
    let axis = call.axis(call.int("axis", 1)?, first.rank())?;
    let mut shape = first.shape.clone();
    shape[axis] = 0;
    let mut arrays = Vec::with_capacity(call.inputs.len());
    for index in 0..call.inputs.len() {
        let array = call.constant(index)?;
        let mut other = array.shape.clone();
        let fits = array.rank() == shape.len() && array.kind() == first.kind();
        if !fits || {
            other[axis] = shape[axis];
            other != shape
        } {
            return Err(call.misfit(format!("{:?} behind {:?}", array.shape, first.shape)));
        }
        shape[axis] = shape[axis].saturating_add(array.shape[axis]);
        arrays.push(array);
    }
    let n = reserve(draft, call, &shape)?;
    let n_before: usize = shape[..axis].iter().product();
    // Every array gives as many values for each index of the dimensions before the axis.
    let blocks = (0..n_before).flat_map(|at| arrays.iter().map(move |array| (at, array)));
    let places = blocks.flat_map(|(at, array)| {
        let len = array.len() / n_before;
        (at * len..(at + 1) * len).map(move |index| (array, index))
    });
    match first.kind() {
        Kind::I64 => {
            let mut values = Vec::with_capacity(n);
            for (array, index) in places {
                if let Data::I64(ints) = &array.data {
                    values.push(ints[index]);
                }
            }
            Ok(Array::i64(shape, values))
        }
        kind => {
            let values = places.map(|(array, index)| array.get(index)).collect();
            Ok(Array::from_f64(shape, values, kind))
        }
    }
}

pub(super) fn gather(draft: &mut Draft, call: &Call<'_, '_>) -> Result<Array, Error> {
    let array = call.constant(0)?;
    let axis = call.axis(call.int("axis", 0)?, array.rank())?;
    let indices = call.constant(1)?;
    let (before, after) = (&array.shape[..axis], &array.shape[axis + 1..]);
    let shape = [before, &indices.shape, after].concat();
    reserve(draft, call, &shape)?;
    let chosen = call.int_list(1)?.iter();
    let chosen = chosen.map(|&index| call.axis(index, array.shape[axis]));
    let chosen: Vec<usize> = chosen.collect::<Result<_, _>>()?;
    Ok(along(array, axis, shape, &chosen))
}

pub(super) fn slice(draft: &mut Draft, call: &Call<'_, '_>) -> Result<Array, Error> {
    let mut array = call.constant(0)?.clone();
    for (axis, range) in slice_ranges(call, &array.shape)? {
        array = ranged(draft, call, &array, axis, range)?;
    }
    Ok(array)
}

pub(super) fn split(draft: &mut Draft, call: &Call<'_, '_>) -> Result<Vec<Array>, Error> {
    let array = call.constant(0)?;
    let axis = call.axis(call.int("axis", 0)?, array.rank())?;
    let mut start = 0;
    let mut parts = Vec::new();
    for len in split_sizes(call, array.shape[axis])? {
        let range = SliceRange {
            start: start as i64,
            step: 1,
            len,
        };
        parts.push(ranged(draft, call, array, axis, range)?);
        start += len;
    }
    Ok(parts)
}

fn ranged(
    draft: &mut Draft,
    call: &Call<'_, '_>,
    array: &Array,
    axis: usize,
    range: SliceRange,
) -> Result<Array, Error> {
    if range.is_whole(array.shape[axis]) {
        return Ok(array.clone());
    }
    let mut shape = array.shape.clone();
    shape[axis] = range.len;
    reserve(draft, call, &shape)?;
    let chosen: Vec<usize> = range.indices().collect();
    Ok(along(array, axis, shape, &chosen))
}

/// The values at these indices of one dimension; `shape` is that of the result.
fn along(array: &Array, axis: usize, shape: Vec<usize>, chosen: &[usize]) -> Array {
    let n_before: usize = array.shape[..axis].iter().product();
    let n_after: usize = array.shape[axis + 1..].iter().product();
    let len = array.shape[axis];
    let mut places = Vec::with_capacity(n_before * chosen.len() * n_after);
    for before in 0..n_before {
        for &index in chosen {
            let start = (before * len + index) * n_after;
            places.extend(start..start + n_after);
        }
    }
    array.choose(shape, &places)
}
