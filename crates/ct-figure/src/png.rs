use std::io::Cursor;

use image::{ImageFormat, RgbImage};

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
        .map_err(Error::Png)?;
    Ok(bytes)
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
    fn rejects_an_image_without_pixels() {
        let error = encode_png(&RgbImage::new(0, 0)).unwrap_err();
        assert!(matches!(error, Error::Png(_)));
    }
}
