use ab_glyph::FontRef;
use image::{Rgb, RgbImage, imageops};
use imageproc::drawing::draw_hollow_rect_mut;
use imageproc::rect::Rect;

use crate::color_bar::ColorBar;
use crate::figure::FigureSlice;
use crate::metrics::Metrics;
use crate::overlay::{grey, image_size};
use crate::text::{BLACK, GREY, Line};
use crate::{BoundingBox, Error, Saliency, overlay};

/// Images whose longest side is shorter are enlarged to at least this.
const MIN_SIDE: u32 = 256;

pub(crate) const RED: Rgb<u8> = Rgb([255, 0, 0]);

/// One image of a figure with its caption, title and colour bar, measured but not drawn.
///
/// The header (caption above title) stands over the body (image, bar beside it).
pub(crate) struct Panel<'a> {
    slice: &'a FigureSlice<'a>,
    map: Option<(Saliency<'a>, f32)>,
    caption: Option<Line<'a>>,
    title: Line<'a>,
    bar: Option<ColorBar<'a>>,
    metrics: Metrics,
    factor: u32,
    image_size: (u32, u32),
    /// Width of the image, or of the title if that is wider.
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

    /// The map over the slice, with limits `-vmax` and `vmax`.
    pub(crate) fn explanation(
        slice: &'a FigureSlice<'a>,
        (map, vmax): (Saliency<'a>, f32),
        title: &str,
        font: &'a FontRef<'static>,
        metrics: Metrics,
    ) -> Result<Panel<'a>, Error> {
        let mut panel = Panel::measure(slice, title, font, metrics)?;
        panel.map = Some((map, vmax));
        panel.bar = Some(ColorBar::new(font, metrics, vmax, panel.image_size.1)?);
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
            map: None,
            caption: None,
            body_width: image_size.0.max(title.width),
            title,
            bar: None,
            metrics,
            factor,
            image_size,
        })
    }

    pub(crate) fn width(&self) -> u32 {
        let bar = self.bar.as_ref();
        self.body_width + bar.map_or(0, |bar| self.metrics.bar_gap + bar.width)
    }

    pub(crate) fn header_height(&self) -> u32 {
        let caption = self.caption.as_ref();
        let caption = caption.map_or(0, |caption| caption.height + self.metrics.caption_gap);
        caption + self.title.height + self.metrics.title_gap
    }

    pub(crate) fn body_height(&self) -> u32 {
        let bar = self.bar.as_ref().map_or(0, ColorBar::height);
        self.image_size.1.max(bar)
    }

    /// Draws the panel with the top left corner of its body at `(x, y)`.
    pub(crate) fn draw(&self, figure: &mut RgbImage, x: u32, y: u32) -> Result<(), Error> {
        let centered = |width: u32| x + self.body_width.saturating_sub(width) / 2;
        let title_y = y.saturating_sub(self.metrics.title_gap + self.title.height);
        self.title
            .draw(figure, BLACK, centered(self.title.width), title_y);
        if let Some(caption) = &self.caption {
            let caption_y = title_y.saturating_sub(self.metrics.caption_gap + caption.height);
            caption.draw(figure, GREY, centered(caption.width), caption_y);
        }

        let image = self.image()?;
        let left = i64::from(centered(self.image_size.0));
        imageops::replace(figure, &image, left, i64::from(y));
        if let Some(bar) = &self.bar {
            bar.draw(figure, x + self.body_width + self.metrics.bar_gap, y);
        }
        Ok(())
    }

    fn image(&self) -> Result<RgbImage, Error> {
        let image = match &self.map {
            Some((map, vmax)) => overlay(&self.slice.grey, map, *vmax)?,
            None => grey(&self.slice.grey)?,
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

/// Draws the outlines, one pixel wide, of boxes in pixels of the slice on its enlarged image. The part of
/// an outline that lies outside the image is left out.
fn draw_boxes(image: &mut RgbImage, boxes: &[BoundingBox], factor: u32) {
    let (width, height) = image.dimensions();
    for bounds in boxes {
        let left = position(bounds.column, factor, width);
        let right = position(bounds.column + bounds.width, factor, width);
        let top = position(bounds.row, factor, height);
        let bottom = position(bounds.row + bounds.height, factor, height);
        let size = |from: i32, to: i32| to.abs_diff(from) + 1;
        let rect = Rect::at(left.min(right), top.min(bottom))
            .of_size(size(left, right), size(top, bottom));
        draw_hollow_rect_mut(image, rect, RED);
    }
}

/// Where a coordinate of the slice lies in the enlarged image. As in matplotlib, a whole coordinate is the
/// middle of a pixel. Clamped to one pixel outside the image, where nothing is drawn; so is NaN.
fn position(coordinate: f64, factor: u32, side: u32) -> i32 {
    let at = (coordinate + 0.5) * f64::from(factor) - 0.5;
    if at.is_nan() {
        return -1;
    }
    at.round().clamp(-1.0, f64::from(side)) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounds(column: f64, row: f64, width: f64, height: f64) -> BoundingBox {
        BoundingBox {
            column,
            row,
            width,
            height,
            label: String::new(),
        }
    }

    /// The red pixels, as `(row, col)`.
    fn outline(boxes: &[BoundingBox], (rows, cols): (u32, u32), factor: u32) -> Vec<(u32, u32)> {
        let mut image = RgbImage::new(cols * factor, rows * factor);
        draw_boxes(&mut image, boxes, factor);
        (0..rows * factor)
            .flat_map(|row| (0..cols * factor).map(move |col| (row, col)))
            .filter(|&(row, col)| *image.get_pixel(col, row) == RED)
            .collect()
    }

    #[test]
    fn a_box_is_drawn_at_its_row_and_column() {
        // Columns 4.4 to 6.6, rows 1.0 to 3.0, in 5 rows and 9 columns.
        let drawn = outline(&[bounds(4.4, 1.0, 2.2, 2.0)], (5, 9), 1);
        #[rustfmt::skip]
        let expected = [
            (1, 4), (1, 5), (1, 6), (1, 7),
            (2, 4),                 (2, 7),
            (3, 4), (3, 5), (3, 6), (3, 7),
        ];
        assert_eq!(drawn, expected);
    }

    #[test]
    fn the_border_of_the_image_is_no_edge_of_a_box_beyond_it() {
        let drawn = outline(&[bounds(-3.0, -2.0, 5.0, 3.0)], (4, 7), 1);
        assert_eq!(drawn, [(0, 2), (1, 0), (1, 1), (1, 2)]);
    }

    #[test]
    fn a_box_outside_the_image_is_not_drawn() {
        for outside in [
            bounds(7.0, 0.0, 3.0, 3.0),
            bounds(0.0, -9.0, 3.0, 3.0),
            bounds(1e300, 1e300, 1e300, 1e300),
            bounds(-1e300, -1e300, 1.0, 1.0),
            bounds(f64::NAN, f64::NAN, 1.0, 1.0),
        ] {
            let drawn = outline(std::slice::from_ref(&outside), (4, 7), 1);
            assert_eq!(drawn, [], "{outside:?}");
        }
    }

    #[test]
    fn a_box_around_the_whole_image_is_outside() {
        let drawn = outline(&[bounds(-1e18, -1e18, 1e19, 1e19)], (4, 7), 1);
        assert_eq!(drawn, []);
    }

    #[test]
    fn a_box_on_an_enlarged_slice_starts_in_the_middle_of_its_pixel() {
        let drawn = outline(&[bounds(1.0, 0.0, 1.0, 1.0)], (3, 4), 3);
        // Middles: row 1 and 4, column 4 and 7.
        assert_eq!(drawn.first(), Some(&(1, 4)));
        assert_eq!(drawn.last(), Some(&(4, 7)));
        assert_eq!(drawn.len(), 12);
    }

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
