//! The dimensions that Reshape, Flatten, Squeeze, Unsqueeze and Transpose ask for.

use crate::array::{MAX_RANK, n_values};
use crate::call::Call;
use crate::error::Error;

/// 0 keeps a dimension unless `allowzero` is set; -1 is what is left.
pub(crate) fn reshape_target(call: &Call<'_, '_>, before: &[usize]) -> Result<Vec<usize>, Error> {
    let wanted = match call.ints("shape")? {
        Some(shape) => shape,
        None => call.int_list(1)?,
    };
    let misfit = || call.misfit(format!("{before:?} does not become {wanted:?}"));
    if wanted.len() > MAX_RANK {
        return Err(call.misfit(format!("more than {MAX_RANK} dimensions")));
    }
    let keeps_zero = call.flag("allowzero")?;
    let mut target = Vec::with_capacity(wanted.len());
    let mut open = None;
    for (at, &size) in wanted.iter().enumerate() {
        target.push(match size {
            0 if !keeps_zero => *before.get(at).ok_or_else(misfit)?,
            -1 if open.is_none() => {
                open = Some(at);
                1
            }
            size => usize::try_from(size).map_err(|_| misfit())?,
        });
    }
    let n_before = n_values(before).ok_or_else(misfit)?;
    let n_given = n_values(&target).ok_or_else(misfit)?;
    if let Some(open) = open {
        target[open] = n_before.checked_div(n_given).ok_or_else(misfit)?;
    }
    if n_values(&target) != Some(n_before) {
        return Err(misfit());
    }
    Ok(target)
}

/// Two dimensions: those before `axis`, and those from it on.
pub(crate) fn flatten_target(call: &Call<'_, '_>, before: &[usize]) -> Result<Vec<usize>, Error> {
    let axis = call.int("axis", 1)?;
    let rank = before.len();
    let axis = match usize::try_from(axis) {
        Ok(axis) if axis == rank => rank,
        _ => call.axis(axis, rank)?,
    };
    let (first, second) = before.split_at(axis);
    Ok(vec![first.iter().product(), second.iter().product()])
}

/// Dimensions of 1 that Squeeze takes away; all of them where it names none.
pub(crate) fn squeezed_axes(call: &Call<'_, '_>, before: &[usize]) -> Result<Vec<usize>, Error> {
    let Some(axes) = call.attribute_or_input("axes", 1)? else {
        let sizes = before.iter().enumerate();
        let ones = sizes.filter(|&(_, &size)| size == 1);
        return Ok(ones.map(|(at, _)| at).collect());
    };
    let mut gone = Vec::with_capacity(before.len());
    for &axis in axes {
        let axis = call.axis(axis, before.len())?;
        if before[axis] != 1 {
            return Err(call.misfit(format!("axis {axis} is {}, expected 1", before[axis])));
        }
        if !gone.contains(&axis) {
            gone.push(axis);
        }
    }
    Ok(gone)
}

/// Dimensions of 1 that Unsqueeze adds, by their places in the result.
pub(crate) fn unsqueezed_axes(call: &Call<'_, '_>, rank: usize) -> Result<Vec<usize>, Error> {
    let axes = call.attribute_or_input("axes", 1)?.unwrap_or(&[]);
    let rank = rank + axes.len();
    if rank > MAX_RANK {
        return Err(call.misfit(format!("more than {MAX_RANK} dimensions")));
    }
    let mut new = Vec::with_capacity(axes.len());
    for &axis in axes {
        let axis = call.axis(axis, rank)?;
        if new.contains(&axis) {
            return Err(call.misfit(format!("axis {axis} is added twice")));
        }
        new.push(axis);
    }
    Ok(new)
}

/// A list with an item at each of these places of the result.
pub(crate) fn with_inserted<T: Copy>(list: &[T], places: &[usize], item: T) -> Vec<T> {
    let mut rest = list.iter();
    let place = |at| match places.contains(&at) {
        true => Some(item),
        false => rest.next().copied(),
    };
    (0..list.len() + places.len()).filter_map(place).collect()
}

/// The order of a Transpose, by default the reverse.
pub(crate) fn permutation(call: &Call<'_, '_>, rank: usize) -> Result<Vec<usize>, Error> {
    let Some(perm) = call.ints("perm")? else {
        return Ok((0..rank).rev().collect());
    };
    let order: Option<Vec<usize>> = perm.iter().map(|&at| usize::try_from(at).ok()).collect();
    let is_valid = |order: &Vec<usize>| {
        let mut sorted = order.clone();
        sorted.sort_unstable();
        sorted.iter().copied().eq(0..rank)
    };
    order.filter(is_valid).ok_or_else(|| {
        let expected = format!("an order of {rank} dimensions");
        call.unexpected("perm", format!("{perm:?}"), &expected)
    })
}
