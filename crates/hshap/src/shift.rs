use std::f64::consts::TAU;

use crate::Error;

/// A displacement of the grid in pixels: positive values move it down and to the right. Cells that
/// leave the image return on the other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Shift {
    /// Rows downwards.
    pub rows: i64,
    /// Columns to the right.
    pub cols: i64,
}

/// The shifts of a cycle.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Shifts {
    /// All pairs of a radius r in pixels and an angle a in radians:
    /// `rows = -trunc(r sin a)`, `cols = trunc(r cos a)`. Radius 0 is taken at angle 0 only.
    Polar {
        /// Radii in pixels, finite.
        radii: Vec<f64>,
        /// Angles in radians, finite.
        angles: Vec<f64>,
    },
    /// These shifts.
    List(Vec<Shift>),
}

impl Default for Shifts {
    /// The tutorial notebook's 25 shifts: radii 0, 16, 32 and 48 px at eight angles.
    fn default() -> Self {
        Shifts::Polar {
            radii: vec![0.0, 16.0, 32.0, 48.0],
            angles: Shifts::even_angles(8),
        }
    }
}

/// The shifts to make and what to divide the sum of their maps by under h-shap's convention.
pub(crate) struct Cycle {
    pub(crate) shifts: Vec<Shift>,
    pub(crate) upstream_divisor: usize,
}

impl Shifts {
    /// `n` angles from 0, evenly spaced over a full turn, its end excluded.
    pub fn even_angles(n: usize) -> Vec<f64> {
        // The step first, as numpy.linspace does, so that the values agree to the last bit.
        let step = TAU / n as f64;
        (0..n).map(|k| k as f64 * step).collect()
    }

    pub(crate) fn cycle(&self) -> Result<Cycle, Error> {
        let (shifts, upstream_divisor) = match self {
            Shifts::List(shifts) => (shifts.clone(), shifts.len()),
            Shifts::Polar { radii, angles } => {
                check_polar("radii", radii)?;
                check_polar("angles", angles)?;
                let pairs = radii
                    .iter()
                    .flat_map(|&r| angles.iter().map(move |&a| (r, a)));
                let shifts = pairs
                    .filter(|&(r, a)| r != 0.0 || a == 0.0)
                    .map(|(r, a)| Shift {
                        rows: -((r * a.sin()) as i64),
                        cols: (r * a.cos()) as i64,
                    })
                    .collect();
                (shifts, (radii.len() - 1) * angles.len() + 1)
            }
        };
        if shifts.is_empty() {
            return Err(Error::InvalidSetting {
                setting: "shifts",
                found: "none".to_owned(),
                expected: "at least one (radius 0 needs angle 0)".to_owned(),
            });
        }
        Ok(Cycle {
            shifts,
            upstream_divisor,
        })
    }
}

fn check_polar(setting: &'static str, values: &[f64]) -> Result<(), Error> {
    /// Far beyond any image or angle, and exact in `f64` and `i64`.
    const LIMIT: f64 = 1e9;

    let invalid = |found: String| Error::InvalidSetting {
        setting,
        found,
        expected: "one or more numbers from -1e9 to 1e9".to_owned(),
    };
    if values.is_empty() {
        return Err(invalid("none".to_owned()));
    }
    match values.iter().find(|v| !(-LIMIT..=LIMIT).contains(*v)) {
        None => Ok(()),
        Some(value) => Err(invalid(value.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Row by row from `-int(r * sin(a)), int(r * cos(a))` in Python with
    /// `numpy.linspace(0, 64, 4, endpoint=False)` and `numpy.linspace(0, 2 * pi, 8, endpoint=False)`.
    #[test]
    fn the_notebook_has_these_25_shifts() {
        let expected = [
            (0, 0),
            (0, 16),
            (-11, 11),
            (-16, 0),
            (-11, -11),
            (0, -16),
            (11, -11),
            (16, 0),
            (11, 11),
            (0, 32),
            (-22, 22),
            (-32, 0),
            (-22, -22),
            (0, -32),
            (22, -22),
            (32, 0),
            (22, 22),
            (0, 48),
            (-33, 33),
            (-48, 0),
            (-33, -33),
            (0, -48),
            (33, -33),
            (48, 0),
            (33, 33),
        ]
        .map(|(rows, cols)| Shift { rows, cols });
        let cycle = Shifts::default().cycle().unwrap();
        assert_eq!(cycle.shifts, expected);
        assert_eq!(cycle.upstream_divisor, 25);
    }

    #[test]
    fn rejects_no_shifts_at_all() {
        let polar = |radii: &[f64], angles: &[f64]| Shifts::Polar {
            radii: radii.to_vec(),
            angles: angles.to_vec(),
        };
        for shifts in [
            Shifts::List(vec![]),
            polar(&[], &[0.0]),
            polar(&[0.0], &[]),
            polar(&[0.0], &[1.0]),
            polar(&[f64::NAN], &[0.0]),
            polar(&[8.0], &[f64::INFINITY]),
        ] {
            assert!(
                matches!(shifts.cycle(), Err(Error::InvalidSetting { .. })),
                "{shifts:?}"
            );
        }
    }
}
