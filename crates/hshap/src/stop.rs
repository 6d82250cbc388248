use std::time::Duration;

/// When an exploration ends before all that passes the threshold was cut to the last level:
/// whichever of these comes first. By default none of them, and the map is exact.
///
/// | field | default | ends | valid |
/// | --- | --- | --- | --- |
/// | `tolerance` | 0 | when the map is proven to be this close to the exact one, relative to its largest value | 0 or more; above 0 under the conditions below |
/// | `evaluations` | none | before more masked images than these would be evaluated | |
/// | `time` | none | after this time | |
///
/// A tolerance above 0 needs a bound: outputs that are probabilities ([`Settings::outputs`](crate::Settings::outputs)), an absolute threshold
/// of 0 or more, and no binary map. The other two work with any settings, and their result has the
/// bound where these conditions hold.
///
/// A tolerance and a number of evaluations give the same answer every time. A time does not.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default))]
#[non_exhaustive]
pub struct Stop {
    /// Largest distance of a pixel from the exact map, as a share of that map's largest value.
    pub tolerance: f64,
    /// Most masked images that are evaluated; those of the image and the backgrounds alone always are.
    pub evaluations: Option<usize>,
    /// Time after which no further batch is begun.
    pub time: Option<Duration>,
}

impl Stop {
    /// Ends at a proven tolerance.
    pub fn at_tolerance(tolerance: f64) -> Self {
        Self {
            tolerance,
            ..Self::default()
        }
    }

    /// Also ends at a number of evaluations.
    pub fn or_evaluations(self, evaluations: usize) -> Self {
        Self {
            evaluations: Some(evaluations),
            ..self
        }
    }

    /// Also ends after a time.
    pub fn or_time(self, time: Duration) -> Self {
        Self {
            time: Some(time),
            ..self
        }
    }

    /// Whether nothing ends the exploration early.
    pub fn is_never(&self) -> bool {
        *self == Self::default()
    }
}

/// What is known of the model's outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Outputs {
    /// Any finite numbers, such as logits.
    #[default]
    Numbers,
    /// Numbers from 0 to 1; others are an error.
    Probabilities,
}
