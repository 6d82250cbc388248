use serde::Serialize;

/// The level of the largest magnitude of a map.
pub(crate) const N_LEVELS: u16 = 4095;

/// What is drawn of a map, as the page holds it: whole parts of its largest magnitude, from `-N_LEVELS` to
/// `N_LEVELS`, equal ones in a run.
///
/// A value is off by at most half a level, 0.0123 % of the largest magnitude of its map, and so of any
/// scale that is not smaller.
#[derive(Debug, Serialize)]
pub(crate) struct Levels {
    largest: f32,
    /// Length and level of each run, one after another.
    runs: Vec<i64>,
}

impl Levels {
    pub(crate) fn encode(values: impl Iterator<Item = f32>) -> Levels {
        let values: Vec<f32> = values.collect();
        let largest = values
            .iter()
            .fold(0.0_f32, |max, value| max.max(value.abs()));
        let level = |value: f32| {
            if largest > 0.0 {
                (f64::from(value) / f64::from(largest) * f64::from(N_LEVELS)).round() as i64
            } else {
                0
            }
        };
        let levels: Vec<i64> = values.into_iter().map(level).collect();
        let runs = levels.chunk_by(|a, b| a == b);
        Levels {
            largest,
            runs: runs.flat_map(|run| [run.len() as i64, run[0]]).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What the page makes of it.
    fn decode(levels: &Levels) -> Vec<f64> {
        let runs = levels.runs.chunks(2);
        runs.flat_map(|run| {
            let value = run[1] as f64 * f64::from(levels.largest) / f64::from(N_LEVELS);
            std::iter::repeat_n(value, run[0] as usize)
        })
        .collect()
    }

    #[test]
    fn equal_values_are_one_run() {
        let levels = Levels::encode([0.0, 0.0, 0.0, 0.5, 0.5, -0.25, 0.0].into_iter());
        assert_eq!(levels.runs, [3, 0, 2, 4095, 1, -2048, 1, 0]);
        assert_eq!(levels.largest, 0.5);
    }

    #[test]
    fn a_map_of_zeros_is_one_run() {
        assert_eq!(Levels::encode([0.0; 9].into_iter()).runs, [9, 0]);
    }

    proptest! {
        #[test]
        fn a_value_is_off_by_at_most_half_a_level(
            values in prop::collection::vec(prop::num::f32::NORMAL | prop::num::f32::ZERO | prop::num::f32::SUBNORMAL, 1..60),
        ) {
            let levels = Levels::encode(values.iter().copied());
            let decoded = decode(&levels);
            prop_assert_eq!(decoded.len(), values.len());
            // The rounding of f64 beside half a level.
            let bound = f64::from(levels.largest) * (0.5 / f64::from(N_LEVELS) + 1e-12);
            for (value, decoded) in values.iter().zip(decoded) {
                prop_assert!((f64::from(*value) - decoded).abs() <= bound);
            }
            prop_assert!(bound <= 1.23e-4 * f64::from(levels.largest) || levels.largest < 1e-300_f64 as f32);
        }
    }
}
