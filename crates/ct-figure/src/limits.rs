use std::fmt;

use crate::Error;

/// How far the colours of a map reach: full colour stands for plus and minus the scale, and beyond it the
/// colour stays the same. What is drawn together has one scale.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Limits {
    /// The largest magnitude among the pixels that are drawn ([`Heat::largest`](crate::Heat::largest)), of
    /// all slices of a figure, a sheet or a page. So the strongest cell has the full colour, and its score
    /// stands at the end of the legend.
    Drawn {
        /// The scale is not below this, finite and not negative: a map of tiny scores stays nearly
        /// transparent. 0, the default, is no bound.
        at_least: f32,
    },
    /// This number, finite and positive: colours mean the same in everything drawn with it.
    Fixed(f32),
}

impl Default for Limits {
    fn default() -> Self {
        Limits::Drawn { at_least: 0.0 }
    }
}

impl Limits {
    /// The scale of what is drawn, given its largest magnitude; 1 where neither that nor a bound is above
    /// 0. So the result is finite and positive.
    ///
    /// # Errors
    ///
    /// [`Error::FixedLimit`] unless finite and positive, [`Error::LeastLimit`] unless finite and not
    /// negative.
    pub fn scale(self, largest_drawn: f32) -> Result<f32, Error> {
        match self {
            Limits::Fixed(scale) if scale.is_finite() && scale > 0.0 => Ok(scale),
            Limits::Fixed(scale) => Err(Error::FixedLimit(scale)),
            Limits::Drawn { at_least } if at_least.is_finite() && at_least >= 0.0 => {
                let scale = largest_drawn.max(at_least);
                Ok(if scale > 0.0 { scale } else { 1.0 })
            }
            Limits::Drawn { at_least } => Err(Error::LeastLimit(at_least)),
        }
    }
}

/// The rule in words, as a report states it.
impl fmt::Display for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Limits::Drawn { at_least } if *at_least > 0.0 => {
                write!(f, "largest magnitude drawn, at least {at_least}")
            }
            Limits::Drawn { .. } => f.write_str("largest magnitude drawn"),
            Limits::Fixed(_) => f.write_str("fixed"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_is_the_largest_magnitude_drawn() {
        assert_eq!(Limits::default().scale(0.746).unwrap(), 0.746);
    }

    #[test]
    fn a_bound_holds_the_scale_up_and_not_down() {
        let limits = Limits::Drawn { at_least: 0.1 };
        assert_eq!(limits.scale(8e-4).unwrap(), 0.1);
        assert_eq!(limits.scale(0.746).unwrap(), 0.746);
    }

    #[test]
    fn nothing_drawn_gives_a_scale_of_the_bound_or_one() {
        assert_eq!(Limits::default().scale(0.0).unwrap(), 1.0);
        assert_eq!(Limits::Drawn { at_least: 0.1 }.scale(0.0).unwrap(), 0.1);
    }

    #[test]
    fn a_fixed_scale_does_not_look_at_what_is_drawn() {
        assert_eq!(Limits::Fixed(0.1).scale(5.0).unwrap(), 0.1);
    }

    #[test]
    fn the_rule_is_said_in_words() {
        assert_eq!(Limits::default().to_string(), "largest magnitude drawn");
        let limits = Limits::Drawn { at_least: 0.1 };
        assert_eq!(limits.to_string(), "largest magnitude drawn, at least 0.1");
        assert_eq!(Limits::Fixed(0.5).to_string(), "fixed");
    }

    #[test]
    fn rejects_a_fixed_scale_that_is_not_finite_and_positive() {
        for scale in [0.0, -1.0, f32::NAN, f32::INFINITY] {
            let error = Limits::Fixed(scale).scale(1.0).unwrap_err();
            assert!(matches!(error, Error::FixedLimit(_)), "{scale}");
        }
    }

    #[test]
    fn rejects_a_bound_that_is_negative_or_not_finite() {
        for at_least in [-0.1, f32::NAN, f32::INFINITY] {
            let error = Limits::Drawn { at_least }.scale(1.0).unwrap_err();
            assert!(matches!(error, Error::LeastLimit(_)), "{at_least}");
        }
    }
}
