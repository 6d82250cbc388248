//! What is wrong with a node.

use crate::shape::Shape;

/// What does not fit about a node.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// Too few or too many inputs.
    #[error("{found} inputs, expected {expected}")]
    InputCount {
        /// Number of inputs given.
        found: usize,
        /// Numbers that there may be.
        expected: &'static str,
    },
    /// An input that is no node of this graph.
    #[error("input {index} is no earlier node")]
    UnknownInput {
        /// Which input, counted from 0.
        index: usize,
    },
    /// An input whose shape the node cannot take.
    #[error("input {index} is {found}, expected {expected}")]
    InputShape {
        /// Which input, counted from 0.
        index: usize,
        /// Its shape.
        found: Shape,
        /// The shapes that it may have.
        expected: String,
    },
    /// Weights or other parameters of another length than the inputs ask for.
    #[error("{what}: {found} values, expected {expected}")]
    Length {
        /// Whose values.
        what: &'static str,
        /// Number of values given.
        found: u64,
        /// Number of values expected.
        expected: u64,
    },
    /// A parameter that is NaN or infinite.
    #[error("{what}: value {index} is {value}, expected finite numbers")]
    NotFinite {
        /// Whose value.
        what: &'static str,
        /// Its position, counted from 0.
        index: usize,
        /// The value.
        value: f32,
    },
    /// A parameter out of its range.
    #[error("{what} is {found}, expected {expected}")]
    Parameter {
        /// The parameter.
        what: &'static str,
        /// Its value.
        found: String,
        /// Its valid values.
        expected: String,
    },
    /// A window that is longer than the padded side of the map.
    #[error("the window covers {extent} of a padded side of {padded}, which leaves no output")]
    NoOutput {
        /// Positions that the window covers, from its first to its last.
        extent: usize,
        /// Length of the side with its padding.
        padded: usize,
    },
    /// A pooling window that lies in the padding, where it has no value.
    #[error("output {output} along a side sees only padding, and pooling has no value there")]
    OnlyPadding {
        /// The position along the side, counted from 0.
        output: usize,
    },
    /// More than [`crate::limits`] allows.
    #[error("{what}: {found}, expected at most {limit}")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// How much.
        found: u64,
        /// The limit.
        limit: u64,
    },
}

/// As many values as there should be.
pub(crate) fn expect_length(
    what: &'static str,
    found: usize,
    expected: u64,
) -> Result<(), Problem> {
    let found = found as u64;
    if found == expected {
        return Ok(());
    }
    Err(Problem::Length {
        what,
        found,
        expected,
    })
}

/// No NaN and no infinity.
pub(crate) fn expect_finite(what: &'static str, values: &[f32]) -> Result<(), Problem> {
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(index) => Err(Problem::NotFinite {
            what,
            index,
            value: values[index],
        }),
    }
}

/// Finite values, one a channel.
pub(crate) fn expect_per_channel(
    what: &'static str,
    values: &[f32],
    n_channels: usize,
) -> Result<(), Problem> {
    expect_length(what, values.len(), n_channels as u64)?;
    expect_finite(what, values)
}

/// A parameter within its range.
pub(crate) fn expect_parameter(
    holds: bool,
    what: &'static str,
    found: impl ToString,
    expected: &str,
) -> Result<(), Problem> {
    if holds {
        return Ok(());
    }
    Err(Problem::Parameter {
        what,
        found: found.to_string(),
        expected: expected.to_owned(),
    })
}

/// No more than the limit.
pub(crate) fn expect_at_most(what: &'static str, found: u64, limit: u64) -> Result<(), Problem> {
    if found <= limit {
        return Ok(());
    }
    Err(Problem::TooLarge { what, found, limit })
}
