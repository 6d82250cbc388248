use image::{GrayImage, Luma, RgbImage};

use crate::size::image_size;
use crate::{Colormap, Error, Figure, GreySlice, Heat, Limits};

/// The slice in grey with the map over it, and the scale of its colours.
///
/// The image has one pixel per pixel of the slice. Several slices have one scale if `limits` is
/// [`Limits::Fixed`] at what [`Limits::scale`] makes of their largest [`Heat::largest`].
///
/// ```
/// use ct_figure::{Colormap, GreySlice, Heat, Limits, Saliency, encode_png, overlay};
///
/// let dims = (2, 3);
/// let slice = GreySlice::new(&[0.1, 0.4, 0.4, 0.4, 0.4, 0.1], dims)?;
/// let heat = Heat::new(Saliency::new(&[0.0, 0.0, 0.3, 0.0, 0.0, 0.0], dims)?);
/// let figure = overlay(&slice, &heat, Limits::default(), Colormap::default())?;
/// assert_eq!(figure.image.dimensions(), (3, 2));
/// assert_eq!(figure.scale, Some(0.3));
/// let png = encode_png(&figure.image)?;
/// # assert!(png.starts_with(b"\x89PNG"));
/// # Ok::<(), ct_figure::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::Dims`] unless both have the same size; the errors of [`Limits::scale`];
/// [`Error::FigureTooLarge`] if a side does not fit in 32 bits.
pub fn overlay(
    slice: &GreySlice<'_>,
    heat: &Heat<'_>,
    limits: Limits,
    colormap: Colormap,
) -> Result<Figure, Error> {
    let scale = limits.scale(heat.largest())?;
    Ok(Figure {
        image: blend(slice, heat, scale, colormap)?,
        scale: Some(scale),
    })
}

/// The slice with the map over it: full colour stands for plus and minus `scale`, which is finite and
/// positive.
pub(crate) fn blend(
    slice: &GreySlice<'_>,
    heat: &Heat<'_>,
    scale: f32,
    colormap: Colormap,
) -> Result<RgbImage, Error> {
    check_same_dims(slice, heat)?;
    let luma = luma(slice)?;
    let mut image = RgbImage::new(luma.width(), luma.height());
    for ((pixel, Luma([grey])), value) in image.pixels_mut().zip(luma.pixels()).zip(heat.values()) {
        *pixel = colormap.over(*grey, value / scale);
    }
    Ok(image)
}

/// The slice alone, in one channel.
pub(crate) fn luma(slice: &GreySlice<'_>) -> Result<GrayImage, Error> {
    let (width, height) = image_size(slice)?;
    let mut image = GrayImage::new(width, height);
    for (pixel, &value) in image.pixels_mut().zip(slice.values()) {
        *pixel = Luma([(value * 255.0).round() as u8]);
    }
    Ok(image)
}

pub(crate) fn check_same_dims(slice: &GreySlice<'_>, heat: &Heat<'_>) -> Result<(), Error> {
    if slice.dims() == heat.dims() {
        Ok(())
    } else {
        Err(Error::Dims {
            slice: slice.dims(),
            saliency: heat.dims(),
        })
    }
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;
    use crate::Saliency;

    const DIMS: (usize, usize) = (2, 3);

    fn drawn(grey: &[f32], map: &[f32], scale: f32, colormap: Colormap) -> RgbImage {
        let heat = Heat::new(Saliency::new(map, DIMS).unwrap());
        let slice = GreySlice::new(grey, DIMS).unwrap();
        let figure = overlay(&slice, &heat, Limits::Fixed(scale), colormap).unwrap();
        assert_eq!(figure.scale, Some(scale));
        figure.image
    }

    #[test]
    fn kept_pixels_are_coloured_and_others_are_grey() {
        let grey = [0.0, 0.2, 0.4, 0.6, 0.8, 1.0];
        let map = [0.0, 0.0, 0.9, 0.0, 1.0, 2.0];
        // Threshold: the best split is after the bin of 0, so all three values are kept.
        let image = drawn(&grey, &map, 1.8, Colormap::Bwr);
        assert_eq!(image.dimensions(), (3, 2));
        assert_eq!(*image.get_pixel(0, 0), Rgb([0, 0, 0]));
        assert_eq!(*image.get_pixel(1, 0), Rgb([51, 51, 51]));
        // Half way from white to red: (255, 127.5, 127.5). Grey 102. Halves: 178.5, 114.75.
        assert_eq!(*image.get_pixel(2, 0), Rgb([179, 115, 115]));
        assert_eq!(*image.get_pixel(0, 1), Rgb([153, 153, 153]));
        // 2.0 is beyond the scale: pure red over white.
        assert_eq!(*image.get_pixel(2, 1), Rgb([255, 128, 128]));

        // The same pixels in orange: opacity 0.4 over 102, then 0.8 over white.
        let image = drawn(&grey, &map, 1.8, Colormap::OrangeBlue);
        assert_eq!(*image.get_pixel(1, 0), Rgb([51, 51, 51]));
        assert_eq!(*image.get_pixel(2, 0), Rgb([163, 105, 61]));
        assert_eq!(*image.get_pixel(2, 1), Rgb([255, 139, 51]));
    }

    #[test]
    fn kept_pixels_below_zero_are_blue() {
        let map = [-4.0, -4.0, -4.0, -1.0, -1.0, -4.0];
        let image = drawn(&[0.0; 6], &map, 1.0, Colormap::Bwr);
        assert_eq!(*image.get_pixel(0, 1), Rgb([0, 0, 128]));
        assert_eq!(*image.get_pixel(2, 1), Rgb([0, 0, 0]));
        let image = drawn(&[0.0; 6], &map, 1.0, Colormap::OrangeBlue);
        assert_eq!(*image.get_pixel(0, 1), Rgb([0, 91, 204]));
    }

    #[test]
    fn a_flat_map_leaves_the_slice_grey() {
        for value in [0.0, 0.3, -0.3] {
            let image = drawn(&[0.5; 6], &[value; 6], 1.0, Colormap::default());
            assert!(image.pixels().all(|pixel| *pixel == Rgb([128; 3])));
        }
    }

    #[test]
    fn a_small_score_on_a_large_scale_is_nearly_transparent() {
        let map = [0.0, 0.0, 8e-4, 0.0, 8e-4, 8e-4];
        let image = drawn(&[0.5; 6], &map, 0.1, Colormap::default());
        for Rgb(pixel) in image.pixels() {
            assert!(pixel.iter().all(|channel| channel.abs_diff(128) <= 1));
        }
    }

    #[test]
    fn rejects_a_map_of_another_size() {
        let slice = GreySlice::new(&[0.5; 6], (2, 3)).unwrap();
        let heat = Heat::new(Saliency::new(&[0.5; 6], (3, 2)).unwrap());
        let limits = Limits::default();
        let error = overlay(&slice, &heat, limits, Colormap::default()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the slice has 2 x 3 pixels, its saliency map 3 x 2"
        );
    }

    #[test]
    fn rejects_a_scale_of_zero() {
        let slice = GreySlice::new(&[0.5; 6], DIMS).unwrap();
        let heat = Heat::new(Saliency::new(&[0.5; 6], DIMS).unwrap());
        let limits = Limits::Fixed(0.0);
        let error = overlay(&slice, &heat, limits, Colormap::default()).unwrap_err();
        assert!(matches!(error, Error::FixedLimit(_)));
    }
}
