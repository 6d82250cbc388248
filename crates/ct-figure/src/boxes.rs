use ct_labels::BoundingBox;
use image::{Rgb, RgbImage};
use imageproc::drawing::draw_hollow_rect_mut;
use imageproc::rect::Rect;

use crate::text::BLACK;

/// Cyan: no colour of a map comes near it.
pub(crate) const BOX_COLOR: Rgb<u8> = Rgb([0, 255, 255]);

/// Draws the outlines of boxes in pixels of the slice on its image, enlarged by `factor`: a cyan line one
/// pixel wide between two black ones, so that it is seen on bone, on air and on heat. The part of an
/// outline that lies outside the image is left out.
pub(crate) fn draw_boxes(image: &mut RgbImage, boxes: &[BoundingBox], factor: u32) {
    let edges: Vec<Edges> = boxes
        .iter()
        .map(|bounds| Edges::new(bounds, factor, image.dimensions()))
        .collect();
    // All black lines first: none covers the cyan line of another box.
    for (color, outwards) in [(BLACK, -1), (BLACK, 1), (BOX_COLOR, 0)] {
        for rect in edges.iter().filter_map(|edges| edges.rect(outwards)) {
            draw_hollow_rect_mut(image, rect, color);
        }
    }
}

/// The outline of a box in pixels of the image.
struct Edges {
    left: i32,
    right: i32,
    top: i32,
    bottom: i32,
}

impl Edges {
    fn new(bounds: &BoundingBox, factor: u32, (width, height): (u32, u32)) -> Edges {
        let span = |start: f64, length: f64, side: u32| {
            let ends = [start, start + length].map(|end| position(end, factor, side));
            (ends[0].min(ends[1]), ends[0].max(ends[1]))
        };
        let (left, right) = span(bounds.column, bounds.width, width);
        let (top, bottom) = span(bounds.row, bounds.height, height);
        Edges {
            left,
            right,
            top,
            bottom,
        }
    }

    /// The outline moved outwards by so many pixels; none if nothing is left of it.
    fn rect(&self, outwards: i32) -> Option<Rect> {
        let size = |from: i32, to: i32| u32::try_from(to - from + 1 + 2 * outwards).ok();
        let width = size(self.left, self.right).filter(|&width| width > 0)?;
        let height = size(self.top, self.bottom).filter(|&height| height > 0)?;
        Some(Rect::at(self.left - outwards, self.top - outwards).of_size(width, height))
    }
}

/// Where a coordinate of the slice lies in the enlarged image. As in matplotlib, a whole coordinate is
/// the middle of a pixel. Clamped to three pixels outside the image, where no line of the outline is
/// drawn; so is NaN.
fn position(coordinate: f64, factor: u32, side: u32) -> i32 {
    let at = (coordinate + 0.5) * f64::from(factor) - 0.5;
    if at.is_nan() {
        return -3;
    }
    at.round().clamp(-3.0, f64::from(side) + 2.0) as i32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::bounds;

    const GREY: Rgb<u8> = Rgb([102; 3]);

    /// The pixels of a colour, as `(row, col)`.
    fn pixels(
        color: Rgb<u8>,
        boxes: &[BoundingBox],
        (rows, cols): (u32, u32),
        factor: u32,
    ) -> Vec<(u32, u32)> {
        let mut image = RgbImage::from_pixel(cols * factor, rows * factor, GREY);
        draw_boxes(&mut image, boxes, factor);
        (0..rows * factor)
            .flat_map(|row| (0..cols * factor).map(move |col| (row, col)))
            .filter(|&(row, col)| *image.get_pixel(col, row) == color)
            .collect()
    }

    fn outline(boxes: &[BoundingBox], dims: (u32, u32), factor: u32) -> Vec<(u32, u32)> {
        pixels(BOX_COLOR, boxes, dims, factor)
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
    fn a_box_stands_between_two_black_lines() {
        let boxes = [bounds(2.0, 2.0, 5.0, 4.0)];
        let dark = pixels(BLACK, &boxes, (9, 10), 1);
        let outside = 2 * (8 + 7) - 4;
        let inside = 2 * (4 + 3) - 4;
        assert_eq!(dark.len(), outside + inside);
        for pixel in [(1, 1), (1, 8), (7, 1), (7, 8), (3, 3), (3, 6), (5, 6)] {
            assert!(dark.contains(&pixel), "{pixel:?}");
        }
        assert_eq!(outline(&boxes, (9, 10), 1).len(), 2 * (6 + 5) - 4);
    }

    #[test]
    fn a_box_inside_another_hides_no_line_of_it() {
        let (outer, inner) = (bounds(2.0, 2.0, 6.0, 6.0), bounds(3.0, 3.0, 4.0, 4.0));
        let both = outline(&[outer.clone(), inner.clone()], (12, 12), 1);
        let alone = [outer, inner].map(|one| outline(&[one], (12, 12), 1));
        assert!(alone.iter().flatten().all(|pixel| both.contains(pixel)));
    }

    #[test]
    fn the_border_of_the_image_is_no_edge_of_a_box_beyond_it() {
        let boxes = [bounds(-3.0, -2.0, 5.0, 3.0)];
        let drawn = outline(&boxes, (4, 7), 1);
        assert_eq!(drawn, [(0, 2), (1, 0), (1, 1), (1, 2)]);
        let dark = pixels(BLACK, &boxes, (4, 7), 1);
        assert_eq!(
            dark,
            [
                (0, 0),
                (0, 1),
                (0, 3),
                (1, 3),
                (2, 0),
                (2, 1),
                (2, 2),
                (2, 3)
            ]
        );
    }

    #[test]
    fn a_box_outside_the_image_is_not_drawn() {
        for outside in [
            bounds(9.0, 0.0, 3.0, 3.0),
            bounds(0.0, -9.0, 3.0, 3.0),
            bounds(1e300, 1e300, 1e300, 1e300),
            bounds(-1e300, -1e300, 1.0, 1.0),
            bounds(f64::NAN, f64::NAN, 1.0, 1.0),
        ] {
            let drawn = pixels(GREY, std::slice::from_ref(&outside), (4, 7), 1);
            assert_eq!(drawn.len(), 4 * 7, "{outside:?}");
        }
    }

    #[test]
    fn a_box_around_the_whole_image_is_outside() {
        let drawn = pixels(GREY, &[bounds(-1e18, -1e18, 1e19, 1e19)], (4, 7), 1);
        assert_eq!(drawn.len(), 4 * 7);
    }

    #[test]
    fn a_box_of_no_pixel_is_one_pixel_in_black() {
        let boxes = [bounds(2.0, 2.0, 0.1, 0.1)];
        assert_eq!(outline(&boxes, (5, 5), 1), [(2, 2)]);
        assert_eq!(pixels(BLACK, &boxes, (5, 5), 1).len(), 8);
    }

    #[test]
    fn a_box_on_an_enlarged_slice_starts_in_the_middle_of_its_pixel() {
        let drawn = outline(&[bounds(1.0, 0.0, 1.0, 1.0)], (3, 4), 3);
        // Middles: row 1 and 4, column 4 and 7.
        assert_eq!(drawn.first(), Some(&(1, 4)));
        assert_eq!(drawn.last(), Some(&(4, 7)));
        assert_eq!(drawn.len(), 12);
    }
}
