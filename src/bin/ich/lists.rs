//! Lists of numbers on the command line.

use std::str::FromStr;

use ich::hshap::Shifts;

/// Radii in pixels.
#[derive(Debug, Clone)]
pub(crate) struct Radii(pub(crate) Vec<f64>);

/// Angles in radians.
#[derive(Debug, Clone)]
pub(crate) struct Angles(pub(crate) Vec<f64>);

/// Numbers of single precision.
#[derive(Debug, Clone)]
pub(crate) struct Numbers(pub(crate) Vec<f32>);

/// More angles than any grid has distinct shifts for.
const MAX_ANGLES: usize = 10_000;

impl FromStr for Radii {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        parse_list(text).map(Self)
    }
}

impl FromStr for Numbers {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers = parse_list(text)?.into_iter();
        Ok(Self(numbers.map(|number| number as f32).collect()))
    }
}

impl FromStr for Angles {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.contains(['.', ',', 'e', 'E']) {
            return parse_list(text).map(Self);
        }
        match text.trim().parse() {
            Ok(n) if (1..=MAX_ANGLES).contains(&n) => Ok(Self(Shifts::even_angles(n))),
            _ => Err(format!(
                "expected a number of angles from 1 to {MAX_ANGLES}, or radians with a point or separated by commas"
            )),
        }
    }
}

/// Numbers separated by commas; one comma may end the list.
fn parse_list(text: &str) -> Result<Vec<f64>, String> {
    let text = text.strip_suffix(',').unwrap_or(text);
    text.split(',')
        .map(|item| match item.trim().parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(number),
            _ => Err(format!("{item:?} is not a finite number")),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_number_of_angles_spreads_over_the_turn() {
        let Angles(angles) = "4".parse().expect("a number");
        assert_eq!(angles.len(), 4);
        assert_eq!(angles[2], std::f64::consts::PI);
    }

    #[test]
    fn a_point_or_a_comma_makes_radians() {
        for (text, expected) in [
            ("2.0", vec![2.0]),
            ("2,", vec![2.0]),
            ("0,-1.5", vec![0.0, -1.5]),
        ] {
            let Angles(angles) = text.parse().expect("a list");
            assert_eq!(angles, expected, "{text}");
        }
    }

    #[test]
    fn rejects_what_is_no_number() {
        for text in ["", "0", "-3", "1,,2", "nan,0", "1.5,inf", "10001", "eight"] {
            assert!(text.parse::<Angles>().is_err(), "{text:?}");
        }
        for text in ["", ",", "0;16", "0,NaN"] {
            assert!(text.parse::<Radii>().is_err(), "{text:?}");
        }
    }
}
