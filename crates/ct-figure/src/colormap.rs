use colorgrad::{Color, Gradient, GradientBuilder, LinearGradient};
use image::Rgb;

use crate::Error;

/// Levels of a matplotlib colour map.
const N_LEVELS: usize = 256;

/// matplotlib's `bwr`: blue, white, red, linear in between, in 256 levels.
pub(crate) struct ColorMap {
    levels: Vec<Rgb<u8>>,
}

impl ColorMap {
    pub(crate) fn bwr() -> Result<ColorMap, Error> {
        let gradient = GradientBuilder::new()
            .colors(&[
                Color::new(0.0, 0.0, 1.0, 1.0),
                Color::new(1.0, 1.0, 1.0, 1.0),
                Color::new(1.0, 0.0, 0.0, 1.0),
            ])
            .build::<LinearGradient>()
            .map_err(Error::ColorMap)?;
        let levels = (0..N_LEVELS)
            .map(|level| {
                let [red, green, blue, _] =
                    gradient.at(level as f32 / (N_LEVELS - 1) as f32).to_rgba8();
                Rgb([red, green, blue])
            })
            .collect();
        Ok(ColorMap { levels })
    }

    /// The colour of `value` between the limits `-vmax` (blue) and `vmax` (red); beyond them the colour of
    /// the limit. Zero falls in the first level above white, which is white but for one unit.
    pub(crate) fn color(&self, value: f32, vmax: f32) -> Rgb<u8> {
        let (value, vmax) = (f64::from(value), f64::from(vmax));
        let fraction = (value + vmax) / (2.0 * vmax);
        // The cast saturates: below the lower limit it gives level 0.
        let level = (fraction * N_LEVELS as f64) as usize;
        self.levels[level.min(N_LEVELS - 1)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_are_pure_and_the_middle_is_white() {
        let map = ColorMap::bwr().unwrap();
        assert_eq!(map.color(-2.0, 2.0), Rgb([0, 0, 255]));
        assert_eq!(map.color(0.0, 2.0), Rgb([255, 254, 254]));
        assert_eq!(map.color(2.0, 2.0), Rgb([255, 0, 0]));
    }

    #[test]
    fn values_beyond_the_limits_take_the_colour_of_the_limit() {
        let map = ColorMap::bwr().unwrap();
        assert_eq!(map.color(f32::MIN, 1e-30), Rgb([0, 0, 255]));
        assert_eq!(map.color(f32::MAX, 1e-30), Rgb([255, 0, 0]));
    }

    #[test]
    fn equals_matplotlib_at_every_level() {
        let golden: serde_json::Value =
            serde_json::from_str(include_str!("../tests/golden/bwr.json")).unwrap();
        let map = ColorMap::bwr().unwrap();
        for case in golden.as_array().unwrap() {
            let value = case["value"].as_f64().unwrap() as f32;
            let Rgb(color) = map.color(value, 1.0);
            for (ours, theirs) in color.iter().zip(case["rgb"].as_array().unwrap()) {
                let theirs = theirs.as_u64().unwrap();
                assert!(
                    u64::from(*ours).abs_diff(theirs) <= 1,
                    "{value}: {color:?}, matplotlib {}",
                    case["rgb"]
                );
            }
        }
    }
}
