use std::io::Cursor;
use std::ops::Deref;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{EncodableLayout, ImageBuffer, ImageFormat, PixelWithColorType, RgbImage};

use crate::Error;

/// Encodes a figure as a PNG file of 8-bit RGB; writing it is the caller's part.
///
/// # Errors
///
/// [`Error::Png`] if the encoder fails, as it does on an image without pixels.
pub fn encode_png(image: &RgbImage) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    image
        .write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png)
        .map_err(|error| Error::Png(Box::new(error)))?;
    Ok(bytes)
}

/// A PNG of any pixel type as a `data:` URI. It is compressed harder than a figure: a report has hundreds.
pub(crate) fn data_uri<P, C>(image: &ImageBuffer<P, C>) -> Result<String, Error>
where
    P: PixelWithColorType,
    [P::Subpixel]: EncodableLayout,
    C: Deref<Target = [P::Subpixel]>,
{
    let mut bytes = Vec::new();
    let encoder =
        PngEncoder::new_with_quality(&mut bytes, CompressionType::Default, FilterType::Adaptive);
    image
        .write_with_encoder(encoder)
        .map_err(|error| Error::Png(Box::new(error)))?;
    let mut uri = "data:image/png;base64,".to_owned();
    STANDARD.encode_string(&bytes, &mut uri);
    Ok(uri)
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    #[test]
    fn a_png_decodes_to_the_same_pixels() {
        let image = RgbImage::from_fn(5, 3, |x, y| Rgb([40 * x as u8, 80 * y as u8, 7]));
        let bytes = encode_png(&image).unwrap();
        let decoded = image::load_from_memory_with_format(&bytes, ImageFormat::Png).unwrap();
        assert_eq!(decoded.as_rgb8(), Some(&image));
    }

    #[test]
    fn a_data_uri_keeps_the_pixel_type() {
        let image = image::GrayImage::from_fn(5, 3, |x, y| image::Luma([40 * x as u8 + y as u8]));
        let uri = data_uri(&image).unwrap();
        let bytes = STANDARD
            .decode(uri.strip_prefix("data:image/png;base64,").unwrap())
            .unwrap();
        let decoded = image::load_from_memory_with_format(&bytes, ImageFormat::Png).unwrap();
        assert_eq!(decoded.as_luma8(), Some(&image));
    }

    #[test]
    fn rejects_an_image_without_pixels() {
        let error = encode_png(&RgbImage::new(0, 0)).unwrap_err();
        assert!(matches!(error, Error::Png(_)));
        let error = data_uri(&RgbImage::new(0, 0)).unwrap_err();
        assert!(matches!(error, Error::Png(_)));
    }
}
