use ab_glyph::FontRef;
use image::RgbImage;
use imageproc::drawing::draw_filled_rect_mut;
use imageproc::rect::Rect;

use crate::Colormap;
use crate::heat::Sides;
use crate::metrics::Metrics;
use crate::text::{BLACK, GREY, Line, Paragraph};

/// What the numbers of an h-Shap map are. The Shapley values are differences of a probability, so neither
/// they nor their products have a unit.
pub const SCORE_LEGEND: &str = "Score: product of Shapley values, mean over shifts (no unit)";

/// The greys under the bar: air, brain and bone.
const STRIPS: [u8; 3] = [0, 110, 255];

/// A horizontal colour bar with its name above and its numbers below, measured. The bar has three strips,
/// which show the colours as they look over air, brain and bone.
pub(crate) struct Legend<'a> {
    name: Paragraph<'a>,
    bar: Bar,
    ticks: Vec<(f32, Line<'a>)>,
    /// At the two ends, where both signs are drawn.
    ends: Option<[Line<'a>; 2]>,
    metrics: Metrics,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// What the colours of a bar mean.
#[derive(Clone, Copy)]
pub(crate) struct Bar {
    pub(crate) colormap: Colormap,
    pub(crate) scale: f32,
    /// Whether something drawn lies beyond the scale, in the colours of its ends.
    pub(crate) is_exceeded: bool,
    pub(crate) sides: Sides,
}

impl Bar {
    /// The part of the scale at the left end; at the right end it is 1.
    fn lowest(self) -> f32 {
        match self.sides {
            Sides::For => 0.0,
            Sides::Both => -1.0,
        }
    }

    /// The number at a part of the scale; at an end that is exceeded it says so.
    fn label(self, part: f32) -> String {
        let number = tick_label(part, self.scale);
        match (self.is_exceeded, part) {
            (true, 1.0) => format!("\u{2265}{number}"),
            (true, -1.0) => format!("\u{2264}{number}"),
            _ => number,
        }
    }

    /// Parts of the scale that get a number, the ones left out first where there is no room at the end.
    fn ticks(self) -> &'static [&'static [f32]] {
        match self.sides {
            Sides::For => &[&[0.0, 0.5, 1.0], &[0.0, 1.0]],
            Sides::Both => &[&[-1.0, -0.5, 0.0, 0.5, 1.0], &[-1.0, 0.0, 1.0]],
        }
    }
}

impl<'a> Legend<'a> {
    /// A legend of this width, but not narrower than its metrics say.
    pub(crate) fn new(
        font: &'a FontRef<'static>,
        metrics: Metrics,
        name: &str,
        bar: Bar,
        width: u32,
    ) -> Legend<'a> {
        let width = width.max(metrics.legend_width);
        let size_px = metrics.caption_text;
        let name = Paragraph::new(font, name, size_px, width);
        let ends = match bar.sides {
            Sides::For => None,
            Sides::Both => Some(["against", "for"].map(|end| Line::new(font, end, size_px))),
        };
        let mut ticks = Vec::new();
        for parts in bar.ticks() {
            let labels = parts
                .iter()
                .map(|part| (*part, Line::new(font, &bar.label(*part), size_px)));
            ticks = labels.collect();
            let needed: u32 = ticks
                .iter()
                .map(|(_, line)| line.width + metrics.tick_gap)
                .sum();
            // Labels at the ends stand within the bar, so the gaps are not equal: half of the room is free.
            if 3 * needed <= 2 * width {
                break;
            }
        }
        let text_height = Line::new(font, "0g", size_px).height;
        let n_rows = 1 + u32::from(ends.is_some());
        let strips = STRIPS.len() as u32 * metrics.strip_height;
        let below = metrics.tick_length + n_rows * (metrics.tick_gap + text_height);
        Legend {
            height: name.height + metrics.tick_gap + strips + below,
            name,
            bar,
            ticks,
            ends,
            metrics,
            width,
        }
    }

    /// Draws the legend with its top left corner at `(x, y)`.
    pub(crate) fn draw(&self, image: &mut RgbImage, x: u32, y: u32) {
        self.name.draw(image, BLACK, x, y);
        let top = y + self.name.height + self.metrics.tick_gap;
        let bottom = self.draw_bar(image, x, top);

        let last = self.width - 1;
        let numbers = bottom + self.metrics.tick_length + self.metrics.tick_gap;
        let mut line_height = 0;
        for (part, label) in &self.ticks {
            let lowest = self.bar.lowest();
            let at = ((part - lowest) / (1.0 - lowest) * last as f32).round() as u32;
            let mark = rect(x + at, bottom, 1, self.metrics.tick_length);
            draw_filled_rect_mut(image, mark, BLACK);
            let rightmost = self.width.saturating_sub(label.width);
            let left = at.saturating_sub(label.width / 2).min(rightmost);
            label.draw(image, BLACK, x + left, numbers);
            line_height = line_height.max(label.height);
        }
        if let Some([left, right]) = &self.ends {
            let words = numbers + line_height + self.metrics.tick_gap;
            left.draw(image, GREY, x, words);
            right.draw(
                image,
                GREY,
                x + self.width.saturating_sub(right.width),
                words,
            );
        }
    }

    /// Draws the strips in a black frame, and gives the `y` below them.
    fn draw_bar(&self, image: &mut RgbImage, x: u32, top: u32) -> u32 {
        let height = self.metrics.strip_height;
        let (n_strips, last) = (STRIPS.len() as u32, self.width - 1);
        draw_filled_rect_mut(image, rect(x, top, self.width, n_strips * height), BLACK);
        let lowest = self.bar.lowest();
        for across in 1..last {
            let part = lowest + (1.0 - lowest) * across as f32 / last as f32;
            for (strip, grey) in (0..n_strips).zip(STRIPS) {
                // The frame is a pixel wide, within the outer strips.
                let from = (top + strip * height).max(top + 1);
                let to = (top + (strip + 1) * height).min(top + n_strips * height - 1);
                let color = self.bar.colormap.over(grey, part);
                draw_filled_rect_mut(image, rect(x + across, from, 1, to - from), color);
            }
        }
        top + n_strips * height
    }
}

fn rect(x: u32, y: u32, width: u32, height: u32) -> Rect {
    Rect::at(x.cast_signed(), y.cast_signed()).of_size(width.max(1), height.max(1))
}

/// A number of three significant digits, without trailing zeros: `0.11`, `-0.055`, `1.1e-4`.
fn tick_label(part: f32, scale: f32) -> String {
    if part == 0.0 {
        return "0".to_owned();
    }
    let value = f64::from(part) * f64::from(scale);
    let sign = if value < 0.0 { "\u{2212}" } else { "" };
    let scientific = format!("{:.2e}", value.abs());
    let Some((mantissa, exponent)) = scientific.split_once('e') else {
        return scientific;
    };
    // One notation for the whole bar: the scale decides.
    if !(1e-3..1e4).contains(&scale) {
        return format!("{sign}{}e{exponent}", trimmed(mantissa));
    }
    let n_decimals = 2 - exponent.parse::<i32>().unwrap_or(0);
    let fixed = format!("{:.*}", n_decimals.max(0) as usize, value.abs());
    format!("{sign}{}", trimmed(&fixed))
}

/// Without the zeros that end the decimals.
fn trimmed(number: &str) -> &str {
    if number.contains('.') {
        number.trim_end_matches('0').trim_end_matches('.')
    } else {
        number
    }
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;
    use crate::text::font;

    const TICKS: [f32; 5] = [-1.0, -0.5, 0.0, 0.5, 1.0];

    fn labels(scale: f32) -> Vec<String> {
        TICKS.iter().map(|part| tick_label(*part, scale)).collect()
    }

    #[test]
    fn tick_labels_are_short() {
        assert_eq!(labels(0.11), ["−0.11", "−0.055", "0", "0.055", "0.11"]);
        assert_eq!(labels(1.0), ["−1", "−0.5", "0", "0.5", "1"]);
        assert_eq!(labels(250.0), ["−250", "−125", "0", "125", "250"]);
        assert_eq!(
            labels(1.1e-4),
            ["−1.1e-4", "−5.5e-5", "0", "5.5e-5", "1.1e-4"]
        );
        assert_eq!(labels(0.123_45)[4], "0.123");
        assert_eq!(labels(0.999_9)[4], "1");
        assert_eq!(labels(3e38)[4], "3e38");
    }

    #[test]
    fn an_end_that_is_exceeded_says_so() {
        let bar = Bar {
            colormap: Colormap::default(),
            scale: 0.3,
            is_exceeded: true,
            sides: Sides::Both,
        };
        let labels = TICKS.map(|part| bar.label(part));
        assert_eq!(labels, ["≤−0.3", "−0.15", "0", "0.15", "≥0.3"]);
        let bar = Bar {
            is_exceeded: false,
            ..bar
        };
        assert_eq!(bar.label(1.0), "0.3");
    }

    /// A legend of 300 pixels, and the colours of its middle strip.
    fn drawn(sides: Sides, scale: f32) -> (RgbImage, Vec<Rgb<u8>>) {
        let font = font().unwrap();
        let metrics = Metrics::for_side(512);
        let bar = Bar {
            colormap: Colormap::default(),
            scale,
            is_exceeded: false,
            sides,
        };
        let legend = Legend::new(&font, metrics, "Score", bar, 300);
        let mut image = RgbImage::from_pixel(320, legend.height + 20, Rgb([255; 3]));
        legend.draw(&mut image, 10, 10);
        let y = 10 + legend.name.height + metrics.tick_gap + metrics.strip_height * 3 / 2;
        let strip = (11..309).map(|x| *image.get_pixel(x, y)).collect();
        (image, strip)
    }

    #[test]
    fn a_bar_shows_only_the_sides_that_are_drawn() {
        let brain = STRIPS[1];
        let (_, strip) = drawn(Sides::For, 0.746);
        assert!(
            strip[0]
                .0
                .iter()
                .all(|channel| channel.abs_diff(brain) <= 2)
        );
        assert!(
            strip
                .iter()
                .all(|Rgb([red, _, blue])| red >= blue || red.abs_diff(*blue) <= 1)
        );
        let end = Colormap::default().over(brain, 1.0);
        assert!(
            end.0
                .iter()
                .zip(strip[297].0)
                .all(|(a, b)| a.abs_diff(b) <= 2)
        );

        let (_, strip) = drawn(Sides::Both, 0.746);
        let [against, middle, end] = [0, 148, 297].map(|at| strip[at].0);
        assert!(against[2] > 200 && against[0] < 60, "{against:?}");
        assert!(middle.iter().all(|channel| channel.abs_diff(brain) <= 2));
        assert!(end[0] > 200 && end[2] < 60, "{end:?}");
    }

    #[test]
    fn numbers_and_words_stay_within_the_width() {
        for scale in [0.746, 1.07e-5, 250.0] {
            for sides in [Sides::For, Sides::Both] {
                let (image, _) = drawn(sides, scale);
                let beside = |x: &u32| !(10..310).contains(x);
                for x in (0..image.width()).filter(beside) {
                    assert!((0..image.height()).all(|y| *image.get_pixel(x, y) == Rgb([255; 3])));
                }
                let last = image.height() - 10;
                let below = (0..image.width()).flat_map(|x| (last..last + 10).map(move |y| (x, y)));
                let is_white = |(x, y): (u32, u32)| image.get_pixel(x, y).0 == [255; 3];
                assert!(below.clone().all(is_white), "{sides:?} {scale}");
            }
        }
    }
}
