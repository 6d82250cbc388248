use serde::{Serialize, Serializer};

/// Why a statistic has no value.
///
/// A [`Summary`](crate::Summary) serializes it as an object with the one key `undefined`, in the place of
/// the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Undefined {
    /// There is no case at all.
    #[error("no cases")]
    NoCases,
    /// There is no positive case.
    #[error("no positives")]
    NoPositives,
    /// There is no negative case.
    #[error("no negatives")]
    NoNegatives,
    /// No case reaches the threshold.
    #[error("none predicted positive")]
    NoPredictedPositives,
    /// Every case reaches the threshold.
    #[error("none predicted negative")]
    NoPredictedNegatives,
    /// A variance needs two positives and two negatives.
    #[error("fewer than 2 of a class")]
    FewerThanTwo,
    /// The estimated variance is 0, as at an AUC of 0 or 1: that says nothing about the true one.
    #[error("DeLong variance is 0")]
    ZeroVariance,
    /// No case is in the bin.
    #[error("empty bin")]
    EmptyBin,
}

#[derive(Serialize)]
struct Reason {
    undefined: String,
}

/// Serializes the value, or the reason why there is none.
pub(crate) fn serialize<T: Serialize, S: Serializer>(
    value: &Result<T, Undefined>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match value {
        Ok(value) => value.serialize(serializer),
        Err(reason) => Reason {
            undefined: reason.to_string(),
        }
        .serialize(serializer),
    }
}
