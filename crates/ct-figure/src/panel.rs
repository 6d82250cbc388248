use ab_glyph::FontRef;
use image::{Rgb, RgbImage, imageops};

use crate::boxes::draw_boxes;
use crate::legend::{Bar, Legend};
use crate::metrics::Metrics;
use crate::overlay::{blend, luma};
use crate::size::image_size;
use crate::text::{BLACK, GREY, Line, Paragraph};
use crate::{Error, FigureConfig, FigureSlice, Heat};

/// Images whose longest side is shorter are enlarged to at least this.
const MIN_SIDE: u32 = 256;

/// One image of a figure with its caption, title, note and legend, measured but not drawn.
///
/// The header (caption above title above note) stands over the body (image, legend below it).
pub(crate) struct Panel<'a> {
    slice: &'a FigureSlice<'a>,
    heat: Option<(Heat<'a>, Bar)>,
    caption: Option<Line<'a>>,
    title: Line<'a>,
    note: Option<Paragraph<'a>>,
    legend: Option<Legend<'a>>,
    metrics: Metrics,
    factor: u32,
    image_size: (u32, u32),
    /// Width of the image, or of the text if that is wider.
    body_width: u32,
}

impl<'a> Panel<'a> {
    /// The slice in grey, under its caption and title.
    pub(crate) fn prediction(
        slice: &'a FigureSlice<'a>,
        font: &'a FontRef<'static>,
        metrics: Metrics,
    ) -> Result<Panel<'a>, Error> {
        let mut panel = Panel::measure(slice, slice.title, font, metrics)?;
        panel.caption = slice.caption.map(|caption| {
            let width = panel.body_width;
            Line::fit(font, caption, metrics.caption_text, width)
        });
        Ok(panel)
    }

    /// The map over the slice, its note above and its legend below.
    pub(crate) fn explanation(
        slice: &'a FigureSlice<'a>,
        (heat, bar): (Heat<'a>, Bar),
        config: &FigureConfig,
        font: &'a FontRef<'static>,
        metrics: Metrics,
    ) -> Result<Panel<'a>, Error> {
        let mut panel = Panel::measure(slice, &config.explanation_title, font, metrics)?;
        let legend = Legend::new(font, metrics, &config.legend, bar, panel.image_size.0);
        panel.body_width = panel.body_width.max(legend.width);
        panel.note = slice
            .note
            .map(|note| Paragraph::new(font, note, metrics.caption_text, panel.body_width));
        panel.heat = Some((heat, bar));
        panel.legend = Some(legend);
        Ok(panel)
    }

    fn measure(
        slice: &'a FigureSlice<'a>,
        title: &str,
        font: &'a FontRef<'static>,
        metrics: Metrics,
    ) -> Result<Panel<'a>, Error> {
        let (width, height) = image_size(&slice.grey)?;
        let factor = enlargement(width, height);
        let image_size = (width * factor, height * factor);
        let title_width = image_size.0.max(metrics.title_width);
        let title = Line::fit(font, title, metrics.title_text, title_width);
        Ok(Panel {
            slice,
            heat: None,
            caption: None,
            body_width: image_size.0.max(title.width),
            title,
            note: None,
            legend: None,
            metrics,
            factor,
            image_size,
        })
    }

    pub(crate) fn width(&self) -> u32 {
        self.body_width
    }

    pub(crate) fn header_height(&self) -> u32 {
        let gap = self.metrics.caption_gap;
        let caption = self.caption.as_ref();
        let caption = caption.map_or(0, |caption| caption.height + gap);
        let note = self.note.as_ref().map_or(0, |note| note.height + gap);
        caption + self.title.height + note + self.metrics.title_gap
    }

    pub(crate) fn body_height(&self) -> u32 {
        let legend = self.legend.as_ref();
        let legend = legend.map_or(0, |legend| self.metrics.legend_gap + legend.height);
        self.image_size.1 + legend
    }

    /// Draws the panel with the top left corner of its body at `(x, y)`.
    pub(crate) fn draw(&self, figure: &mut RgbImage, x: u32, y: u32) -> Result<(), Error> {
        let centered = |width: u32| x + self.body_width.saturating_sub(width) / 2;
        let gap = self.metrics.caption_gap;
        let mut bottom = y.saturating_sub(self.metrics.title_gap);
        if let Some(note) = &self.note {
            bottom = bottom.saturating_sub(note.height);
            note.draw(figure, BLACK, centered(note.width), bottom);
            bottom = bottom.saturating_sub(gap);
        }
        let title_y = bottom.saturating_sub(self.title.height);
        self.title
            .draw(figure, BLACK, centered(self.title.width), title_y);
        if let Some(caption) = &self.caption {
            let caption_y = title_y.saturating_sub(gap + caption.height);
            caption.draw(figure, GREY, centered(caption.width), caption_y);
        }

        let image = self.image()?;
        let left = i64::from(centered(self.image_size.0));
        imageops::replace(figure, &image, left, i64::from(y));
        if let Some(legend) = &self.legend {
            let below = y + self.image_size.1 + self.metrics.legend_gap;
            legend.draw(figure, centered(legend.width), below);
        }
        Ok(())
    }

    fn image(&self) -> Result<RgbImage, Error> {
        let grey = &self.slice.grey;
        let image = match &self.heat {
            Some((heat, bar)) => blend(grey, heat, bar.scale, bar.colormap)?,
            None => {
                let luma = luma(grey)?;
                RgbImage::from_fn(luma.width(), luma.height(), |x, y| {
                    Rgb([luma.get_pixel(x, y).0[0]; 3])
                })
            }
        };
        let mut image = enlarge(image, self.factor);
        draw_boxes(&mut image, self.slice.boxes, self.factor);
        Ok(image)
    }
}

/// The smallest whole factor that brings the longest side to [`MIN_SIDE`].
pub(crate) fn enlargement(width: u32, height: u32) -> u32 {
    MIN_SIDE.div_ceil(width.max(height).max(1))
}

/// Each pixel as a square of `factor` pixels.
pub(crate) fn enlarge(image: RgbImage, factor: u32) -> RgbImage {
    if factor == 1 {
        return image;
    }
    RgbImage::from_fn(image.width() * factor, image.height() * factor, |x, y| {
        *image.get_pixel(x / factor, y / factor)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_images_are_enlarged_by_a_whole_factor() {
        assert_eq!(enlargement(1, 1), 256);
        assert_eq!(enlargement(100, 200), 2);
        assert_eq!(enlargement(3, 256), 1);
        assert_eq!(enlargement(512, 512), 1);

        let image = RgbImage::from_fn(3, 2, |x, y| Rgb([x as u8, y as u8, 0]));
        let large = enlarge(image, 2);
        assert_eq!(large.dimensions(), (6, 4));
        assert_eq!(*large.get_pixel(3, 1), Rgb([1, 0, 0]));
        assert_eq!(*large.get_pixel(4, 2), Rgb([2, 1, 0]));
    }
}
