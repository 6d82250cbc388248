use image::{Rgb, RgbImage};

use crate::legend::{Bar, SCORE_LEGEND};
use crate::metrics::Metrics;
use crate::overlay::{check_same_dims, image_size};
use crate::panel::{Panel, enlargement};
use crate::text::{GREY, Paragraph, font};
use crate::{BoundingBox, Colormap, Error, GreySlice, Heat, Limits, Saliency};

/// Pixels a figure may have: 192 MiB as RGB.
pub(crate) const MAX_PIXELS: u64 = 1 << 26;

const WHITE: Rgb<u8> = Rgb([255, 255, 255]);

/// One slice of a figure.
#[derive(Debug, Clone, Copy)]
pub struct FigureSlice<'a> {
    /// The slice.
    pub grey: GreySlice<'a>,
    /// Its map, of the same size; without one there is no explanation panel.
    pub saliency: Option<Saliency<'a>>,
    /// What speaks against the class, 0 and below, of the same size; drawn with the map, not without one.
    pub against: Option<Saliency<'a>>,
    /// Ground truth, outlined on both panels.
    pub boxes: &'a [BoundingBox],
    /// Title of the prediction panel, such as `Probability 0.9995, prediction 1`.
    pub title: &'a str,
    /// Name of the slice, in small print above the title.
    pub caption: Option<&'a str>,
    /// What a reader of the explanation must know, below its title, such as
    /// `Prediction 0: largest score 0.0008, scale not below 0.1`.
    pub note: Option<&'a str>,
}

/// What was drawn, and how its colours are to be read.
#[derive(Debug, Clone)]
pub struct Figure {
    /// The picture.
    pub image: RgbImage,
    /// Full colour stands for plus and minus this score; none without a map.
    pub scale: Option<f32>,
}

/// Where the two panels of a slice stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Arrangement {
    /// One column a slice: the prediction above, the explanation below, as in the notebook.
    #[default]
    Columns,
    /// One row a slice: the prediction on the left, the explanation on the right.
    Rows,
}

/// How a figure is drawn.
///
/// | field | default | purpose | invalid |
/// | --- | --- | --- | --- |
/// | `arrangement` | `Columns` | where the two panels of a slice stand | |
/// | `limits` | largest drawn | how far the colours reach, one scale for all slices | see [`Limits::scale`] |
/// | `colormap` | `OrangeBlue` | the colours | |
/// | `legend` | [`SCORE_LEGEND`] | name and unit of the map's numbers | |
/// | `explanation_title` | `Explanation` | title of the explanation panels | |
/// | `footer` | none | small print below the panels | |
#[derive(Debug, Clone, PartialEq)]
pub struct FigureConfig {
    /// Where the two panels of a slice stand.
    pub arrangement: Arrangement,
    /// How far the colours reach.
    pub limits: Limits,
    /// The colours.
    pub colormap: Colormap,
    /// Name and unit of the map's numbers, above the colour bar.
    pub legend: String,
    /// Title of the explanation panels.
    pub explanation_title: String,
    /// Small print below the panels.
    pub footer: Option<String>,
}

impl Default for FigureConfig {
    fn default() -> Self {
        FigureConfig {
            arrangement: Arrangement::default(),
            limits: Limits::default(),
            colormap: Colormap::default(),
            legend: SCORE_LEGEND.to_owned(),
            explanation_title: "Explanation".to_owned(),
            footer: None,
        }
    }
}

/// Draws the slices with their predictions, boxes and explanations, on white.
///
/// A slice whose longest side is below 256 pixels is enlarged by the smallest whole factor that brings it
/// there, each pixel a square, so that its cells can be seen. Others keep their size, and text grows with
/// the largest of them. Slices of different sizes stand with their top left corners in line. Titles and
/// captions too wide for their panel are drawn smaller, then shortened in the middle; notes, legends and
/// the footer go on in another line. Without any saliency map there are no explanation panels. All maps
/// of a figure have one scale.
///
/// # Errors
///
/// [`Error::NoSlices`] without a slice, [`Error::Dims`] if a map has not the size of its slice, the
/// errors of [`Heat::new`] and [`Limits::scale`], and [`Error::FigureTooLarge`] above 2^26 pixels, before
/// anything is allocated.
pub fn draw_figure(slices: &[FigureSlice<'_>], config: &FigureConfig) -> Result<Figure, Error> {
    if slices.is_empty() {
        return Err(Error::NoSlices);
    }
    let font = font()?;
    let metrics = Metrics::for_side(longest_side(slices)?);
    let heats: Vec<Option<Heat<'_>>> = slices.iter().map(heat_of).collect::<Result<_, _>>()?;
    let drawn = heats.iter().flatten().map(Heat::largest);
    let scale = config.limits.scale(drawn.fold(0.0, f32::max))?;

    let mut grid = Grid::default();
    for (index, (slice, heat)) in slices.iter().zip(&heats).enumerate() {
        let (first, second) = match config.arrangement {
            Arrangement::Columns => ((0, index), (1, index)),
            Arrangement::Rows => ((index, 0), (index, 1)),
        };
        grid.insert(first, Panel::prediction(slice, &font, metrics)?);
        if let Some(heat) = heat {
            let bar = Bar {
                colormap: config.colormap,
                scale,
                is_exceeded: heat.largest() > scale,
                sides: heat.sides(),
            };
            let panel = Panel::explanation(slice, (*heat, bar), config, &font, metrics)?;
            grid.insert(second, panel);
        }
    }

    let panels_width = total(&grid.widths, metrics.gap);
    let panels_height = total(&grid.heights(), metrics.gap);
    let margins = 2 * u64::from(metrics.margin);
    let width = panels_width + margins;
    let mut height = panels_height + margins;
    check_size(width, height, MAX_PIXELS)?;
    let footer = config.footer.as_ref().map(|footer| {
        // `check_size` keeps a side within 2^26 pixels.
        Paragraph::new(&font, footer, metrics.footer_text, panels_width as u32)
    });
    if let Some(footer) = &footer {
        height += u64::from(footer.height + metrics.margin);
    }
    check_size(width, height, MAX_PIXELS)?;

    let mut image = RgbImage::from_pixel(width as u32, height as u32, WHITE);
    grid.draw(&mut image, metrics)?;
    if let Some(footer) = &footer {
        let y = height as u32 - metrics.margin - footer.height;
        footer.draw(&mut image, GREY, metrics.margin, y);
    }
    let has_map = heats.iter().any(Option::is_some);
    Ok(Figure {
        image,
        scale: has_map.then_some(scale),
    })
}

/// What is drawn of the maps of a slice.
fn heat_of<'a>(slice: &FigureSlice<'a>) -> Result<Option<Heat<'a>>, Error> {
    let Some(map) = slice.saliency else {
        return Ok(None);
    };
    let heat = Heat::new(map, slice.against)?;
    check_same_dims(&slice.grey, &heat)?;
    Ok(Some(heat))
}

/// Longest side of any panel, enlarged where it will be.
fn longest_side(slices: &[FigureSlice<'_>]) -> Result<u32, Error> {
    slices.iter().try_fold(0, |longest, slice| {
        let (width, height) = image_size(&slice.grey)?;
        // Each side must be sane before anything is multiplied or measured.
        check_size(width.into(), height.into(), MAX_PIXELS)?;
        Ok(longest.max(width.max(height) * enlargement(width, height)))
    })
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

/// Lengths in a row with gaps between them.
fn total(lengths: &[u32], gap: u32) -> u64 {
    let n_gaps = lengths.len().saturating_sub(1) as u64;
    lengths.iter().copied().map(u64::from).sum::<u64>() + n_gaps * u64::from(gap)
}

/// Panels by row and column. A row is as high, a column as wide, as its largest panel.
#[derive(Default)]
struct Grid<'a> {
    panels: Vec<((usize, usize), Panel<'a>)>,
    widths: Vec<u32>,
    headers: Vec<u32>,
    bodies: Vec<u32>,
}

impl<'a> Grid<'a> {
    fn insert(&mut self, (row, col): (usize, usize), panel: Panel<'a>) {
        grow(&mut self.widths, col, panel.width());
        grow(&mut self.headers, row, panel.header_height());
        grow(&mut self.bodies, row, panel.body_height());
        self.panels.push(((row, col), panel));
    }

    fn heights(&self) -> Vec<u32> {
        let rows = self.headers.iter().zip(&self.bodies);
        rows.map(|(header, body)| header + body).collect()
    }

    fn draw(&self, figure: &mut RgbImage, metrics: Metrics) -> Result<(), Error> {
        let lefts = starts(&self.widths, metrics);
        let tops = starts(&self.heights(), metrics);
        for ((row, col), panel) in &self.panels {
            panel.draw(figure, lefts[*col], tops[*row] + self.headers[*row])?;
        }
        Ok(())
    }
}

/// Makes `lengths[index]` at least `length`.
fn grow(lengths: &mut Vec<u32>, index: usize, length: u32) {
    if lengths.len() <= index {
        lengths.resize(index + 1, 0);
    }
    lengths[index] = lengths[index].max(length);
}

/// Where each of the lengths starts, after the margin.
fn starts(lengths: &[u32], metrics: Metrics) -> Vec<u32> {
    lengths
        .iter()
        .scan(metrics.margin, |next, length| {
            let start = *next;
            *next += length + metrics.gap;
            Some(start)
        })
        .collect()
}
