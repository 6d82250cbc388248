use ab_glyph::FontRef;
use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};
use imageproc::drawing::draw_filled_rect_mut;
use imageproc::rect::Rect;

use crate::figure::{MAX_PIXELS, check_size};
use crate::overlay::{grey, image_size};
use crate::panel::{RED, enlarge};
use crate::text::{BLACK, GREY, Line, font};
use crate::{Error, GreySlice, Saliency, overlay};

/// Sides thumbnails may have.
const SIDES_PX: std::ops::RangeInclusive<u32> = 32..=1024;
/// Pixels of a frame, drawn around the thumbnail and not on it.
const FRAME_PX: u32 = 3;
const MARGIN_PX: u32 = 12;
const GAP_PX: u32 = 8;
const CAPTION_GAP_PX: u32 = 3;
const TEXT_PX: f32 = 13.0;

const WHITE: Rgb<u8> = Rgb([255, 255, 255]);

/// One slice of a contact sheet.
#[derive(Debug, Clone, Copy)]
pub struct SheetSlice<'a> {
    /// The slice.
    pub grey: GreySlice<'a>,
    /// Its map, of the same size; without one the slice is drawn in grey.
    pub saliency: Option<Saliency<'a>>,
    /// Where the colours of the map end; see [`Limits::vmax`](crate::Limits::vmax). Without a map it is
    /// not looked at.
    pub vmax: f32,
    /// Number of the slice in its series, the first half of its caption.
    pub number: usize,
    /// Probability of the class, the second half, with two decimals.
    pub probability: f32,
    /// The class: 1 gets a red frame.
    pub prediction: u8,
}

/// A slice drawn small, so that a long series fits in memory.
#[derive(Debug, Clone)]
pub struct Thumbnail {
    image: RgbImage,
    caption: String,
    is_framed: bool,
}

impl Thumbnail {
    /// Draws a slice with its longest side at most `side_px` pixels, from 32 to 1024; a value beyond is
    /// the nearest of these.
    ///
    /// A larger slice is averaged down; a smaller one is enlarged by the largest whole factor that fits.
    ///
    /// # Errors
    ///
    /// The errors of [`overlay`], and [`Error::FigureTooLarge`] for a slice above 2^26 pixels.
    pub fn draw(slice: &SheetSlice<'_>, side_px: u32) -> Result<Thumbnail, Error> {
        let (width, height) = image_size(&slice.grey)?;
        check_size(width.into(), height.into(), MAX_PIXELS)?;
        let image = match &slice.saliency {
            Some(map) => overlay(&slice.grey, map, slice.vmax)?,
            None => grey(&slice.grey)?,
        };
        let side_px = side_px.clamp(*SIDES_PX.start(), *SIDES_PX.end());
        let factor = (side_px / width.max(height)).max(1);
        Ok(Thumbnail {
            image: reduce(enlarge(image, factor), side_px),
            caption: format!("{}  {:.2}", slice.number, slice.probability),
            is_framed: slice.prediction == 1,
        })
    }
}

/// How a contact sheet is drawn.
///
/// | field | default | purpose | invalid |
/// | --- | --- | --- | --- |
/// | `max_pixels` | 2^24 | pixels of the sheet; thumbnails shrink to keep it | too few for thumbnails of 32 pixels |
/// | `footer` | none | small print below the thumbnails | |
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetConfig {
    /// Pixels the sheet may have, at most 2^26: thumbnails shrink to keep it.
    pub max_pixels: u64,
    /// Small print below the thumbnails.
    pub footer: Option<String>,
}

impl Default for SheetConfig {
    fn default() -> Self {
        SheetConfig {
            max_pixels: 1 << 24,
            footer: None,
        }
    }
}

/// Draws a series on one image, on white: thumbnails row by row in a grid about as wide as it is high, each
/// with its number and its probability below, and a red frame around those with prediction 1.
///
/// ```
/// use ct_figure::{GreySlice, SheetConfig, SheetSlice, Thumbnail, contact_sheet};
///
/// let series = [0.1, 0.4, 0.9];
/// let thumbnails = series.iter().enumerate().map(|(at, probability)| {
///     let slice = SheetSlice {
///         grey: GreySlice::new(&[0.4; 24], (4, 6))?,
///         saliency: None,
///         vmax: 1.0,
///         number: at + 1,
///         probability: *probability,
///         prediction: (*probability > 0.5).into(),
///     };
///     Thumbnail::draw(&slice, 96)
/// });
/// let thumbnails = thumbnails.collect::<Result<Vec<_>, _>>()?;
/// let sheet = contact_sheet(&thumbnails, &SheetConfig::default())?;
/// # Ok::<(), ct_figure::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::NoSlices`] without a thumbnail; [`Error::FigureTooLarge`] if thumbnails of 32 pixels would not
/// keep `max_pixels`, before anything is allocated.
pub fn contact_sheet(thumbnails: &[Thumbnail], config: &SheetConfig) -> Result<RgbImage, Error> {
    if thumbnails.is_empty() {
        return Err(Error::NoSlices);
    }
    let font = font()?;
    let layout = Layout::choose(thumbnails, config, &font)?;
    // `check_size` keeps a side within 2^26 pixels.
    let (width, height) = (layout.width as u32, layout.height as u32);
    let mut sheet = RgbImage::from_pixel(width, height, WHITE);
    for (at, thumbnail) in thumbnails.iter().enumerate() {
        layout.draw_cell(&mut sheet, thumbnail, at as u32, &font);
    }
    if let Some(footer) = &config.footer {
        let line = Line::fit(&font, footer, TEXT_PX, width - 2 * MARGIN_PX);
        let y = height - MARGIN_PX - layout.text_height;
        line.draw(&mut sheet, GREY, MARGIN_PX, y);
    }
    Ok(sheet)
}

/// Where everything stands, in pixels.
struct Layout {
    /// Longest side of a thumbnail.
    side: u32,
    /// `(width, height)` of a thumbnail with its frame and its caption.
    cell: (u32, u32),
    n_cols: u32,
    text_height: u32,
    width: u64,
    height: u64,
}

impl Layout {
    /// The largest thumbnails with which the sheet keeps its limit.
    fn choose(
        thumbnails: &[Thumbnail],
        config: &SheetConfig,
        font: &FontRef<'static>,
    ) -> Result<Layout, Error> {
        let smallest = *SIDES_PX.start();
        let sides = thumbnails.iter().map(|thumbnail| longest(&thumbnail.image));
        let largest = sides.max().unwrap_or(smallest).max(smallest);
        let text_height = Line::new(font, "0Ag", TEXT_PX).height;
        let limit = config.max_pixels.min(MAX_PIXELS);

        let n_footers = u32::from(config.footer.is_some());
        let mut layout = Layout::new(thumbnails.len(), largest, text_height, n_footers);
        for side in (smallest..largest).rev() {
            if check_size(layout.width, layout.height, limit).is_ok() {
                break;
            }
            layout = Layout::new(thumbnails.len(), side, text_height, n_footers);
        }
        check_size(layout.width, layout.height, limit)?;
        Ok(layout)
    }

    fn new(n_thumbnails: usize, side: u32, text_height: u32, n_footers: u32) -> Layout {
        let width = side + 2 * FRAME_PX;
        let cell = (width, width + CAPTION_GAP_PX + text_height);
        // As many columns as make a square: cols * cell width = rows * cell height.
        let n = n_thumbnails as f64;
        let square = (n * f64::from(cell.1) / f64::from(cell.0)).sqrt().ceil();
        let n_cols = square.min(n) as u64;
        let n_rows = (n_thumbnails as u64).div_ceil(n_cols);
        let span = |n: u64, length: u32| n * u64::from(length + GAP_PX) - u64::from(GAP_PX);
        let margins = 2 * u64::from(MARGIN_PX);
        let footer = u64::from(n_footers * (text_height + GAP_PX));
        Layout {
            side,
            cell,
            n_cols: n_cols as u32,
            text_height,
            width: margins + span(n_cols, cell.0),
            height: margins + span(n_rows, cell.1) + footer,
        }
    }

    fn draw_cell(
        &self,
        sheet: &mut RgbImage,
        thumbnail: &Thumbnail,
        at: u32,
        font: &FontRef<'static>,
    ) {
        let x = MARGIN_PX + at % self.n_cols * (self.cell.0 + GAP_PX);
        let y = MARGIN_PX + at / self.n_cols * (self.cell.1 + GAP_PX);
        let image = reduce(thumbnail.image.clone(), self.side);
        let (width, height) = (image.width() + 2 * FRAME_PX, image.height() + 2 * FRAME_PX);
        // Images of another shape stand in the middle of their cell.
        let left = x + (self.cell.0 - width) / 2;
        let top = y + (self.cell.0 - height) / 2;
        if thumbnail.is_framed {
            let frame = Rect::at(left.cast_signed(), top.cast_signed()).of_size(width, height);
            draw_filled_rect_mut(sheet, frame, RED);
        }
        let corner = (i64::from(left + FRAME_PX), i64::from(top + FRAME_PX));
        imageops::replace(sheet, &image, corner.0, corner.1);

        let caption = Line::fit(font, &thumbnail.caption, TEXT_PX, self.cell.0);
        let caption_x = x + self.cell.0.saturating_sub(caption.width) / 2;
        let caption_y = y + self.cell.0 + CAPTION_GAP_PX;
        caption.draw(sheet, BLACK, caption_x, caption_y);
    }
}

fn longest(image: &RgbImage) -> u32 {
    image.width().max(image.height())
}

/// Averages an image down until its longest side is at most `side` pixels.
fn reduce(image: RgbImage, side: u32) -> RgbImage {
    let longest = longest(&image);
    if longest <= side {
        return image;
    }
    let scaled = |length: u32| {
        let length = u64::from(length) * u64::from(side) / u64::from(longest);
        (length as u32).max(1)
    };
    let (width, height) = (scaled(image.width()), scaled(image.height()));
    imageops::resize(&image, width, height, FilterType::Triangle)
}
