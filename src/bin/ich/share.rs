//! A share of something on the command line: `1%`, or `0.01`.

use std::str::FromStr;

/// From 0 on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Share(pub(crate) f64);

impl FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let (number, unit) = match text.strip_suffix('%') {
            Some(percent) => (percent.trim_end(), 100.0),
            None => (text, 1.0),
        };
        match number.parse::<f64>() {
            Ok(number) if number.is_finite() && number >= 0.0 => Ok(Self(number / unit)),
            _ => Err("expected a number of 0 or more, such as 1% or 0.01".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_a_number_or_a_percentage() {
        for (text, share) in [("1%", 0.01), ("0.01", 0.01), ("0", 0.0), ("2.5 %", 0.025)] {
            assert_eq!(text.parse(), Ok(Share(share)), "{text}");
        }
        for text in ["", "%", "-1%", "nan", "inf", "1%%", "one"] {
            assert!(text.parse::<Share>().is_err(), "{text}");
        }
    }
}
