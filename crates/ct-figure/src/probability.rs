/// Decimals of a probability that needs no more.
const N_DECIMALS: usize = 4;
/// Decimals that tell every `f32` from 0.5 and 1, which lie at least 2^-25 from it.
const MAX_DECIMALS: usize = 9;

/// A probability in four decimals, or in as many as it takes so that it is not shown as 0, 0.5 or 1
/// unless it is exactly that: `0.9995`, `0.99999`, `0.49997`, `3.0e-7`.
///
/// 0.5 counts because the class changes there.
#[must_use]
pub fn probability_text(probability: f32) -> String {
    let value = f64::from(probability);
    if value > 0.0 && value < 5e-5 {
        return format!("{value:.1e}");
    }
    let is_false = |text: &str| {
        let shown: f64 = text.parse().unwrap_or(f64::NAN);
        shown != value && [0.0, 0.5, 1.0].contains(&shown)
    };
    (N_DECIMALS..MAX_DECIMALS)
        .map(|n_decimals| format!("{value:.n_decimals$}"))
        .find(|text| !is_false(text))
        .unwrap_or_else(|| format!("{value:.MAX_DECIMALS$}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_probability_is_not_rounded_to_certainty() {
        for (probability, text) in [
            (0.0, "0.0000"),
            (1.0, "1.0000"),
            (0.5, "0.5000"),
            (0.9995, "0.9995"),
            (0.93, "0.9300"),
            (0.999_99, "0.99999"),
            (0.999_999_94, "0.9999999"),
            (0.000_1, "0.0001"),
            (5e-5, "5.0e-5"),
            (3e-7, "3.0e-7"),
            (1e-45, "1.4e-45"),
            (0.499_97, "0.49997"),
            (0.500_000_06, "0.5000001"),
            (0.499_999_97, "0.49999997"),
        ] {
            assert_eq!(probability_text(probability), text, "{probability:e}");
        }
    }

    proptest! {
        #[test]
        fn the_text_is_near_and_on_the_same_side(probability in 0.0_f32..=1.0) {
            let value = f64::from(probability);
            let shown: f64 = probability_text(probability).parse().unwrap();
            prop_assert!((shown - value).abs() <= 5.1e-5);
            for mark in [0.0, 0.5, 1.0] {
                prop_assert_eq!(shown.partial_cmp(&mark), value.partial_cmp(&mark));
            }
        }
    }
}
