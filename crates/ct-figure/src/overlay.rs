use image::{GrayImage, Luma, Rgb, RgbImage, Rgba, RgbaImage};

use crate::colormap::ColorMap;
use crate::limits::check_vmax;
use crate::{Error, GreySlice, Saliency, otsu};

/// Opacity of the colours over the slice.
const ALPHA: f32 = 0.5;

/// The slice in grey, with the part of the map above its Otsu threshold in colour over it.
///
/// A pixel with saliency above [`otsu`] is half the grey and half the colour of its saliency between
/// `-vmax` (blue), 0 (white) and `vmax` (red), matplotlib's `bwr`; every other pixel is the grey alone. The
/// image has one pixel per pixel of the slice. [`Limits::vmax`](crate::Limits::vmax) gives a `vmax`.
///
/// # Errors
///
/// [`Error::Dims`] unless both have the same size; [`Error::FixedLimit`] unless `vmax` is finite and
/// positive; [`Error::FigureTooLarge`] if a side does not fit in 32 bits.
pub fn overlay(slice: &GreySlice<'_>, map: &Saliency<'_>, vmax: f32) -> Result<RgbImage, Error> {
    check_same_dims(slice, map)?;
    let mut image = grey(slice)?;
    for (pixel, color) in image.pixels_mut().zip(Heat::new(map, vmax)?.colors()) {
        if let Some(color) = color {
            *pixel = blend(*pixel, color);
        }
    }
    Ok(image)
}

/// The colours of [`overlay`] alone, to be laid over the slice at any opacity.
///
/// A pixel with saliency above [`otsu`] is opaque in the colour of its saliency; every other pixel is
/// transparent black. At half opacity over the slice this is [`overlay`].
///
/// # Errors
///
/// [`Error::FixedLimit`] unless `vmax` is finite and positive; [`Error::FigureTooLarge`] if a side does not
/// fit in 32 bits.
pub fn heat(map: &Saliency<'_>, vmax: f32) -> Result<RgbaImage, Error> {
    let (width, height) = size_of(map.dims())?;
    let mut image = RgbaImage::new(width, height);
    for (pixel, color) in image.pixels_mut().zip(Heat::new(map, vmax)?.colors()) {
        if let Some(Rgb([red, green, blue])) = color {
            *pixel = Rgba([red, green, blue, 255]);
        }
    }
    Ok(image)
}

/// A map with its threshold and its colours.
struct Heat<'a> {
    map: &'a Saliency<'a>,
    vmax: f32,
    threshold: f32,
    colormap: ColorMap,
}

impl<'a> Heat<'a> {
    fn new(map: &'a Saliency<'a>, vmax: f32) -> Result<Heat<'a>, Error> {
        Ok(Heat {
            map,
            vmax: check_vmax(vmax)?,
            threshold: otsu(map),
            colormap: ColorMap::bwr()?,
        })
    }

    /// The colour of each pixel, row-major; none at or below the threshold.
    fn colors(&self) -> impl Iterator<Item = Option<Rgb<u8>>> {
        self.map
            .values()
            .iter()
            .map(|&value| (value > self.threshold).then(|| self.colormap.color(value, self.vmax)))
    }
}

/// The slice alone.
pub(crate) fn grey(slice: &GreySlice<'_>) -> Result<RgbImage, Error> {
    let luma = luma(slice)?;
    let mut image = RgbImage::new(luma.width(), luma.height());
    for (pixel, Luma([value])) in image.pixels_mut().zip(luma.pixels()) {
        *pixel = Rgb([*value; 3]);
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

/// `(width, height)` of the image of a slice.
pub(crate) fn image_size(slice: &GreySlice<'_>) -> Result<(u32, u32), Error> {
    size_of(slice.dims())
}

fn size_of((rows, cols): (usize, usize)) -> Result<(u32, u32), Error> {
    match (u32::try_from(cols), u32::try_from(rows)) {
        (Ok(width), Ok(height)) => Ok((width, height)),
        _ => Err(Error::FigureTooLarge {
            width: cols as u64,
            height: rows as u64,
            limit: crate::figure::MAX_PIXELS,
        }),
    }
}

pub(crate) fn check_same_dims(slice: &GreySlice<'_>, map: &Saliency<'_>) -> Result<(), Error> {
    if slice.dims() == map.dims() {
        Ok(())
    } else {
        Err(Error::Dims {
            slice: slice.dims(),
            saliency: map.dims(),
        })
    }
}

fn blend(below: Rgb<u8>, above: Rgb<u8>) -> Rgb<u8> {
    let mix = |channel: usize| {
        let (below, above) = (f32::from(below.0[channel]), f32::from(above.0[channel]));
        (ALPHA * above + (1.0 - ALPHA) * below).round() as u8
    };
    Rgb([mix(0), mix(1), mix(2)])
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIMS: (usize, usize) = (2, 3);

    #[test]
    fn kept_pixels_are_half_colour_and_half_grey() {
        let grey = [0.0, 0.2, 0.4, 0.6, 0.8, 1.0];
        let map = [0.0, 0.0, 0.9, 0.0, 1.0, 2.0];
        let image = overlay(
            &GreySlice::new(&grey, DIMS).unwrap(),
            &Saliency::new(&map, DIMS).unwrap(),
            1.8,
        )
        .unwrap();

        assert_eq!(image.dimensions(), (3, 2));
        // Threshold: the best split is after the bin of 0, so all three values are kept.
        assert_eq!(*image.get_pixel(0, 0), Rgb([0, 0, 0]));
        assert_eq!(*image.get_pixel(1, 0), Rgb([51, 51, 51]));
        // (0.9 + 1.8) / 3.6 = 0.75, level 192: (255, 126, 126). Grey 102. Halves: 178.5, 114.
        assert_eq!(*image.get_pixel(2, 0), Rgb([179, 114, 114]));
        assert_eq!(*image.get_pixel(0, 1), Rgb([153, 153, 153]));
        // 2.0 is beyond the limit: pure red over white.
        assert_eq!(*image.get_pixel(2, 1), Rgb([255, 128, 128]));
    }

    #[test]
    fn kept_pixels_below_zero_are_blue() {
        let map = [-4.0, -4.0, -4.0, -1.0, -1.0, -4.0];
        let image = overlay(
            &GreySlice::new(&[0.0; 6], DIMS).unwrap(),
            &Saliency::new(&map, DIMS).unwrap(),
            1.0,
        )
        .unwrap();
        assert_eq!(*image.get_pixel(0, 1), Rgb([0, 0, 128]));
        assert_eq!(*image.get_pixel(2, 1), Rgb([0, 0, 0]));
    }

    #[test]
    fn a_flat_map_leaves_the_slice_grey() {
        let slice = GreySlice::new(&[0.5; 6], DIMS).unwrap();
        for value in [0.0, 0.3, -0.3] {
            let map = [value; 6];
            let image = overlay(&slice, &Saliency::new(&map, DIMS).unwrap(), 1.0).unwrap();
            assert!(image.pixels().all(|pixel| *pixel == Rgb([128; 3])));
        }
    }

    #[test]
    fn the_heat_at_half_opacity_is_the_overlay() {
        let grey = [0.0, 0.2, 0.4, 0.6, 0.8, 1.0];
        let map = [0.0, -1.0, 0.9, 0.0, 1.0, 2.0];
        let (slice, map) = (
            GreySlice::new(&grey, DIMS).unwrap(),
            Saliency::new(&map, DIMS).unwrap(),
        );
        let (below, above) = (super::grey(&slice).unwrap(), heat(&map, 1.8).unwrap());
        assert_eq!(above.dimensions(), (3, 2));
        assert_eq!(*above.get_pixel(2, 0), Rgba([255, 126, 126, 255]));
        assert_eq!(*above.get_pixel(1, 0), Rgba([0; 4]));
        let image = overlay(&slice, &map, 1.8).unwrap();
        for ((over, below), above) in image.pixels().zip(below.pixels()).zip(above.pixels()) {
            let Rgba([red, green, blue, alpha]) = *above;
            match alpha {
                0 => assert_eq!(over, below),
                _ => assert_eq!(*over, blend(*below, Rgb([red, green, blue]))),
            }
        }
    }

    #[test]
    fn the_heat_of_a_flat_map_is_transparent() {
        let image = heat(&Saliency::new(&[0.3; 6], DIMS).unwrap(), 1.0).unwrap();
        assert!(image.pixels().all(|pixel| *pixel == Rgba([0; 4])));
    }

    #[test]
    fn rejects_a_map_of_another_size() {
        let slice = GreySlice::new(&[0.5; 6], (2, 3)).unwrap();
        let map = Saliency::new(&[0.5; 6], (3, 2)).unwrap();
        let error = overlay(&slice, &map, 1.0).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the slice has 2 x 3 pixels, its saliency map 3 x 2"
        );
    }

    #[test]
    fn rejects_a_limit_of_zero() {
        let slice = GreySlice::new(&[0.5; 6], DIMS).unwrap();
        let map = Saliency::new(&[0.5; 6], DIMS).unwrap();
        let error = overlay(&slice, &map, 0.0).unwrap_err();
        assert!(matches!(error, Error::FixedLimit(_)));
        let error = heat(&map, 0.0).unwrap_err();
        assert!(matches!(error, Error::FixedLimit(_)));
    }
}
