use image::{Rgb, RgbImage};

use crate::legend::Bar;
use crate::metrics::Metrics;
use crate::overlay::check_same_dims;
use crate::panel::{Panel, enlargement};
use crate::size::{MAX_PIXELS, check_size, image_size};
use crate::text::{GREY, Paragraph, font};
use crate::{Arrangement, Error, Figure, FigureConfig, FigureSlice, Heat};

const WHITE: Rgb<u8> = Rgb([255, 255, 255]);

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
/// errors of [`Limits::scale`](crate::Limits::scale), and [`Error::FigureTooLarge`] above 2^26 pixels, before
/// anything is allocated.
pub fn draw_figure(slices: &[FigureSlice<'_>], config: &FigureConfig) -> Result<Figure, Error> {
    if slices.is_empty() {
        return Err(Error::NoSlices);
    }
    let font = font()?;
    let metrics = Metrics::for_side(longest_side(slices)?);
    for slice in slices {
        if let Some(heat) = &slice.heat {
            check_same_dims(&slice.grey, heat)?;
        }
    }
    let heats = slices.iter().filter_map(|slice| slice.heat.as_ref());
    let drawn = heats.clone().map(Heat::largest);
    let scale = config.limits.scale(drawn.fold(0.0, f32::max))?;

    let mut grid = Grid::default();
    for (index, slice) in slices.iter().enumerate() {
        let (first, second) = match config.arrangement {
            Arrangement::Columns => ((0, index), (1, index)),
            Arrangement::Rows => ((index, 0), (index, 1)),
        };
        grid.insert(first, Panel::prediction(slice, &font, metrics)?);
        if let Some(heat) = slice.heat {
            let bar = Bar {
                colormap: config.colormap,
                scale,
                is_exceeded: heat.largest() > scale,
                sides: heat.sides(),
            };
            let panel = Panel::explanation(slice, (heat, bar), config, &font, metrics)?;
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
    let has_map = heats.count() > 0;
    Ok(Figure {
        image,
        scale: has_map.then_some(scale),
    })
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
