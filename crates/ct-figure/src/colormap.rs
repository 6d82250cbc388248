use std::fmt;

use image::Rgb;
use serde::Serialize;

/// The colours of a map over a slice in grey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Colormap {
    /// Orange for, blue against, transparent at 0 and more opaque the larger the magnitude, up to 80 %.
    /// Both are far from every grey and from each other, for colour-blind readers too.
    #[default]
    OrangeBlue,
    /// The notebook's look: matplotlib's `bwr`, red for, blue against and white at 0, at half opacity
    /// wherever something is drawn.
    Bwr,
}

/// The colours of one sign, from just beside 0 to the scale, linear in between: red, green and blue from 0
/// to 255, and opacity from 0 to 1.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Ramp {
    pub(crate) start: [f32; 4],
    pub(crate) end: [f32; 4],
}

/// What is `for` the class, and what is against it.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Ramps {
    pub(crate) positive: Ramp,
    pub(crate) negative: Ramp,
}

impl Colormap {
    pub(crate) fn ramps(self) -> Ramps {
        let ramp = |start, end| Ramp { start, end };
        match self {
            Colormap::OrangeBlue => Ramps {
                positive: ramp([255.0, 110.0, 0.0, 0.0], [255.0, 110.0, 0.0, 0.8]),
                negative: ramp([0.0, 114.0, 255.0, 0.0], [0.0, 114.0, 255.0, 0.8]),
            },
            Colormap::Bwr => Ramps {
                positive: ramp([255.0, 255.0, 255.0, 0.5], [255.0, 0.0, 0.0, 0.5]),
                negative: ramp([255.0, 255.0, 255.0, 0.5], [0.0, 0.0, 255.0, 0.5]),
            },
        }
    }

    /// The colour of a value over a grey; `part` is the value as a part of the scale. Beyond the scale the
    /// colour stays; at 0 it is the grey.
    pub(crate) fn over(self, grey: u8, part: f32) -> Rgb<u8> {
        let grey = f32::from(grey);
        let ramps = self.ramps();
        let Ramp { start, end } = if part > 0.0 {
            ramps.positive
        } else {
            ramps.negative
        };
        let part = part.abs().min(1.0);
        let at = |channel: usize| start[channel] + part * (end[channel] - start[channel]);
        let opacity = if part > 0.0 { at(3) } else { 0.0 };
        Rgb([0, 1, 2].map(|channel| (opacity * at(channel) + (1.0 - opacity) * grey).round() as u8))
    }
}

/// The name a report and a command line use.
impl fmt::Display for Colormap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Colormap::OrangeBlue => "orange-blue",
            Colormap::Bwr => "bwr",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::boxes::BOX_COLOR;

    const BACKGROUNDS: [u8; 3] = [0, 128, 255];

    #[test]
    fn zero_is_transparent_and_the_ends_are_the_end_colours() {
        for colormap in [Colormap::OrangeBlue, Colormap::Bwr] {
            for grey in BACKGROUNDS {
                assert_eq!(colormap.over(grey, 0.0), Rgb([grey; 3]));
                for part in [1.0, -1.0] {
                    let end = colormap.over(grey, part);
                    assert_eq!(colormap.over(grey, part * 7.0), end);
                    assert_eq!(colormap.over(grey, part * f32::INFINITY), end);
                }
            }
        }
        assert_eq!(Colormap::OrangeBlue.over(0, 1.0), Rgb([204, 88, 0]));
        assert_eq!(Colormap::OrangeBlue.over(255, -1.0), Rgb([51, 142, 255]));
        assert_eq!(Colormap::Bwr.over(255, 1.0), Rgb([255, 128, 128]));
        assert_eq!(Colormap::Bwr.over(0, -1.0), Rgb([0, 0, 128]));
    }

    #[test]
    fn opacity_grows_with_the_magnitude() {
        for sign in [1.0, -1.0] {
            for grey in BACKGROUNDS {
                let distance = |part: f32| {
                    let from = lab(Rgb([grey; 3]), &NORMAL);
                    distance(
                        from,
                        lab(Colormap::OrangeBlue.over(grey, sign * part), &NORMAL),
                    )
                };
                let parts: Vec<f64> = (0..=20).map(|n| distance(n as f32 / 20.0)).collect();
                assert!(parts.windows(2).all(|pair| pair[0] < pair[1]), "{parts:?}");
                // A score of 1 % of the scale is barely seen, one of half of it clearly.
                assert!(distance(0.01) < 3.0, "{}", distance(0.01));
                assert!(parts[10] > 25.0, "{}", parts[10]);
            }
        }
    }

    #[test]
    fn bwr_is_matplotlib_without_its_levels() {
        // 256 levels of 510 units from blue over white to red: a level is off by up to 510 / 256, and the
        // colour that is drawn, at half opacity, by half of that.
        let tolerance = 2;
        let golden: serde_json::Value =
            serde_json::from_str(include_str!("../tests/golden/bwr.json")).unwrap();
        for case in golden.as_array().unwrap() {
            let part = case["value"].as_f64().unwrap() as f32;
            let Ramps { positive, negative } = Colormap::Bwr.ramps();
            let ramp = if part < 0.0 { negative } else { positive };
            let part = part.abs().min(1.0);
            for (channel, theirs) in case["rgb"].as_array().unwrap().iter().enumerate() {
                let (start, end) = (ramp.start[channel], ramp.end[channel]);
                let ours = (start + part * (end - start)).round() as u64;
                let theirs = theirs.as_u64().unwrap();
                assert!(
                    ours.abs_diff(theirs) <= tolerance,
                    "{case}: {ours} in {channel}"
                );
            }
        }
    }

    /// How a dichromat sees linear RGB: Machado, Oliveira and Fernandes (2009), severity 1.0.
    const PROTANOPIA: [[f64; 3]; 3] = [
        [0.152_286, 1.052_583, -0.204_868],
        [0.114_503, 0.786_281, 0.099_216],
        [-0.003_882, -0.048_116, 1.051_998],
    ];
    const DEUTERANOPIA: [[f64; 3]; 3] = [
        [0.367_322, 0.860_646, -0.227_968],
        [0.280_085, 0.672_501, 0.047_413],
        [-0.011_820, 0.042_940, 0.968_881],
    ];
    const NORMAL: [[f64; 3]; 3] = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    /// From linear sRGB to CIE XYZ over the white point D65 (IEC 61966-2-1).
    const XYZ: [[f64; 3]; 3] = [
        [0.433_9, 0.376_2, 0.189_9],
        [0.212_6, 0.715_2, 0.072_2],
        [0.017_7, 0.109_5, 0.872_9],
    ];

    fn times(matrix: &[[f64; 3]; 3], v: [f64; 3]) -> [f64; 3] {
        matrix.map(|row| row.iter().zip(v).map(|(a, b)| a * b).sum())
    }

    /// CIE 1976 L*a*b* of a colour as such a reader sees it.
    fn lab(Rgb(color): Rgb<u8>, vision: &[[f64; 3]; 3]) -> [f64; 3] {
        let linear = color.map(|channel| {
            let channel = f64::from(channel) / 255.0;
            if channel <= 0.04045 {
                channel / 12.92
            } else {
                ((channel + 0.055) / 1.055).powf(2.4)
            }
        });
        let seen = times(vision, linear).map(|channel| channel.clamp(0.0, 1.0));
        let [x, y, z] = times(&XYZ, seen).map(|t| {
            if t > 216.0 / 24389.0 {
                t.cbrt()
            } else {
                (24389.0 / 27.0 * t + 16.0) / 116.0
            }
        });
        [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
    }

    /// CIE 1976 colour difference; about 2.3 is just noticeable.
    fn distance(a: [f64; 3], b: [f64; 3]) -> f64 {
        a.iter()
            .zip(b)
            .map(|(a, b)| (a - b).powi(2))
            .sum::<f64>()
            .sqrt()
    }

    #[test]
    fn white_and_black_are_100_and_0() {
        assert!((lab(Rgb([255; 3]), &NORMAL)[0] - 100.0).abs() < 0.01);
        assert!(lab(Rgb([0; 3]), &NORMAL)[0].abs() < 0.01);
        // Both kinds of dichromats see grey as grey.
        for vision in [PROTANOPIA, DEUTERANOPIA] {
            let [_, a, b] = lab(Rgb([128; 3]), &vision);
            assert!(a.abs() < 1.0 && b.abs() < 1.0, "{a} {b}");
        }
    }

    #[test]
    fn colour_blind_readers_tell_for_against_greys_and_boxes_apart() {
        let ends = |part| BACKGROUNDS.map(|grey| Colormap::OrangeBlue.over(grey, part));
        let greys: Vec<_> = (0..=255).map(|grey| Rgb([grey; 3])).collect();
        for (name, vision) in [
            ("normal", NORMAL),
            ("protanopia", PROTANOPIA),
            ("deuteranopia", DEUTERANOPIA),
        ] {
            let nearest = |from: &[Rgb<u8>], to: &[Rgb<u8>]| {
                let pairs = from.iter().flat_map(|a| to.iter().map(move |b| (a, b)));
                pairs
                    .map(|(a, b)| distance(lab(*a, &vision), lab(*b, &vision)))
                    .fold(f64::INFINITY, f64::min)
            };
            let found = [
                nearest(&ends(1.0), &ends(-1.0)),
                nearest(&ends(1.0), &greys),
                nearest(&ends(-1.0), &greys),
                nearest(&[BOX_COLOR], &ends(1.0)),
                nearest(&[BOX_COLOR], &ends(-1.0)),
            ];
            let bounds = [100.0, 48.0, 48.0, 55.0, 55.0];
            let holds = found
                .iter()
                .zip(bounds)
                .all(|(found, bound)| *found >= bound);
            assert!(holds, "{name}: {found:.1?}, bounds {bounds:?}");
        }
    }
}
