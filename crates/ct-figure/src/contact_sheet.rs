use ab_glyph::FontRef;
use image::{Rgb, RgbImage, imageops};
use imageproc::drawing::draw_filled_rect_mut;
use imageproc::rect::Rect;

use crate::heat::Sides;
use crate::legend::{Bar, Legend, SCORE_LEGEND};
use crate::metrics::Metrics;
use crate::size::{MAX_PIXELS, check_size};
use crate::text::{BLACK, GREY, Line, Paragraph, font};
use crate::thumbnail::SIDES_PX;
use crate::{Colormap, Error, Figure, Limits, Thumbnail};

/// Pixels of a frame, drawn around the thumbnail and not on it.
const FRAME_PX: u32 = 3;
const MARGIN_PX: u32 = 12;
const GAP_PX: u32 = 8;
const CAPTION_GAP_PX: u32 = 3;
const TEXT_PX: f32 = 13.0;
/// A legend is not wider: a bar as long as a wide sheet reads no better.
const LEGEND_PX: u32 = 420;

const WHITE: Rgb<u8> = Rgb([255, 255, 255]);
const RED: Rgb<u8> = Rgb([255, 0, 0]);

/// How a contact sheet is drawn.
///
/// | field | default | purpose | invalid |
/// | --- | --- | --- | --- |
/// | `max_pixels` | 2^24 | pixels of the sheet; thumbnails shrink to keep it | too few for thumbnails of 32 pixels |
/// | `limits` | largest drawn | how far the colours reach, one scale for all slices | see [`Limits::scale`] |
/// | `colormap` | `OrangeBlue` | the colours | |
/// | `legend` | [`SCORE_LEGEND`] | name and unit of the maps' numbers | |
/// | `footer` | none | small print below the thumbnails | |
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SheetConfig {
    /// Pixels the sheet may have, at most 2^26: thumbnails shrink to keep it.
    pub max_pixels: u64,
    /// How far the colours reach.
    pub limits: Limits,
    /// The colours.
    pub colormap: Colormap,
    /// Name and unit of the maps' numbers, above the colour bar.
    pub legend: String,
    /// Small print below the thumbnails.
    pub footer: Option<String>,
}

impl Default for SheetConfig {
    fn default() -> Self {
        SheetConfig {
            max_pixels: 1 << 24,
            limits: Limits::default(),
            colormap: Colormap::default(),
            legend: SCORE_LEGEND.to_owned(),
            footer: None,
        }
    }
}

impl SheetConfig {
    /// With at most so many pixels.
    #[must_use]
    pub fn with_max_pixels(self, max_pixels: u64) -> SheetConfig {
        SheetConfig { max_pixels, ..self }
    }

    /// With colours that reach so far.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> SheetConfig {
        SheetConfig { limits, ..self }
    }

    /// With these colours.
    #[must_use]
    pub fn with_colormap(self, colormap: Colormap) -> SheetConfig {
        SheetConfig { colormap, ..self }
    }

    /// With a name of the map's numbers, for maps of another kind.
    #[must_use]
    pub fn with_legend(self, legend: impl Into<String>) -> SheetConfig {
        SheetConfig {
            legend: legend.into(),
            ..self
        }
    }

    /// With small print below the thumbnails.
    #[must_use]
    pub fn with_footer(self, footer: impl Into<String>) -> SheetConfig {
        SheetConfig {
            footer: Some(footer.into()),
            ..self
        }
    }
}

/// Draws a series on one image, on white: thumbnails row by row in a grid about as wide as it is high,
/// each with its number and its probability below, and a red frame around those with prediction 1. Below
/// them stands the legend, where any slice has a map, and the footer, over as many lines as it needs. All
/// maps have one scale.
///
/// ```
/// use ct_figure::{GreySlice, SheetConfig, SheetSlice, Thumbnail, contact_sheet};
///
/// let series = [0.1, 0.4, 0.9];
/// let thumbnails = series.iter().enumerate().map(|(at, probability)| {
///     let grey = GreySlice::new(&[0.4; 24], (4, 6))?;
///     let prediction = (*probability > 0.5).into();
///     Thumbnail::draw(&SheetSlice::new(grey, at + 1, *probability, prediction), 96)
/// });
/// let thumbnails = thumbnails.collect::<Result<Vec<_>, _>>()?;
/// let sheet = contact_sheet(&thumbnails, &SheetConfig::default())?;
/// assert_eq!(sheet.scale, None);
/// # Ok::<(), ct_figure::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::NoSlices`] without a thumbnail; the errors of [`Limits::scale`]; [`Error::FigureTooLarge`] if
/// thumbnails of 32 pixels would not keep `max_pixels`, before anything is allocated.
pub fn contact_sheet(thumbnails: &[Thumbnail], config: &SheetConfig) -> Result<Figure, Error> {
    if thumbnails.is_empty() {
        return Err(Error::NoSlices);
    }
    let font = font()?;
    let drawn = thumbnails.iter().map(Thumbnail::largest);
    let largest = drawn.fold(0.0, f32::max);
    let scale = config.limits.scale(largest)?;
    let sides: Vec<Sides> = thumbnails.iter().filter_map(Thumbnail::sides).collect();
    let bar = (!sides.is_empty()).then_some(Bar {
        colormap: config.colormap,
        scale,
        is_exceeded: largest > scale,
        sides: if sides.contains(&Sides::Both) {
            Sides::Both
        } else {
            Sides::For
        },
    });
    let layout = Layout::choose(thumbnails, config, bar, &font)?;

    let (width, height) = layout.size();
    // `check_size` keeps a side within 2^26 pixels.
    let mut image = RgbImage::from_pixel(width as u32, height as u32, WHITE);
    for (at, thumbnail) in thumbnails.iter().enumerate() {
        let drawn = thumbnail.image(layout.grid.side, scale, config.colormap);
        layout.draw_cell(&mut image, &drawn, thumbnail, at as u32, &font);
    }
    layout.draw_texts(&mut image);
    Ok(Figure {
        image,
        scale: bar.map(|bar| bar.scale),
    })
}

/// Where the thumbnails stand, in pixels.
#[derive(Clone, Copy)]
struct Grid {
    /// Longest side of a thumbnail.
    side: u32,
    /// `(width, height)` of a thumbnail with its frame and its caption.
    cell: (u32, u32),
    n_cols: u32,
    width: u64,
    height: u64,
}

impl Grid {
    fn new(n_thumbnails: usize, side: u32, caption: (u32, u32)) -> Grid {
        let frame = side + 2 * FRAME_PX;
        let cell = (frame.max(caption.0), frame + CAPTION_GAP_PX + caption.1);
        // As many columns as make a square: cols * cell width = rows * cell height.
        let n = n_thumbnails as f64;
        let square = (n * f64::from(cell.1) / f64::from(cell.0)).sqrt().ceil();
        let n_cols = square.min(n) as u64;
        let n_rows = (n_thumbnails as u64).div_ceil(n_cols);
        let span = |n: u64, length: u32| n * u64::from(length + GAP_PX) - u64::from(GAP_PX);
        Grid {
            side,
            cell,
            n_cols: n_cols as u32,
            width: span(n_cols, cell.0),
            height: span(n_rows, cell.1),
        }
    }
}

/// The thumbnails and what stands below them.
struct Layout<'a> {
    grid: Grid,
    legend: Option<Legend<'a>>,
    footer: Option<Paragraph<'a>>,
}

impl<'a> Layout<'a> {
    /// The largest thumbnails with which the sheet keeps its limit.
    fn choose(
        thumbnails: &[Thumbnail],
        config: &SheetConfig,
        bar: Option<Bar>,
        font: &'a FontRef<'static>,
    ) -> Result<Layout<'a>, Error> {
        let smallest = *SIDES_PX.start();
        let sides = thumbnails.iter().map(Thumbnail::side);
        let largest = sides.max().unwrap_or(smallest).max(smallest);
        let captions = thumbnails
            .iter()
            .map(|thumbnail| Line::new(font, &thumbnail.caption, TEXT_PX).width);
        let caption = (
            captions.max().unwrap_or(0),
            Line::new(font, "0Ag", TEXT_PX).height,
        );
        let limit = config.max_pixels.min(MAX_PIXELS);

        let mut side = largest;
        loop {
            let grid = Grid::new(thumbnails.len(), side, caption);
            // Texts are measured only where the thumbnails alone fit.
            let checked = check_size(grid.width, grid.height, limit).and_then(|()| {
                let layout = Layout::new(grid, config, bar, font);
                let (width, height) = layout.size();
                check_size(width, height, limit).map(|()| layout)
            });
            match checked {
                Err(_) if side > smallest => side -= 1,
                result => return result,
            }
        }
    }

    fn new(
        grid: Grid,
        config: &SheetConfig,
        bar: Option<Bar>,
        font: &'a FontRef<'static>,
    ) -> Layout<'a> {
        let mut metrics = Metrics::for_side(0);
        metrics.caption_text = TEXT_PX;
        // `check_size` keeps a side within 2^26 pixels.
        let width = grid.width as u32;
        let legend_width = width.min(LEGEND_PX);
        let legend = bar.map(|bar| Legend::new(font, metrics, &config.legend, bar, legend_width));
        let width = width.max(metrics.legend_width);
        let footer = config.footer.as_ref();
        Layout {
            grid,
            legend,
            footer: footer.map(|footer| Paragraph::new(font, footer, TEXT_PX, width)),
        }
    }

    /// `(width, height)` of the sheet.
    fn size(&self) -> (u64, u64) {
        let legend = self
            .legend
            .as_ref()
            .map(|legend| (legend.width, legend.height));
        let footer = self
            .footer
            .as_ref()
            .map(|footer| (footer.width, footer.height));
        let texts = [legend, footer].into_iter().flatten();
        let (width, height) = texts.fold(
            (self.grid.width, self.grid.height),
            |(width, height), text| {
                let below = u64::from(GAP_PX + text.1);
                (width.max(text.0.into()), height + below)
            },
        );
        let margins = 2 * u64::from(MARGIN_PX);
        (width + margins, height + margins)
    }

    fn draw_cell(
        &self,
        sheet: &mut RgbImage,
        image: &RgbImage,
        thumbnail: &Thumbnail,
        at: u32,
        font: &FontRef<'static>,
    ) {
        let cell = self.grid.cell;
        let x = MARGIN_PX + at % self.grid.n_cols * (cell.0 + GAP_PX);
        let y = MARGIN_PX + at / self.grid.n_cols * (cell.1 + GAP_PX);
        let (width, height) = (image.width() + 2 * FRAME_PX, image.height() + 2 * FRAME_PX);
        // Images of another shape stand in the middle of their cell.
        let frame_side = self.grid.side + 2 * FRAME_PX;
        let left = x + (cell.0 - width) / 2;
        let top = y + (frame_side - height) / 2;
        if thumbnail.is_framed {
            let frame = Rect::at(left.cast_signed(), top.cast_signed()).of_size(width, height);
            draw_filled_rect_mut(sheet, frame, RED);
        }
        let corner = (i64::from(left + FRAME_PX), i64::from(top + FRAME_PX));
        imageops::replace(sheet, image, corner.0, corner.1);

        let caption = Line::new(font, &thumbnail.caption, TEXT_PX);
        let caption_x = x + (cell.0 - caption.width) / 2;
        caption.draw(sheet, BLACK, caption_x, y + frame_side + CAPTION_GAP_PX);
    }

    /// Draws the legend and the footer.
    fn draw_texts(&self, sheet: &mut RgbImage) {
        let mut y = MARGIN_PX + self.grid.height as u32 + GAP_PX;
        if let Some(legend) = &self.legend {
            legend.draw(sheet, MARGIN_PX, y);
            y += legend.height + GAP_PX;
        }
        if let Some(footer) = &self.footer {
            footer.draw(sheet, GREY, MARGIN_PX, y);
        }
    }
}
