use crate::Saliency;

/// Bins of the histogram, as in `skimage.filters.threshold_otsu`.
const N_BINS: usize = 256;

/// The threshold of Otsu (1979) from a histogram of 256 bins, as the notebook of h-Shap takes it: it keeps
/// the pixels above. A constant map is its own threshold.
///
/// [`map_metrics::otsu`] says how ties and extreme values are treated.
#[must_use]
pub fn otsu(map: &Saliency<'_>) -> f32 {
    map_metrics::otsu(map.map(), N_BINS)
}
