use ct_io::HuSlice;

use super::filter::ResampleFilter;
use super::grid::check_side;
use super::weights::{Edge, Weights, separable};
use crate::Error;
#[cfg(doc)]
use crate::ResampleError;

/// The slice with another number of pixels over the same field of view.
///
/// As `torch.nn.functional.interpolate` with `antialias=True` and `align_corners=False`, in f64:
/// mode `bilinear` for [`ResampleFilter::Triangle`], `bicubic` for [`ResampleFilter::CatmullRom`]. A
/// slice of this size is returned as it is.
///
/// # Errors
///
/// [`ResampleError::Grid`] for no or too many pixels, and [`Error::Image`] where a cubic filter
/// leaves the range of an `f32`.
pub fn resample(
    slice: &HuSlice,
    rows: usize,
    cols: usize,
    filter: ResampleFilter,
) -> Result<HuSlice, Error> {
    for side in [rows, cols] {
        check_side(side)?;
    }
    if (rows, cols) == (slice.rows(), slice.cols()) {
        return Ok(slice.clone());
    }
    let weights = |n_in: usize, n_out: usize| {
        let scale = n_in as f64 / n_out as f64;
        Weights::sampling(filter, (n_in, n_out), (scale, 0.0), Edge::Renormalised)
    };
    let (along_rows, along_cols) = (weights(slice.rows(), rows), weights(slice.cols(), cols));
    let values = separable(slice.values_hu(), &along_rows, &along_cols);
    Ok(HuSlice::new(values, rows, cols)?)
}
