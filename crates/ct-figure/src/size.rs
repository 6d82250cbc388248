use crate::{Error, GreySlice};

/// Pixels a figure may have: 192 MiB as RGB.
pub(crate) const MAX_PIXELS: u64 = 1 << 26;

/// `(width, height)` of the image of a slice.
pub(crate) fn image_size(slice: &GreySlice<'_>) -> Result<(u32, u32), Error> {
    let (rows, cols) = slice.dims();
    match (u32::try_from(cols), u32::try_from(rows)) {
        (Ok(width), Ok(height)) => Ok((width, height)),
        _ => Err(Error::FigureTooLarge {
            width: cols as u64,
            height: rows as u64,
            limit: MAX_PIXELS,
        }),
    }
}

/// Passes images of at most `limit` pixels.
pub(crate) fn check_size(width: u64, height: u64, limit: u64) -> Result<(), Error> {
    match width.checked_mul(height) {
        Some(n_pixels) if n_pixels <= limit => Ok(()),
        _ => Err(Error::FigureTooLarge {
            width,
            height,
            limit,
        }),
    }
}
