use ab_glyph::FontRef;
use image::RgbImage;
use imageproc::drawing::draw_filled_rect_mut;
use imageproc::rect::Rect;

use crate::Error;
use crate::colormap::ColorMap;
use crate::metrics::Metrics;
use crate::text::{BLACK, Line};

/// Ticks from the lower to the upper limit, at these parts of it.
const TICKS: [f32; 5] = [-1.0, -0.5, 0.0, 0.5, 1.0];

/// A vertical colour bar with numbers, measured. Its colours are those of the map before they are laid
/// over the slice.
pub(crate) struct ColorBar<'a> {
    colors: ColorMap,
    labels: Vec<Line<'a>>,
    metrics: Metrics,
    height: u32,
    pub(crate) width: u32,
}

impl<'a> ColorBar<'a> {
    /// A bar from `-vmax` to `vmax` beside an image of this height; taller where the numbers would overlap.
    pub(crate) fn new(
        font: &'a FontRef<'static>,
        metrics: Metrics,
        vmax: f32,
        image_height: u32,
    ) -> Result<ColorBar<'a>, Error> {
        let labels: Vec<Line<'_>> = TICKS
            .iter()
            .map(|part| Line::new(font, &tick_label(*part, vmax), metrics.tick_text))
            .collect();
        let widest = labels.iter().map(|label| label.width).max().unwrap_or(0);
        let tallest = labels.iter().map(|label| label.height).max().unwrap_or(0);
        Ok(ColorBar {
            colors: ColorMap::bwr()?,
            height: image_height.max(tallest * TICKS.len() as u32),
            width: metrics.bar_width + metrics.tick_length + metrics.tick_gap + widest,
            labels,
            metrics,
        })
    }

    /// Height with the half of the lowest number that stands out below the bar.
    pub(crate) fn height(&self) -> u32 {
        self.height + self.labels.last().map_or(0, |label| label.height / 2)
    }

    /// Draws the bar with the top left corner of its colours at `(x, y)`.
    pub(crate) fn draw(&self, image: &mut RgbImage, x: u32, y: u32) {
        let (bar_width, last) = (self.metrics.bar_width, self.height - 1);
        draw_filled_rect_mut(image, rect(x, y, bar_width, self.height), BLACK);
        for down in 1..last {
            let value = 1.0 - 2.0 * down as f32 / last as f32;
            let color = self.colors.color(value, 1.0);
            draw_filled_rect_mut(image, rect(x + 1, y + down, bar_width - 2, 1), color);
        }
        for (part, label) in TICKS.iter().zip(&self.labels) {
            let center = y + ((1.0 - part) / 2.0 * last as f32).round() as u32;
            let tick = x + bar_width;
            draw_filled_rect_mut(
                image,
                rect(tick, center, self.metrics.tick_length, 1),
                BLACK,
            );
            let text = tick + self.metrics.tick_length + self.metrics.tick_gap;
            label.draw(image, BLACK, text, center.saturating_sub(label.height / 2));
        }
    }
}

fn rect(x: u32, y: u32, width: u32, height: u32) -> Rect {
    Rect::at(x.cast_signed(), y.cast_signed()).of_size(width.max(1), height.max(1))
}

/// A number of three significant digits, without trailing zeros: `0.11`, `-0.055`, `1.1e-4`.
fn tick_label(part: f32, vmax: f32) -> String {
    if part == 0.0 {
        return "0".to_owned();
    }
    let value = f64::from(part) * f64::from(vmax);
    let sign = if value < 0.0 { "\u{2212}" } else { "" };
    let scientific = format!("{:.2e}", value.abs());
    let Some((mantissa, exponent)) = scientific.split_once('e') else {
        return scientific;
    };
    // One notation for the whole bar: the limit decides.
    if !(1e-3..1e4).contains(&vmax) {
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
    use super::*;

    fn labels(vmax: f32) -> Vec<String> {
        TICKS.iter().map(|part| tick_label(*part, vmax)).collect()
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
}
