use std::collections::BTreeMap;

use crate::error::Error;
use crate::undefined::Undefined;

/// Values of slices, gathered by patient: slices of one patient are alike, so that it is patients who are
/// drawn again or exchanged, not slices.
///
/// The order in which slices are given does not matter beyond rounding, but patients should have the same
/// names in all samples: a seed draws them in the order of their names.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    patients: Vec<Vec<f64>>,
    n_undefined: usize,
}

/// Ends of an interval.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Sample {
    /// Gathers the values of slices, each with its patient. Undefined ones are counted, and are no part
    /// of anything else.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] at the first value that is NaN or infinite.
    pub fn new<P: Ord>(
        slices: impl IntoIterator<Item = (P, Result<f64, Undefined>)>,
    ) -> Result<Sample, Error> {
        let mut patients: BTreeMap<P, Vec<f64>> = BTreeMap::new();
        let mut n_undefined = 0;
        for (index, (patient, value)) in slices.into_iter().enumerate() {
            match value {
                Ok(value) if value.is_finite() => patients.entry(patient).or_default().push(value),
                Ok(value) => return Err(Error::Value { index, value }),
                Err(_) => n_undefined += 1,
            }
        }
        Ok(Sample {
            patients: patients.into_values().collect(),
            n_undefined,
        })
    }

    /// Gathers the differences `a - b` of slices on which two methods are compared. A slice on which one
    /// of them is undefined is undefined.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] at the first difference that is NaN or infinite.
    pub fn differences<P: Ord>(
        slices: impl IntoIterator<Item = (P, Result<f64, Undefined>, Result<f64, Undefined>)>,
    ) -> Result<Sample, Error> {
        let slices = slices.into_iter();
        Sample::new(slices.map(|(patient, a, b)| (patient, a.and_then(|a| Ok(a - b?)))))
    }

    /// Slices with a value.
    #[must_use]
    pub fn n_slices(&self) -> usize {
        self.patients.iter().map(Vec::len).sum()
    }

    /// Patients with a value.
    #[must_use]
    pub fn n_patients(&self) -> usize {
        self.patients.len()
    }

    /// Slices without a value.
    #[must_use]
    pub fn n_undefined(&self) -> usize {
        self.n_undefined
    }

    /// The mean of all slices' values.
    ///
    /// # Errors
    ///
    /// [`Undefined::NoValues`].
    pub fn mean(&self) -> Result<f64, Undefined> {
        if self.patients.is_empty() {
            return Err(Undefined::NoValues);
        }
        Ok(self.sums().iter().sum::<f64>() / self.n_slices() as f64)
    }

    /// The share of slices whose value is above 0, those at 0 as half: of [`differences`](Self::differences)
    /// the share of slices on which the first method has the higher value.
    ///
    /// # Errors
    ///
    /// [`Undefined::NoValues`].
    pub fn share_above_zero(&self) -> Result<f64, Undefined> {
        if self.patients.is_empty() {
            return Err(Undefined::NoValues);
        }
        let halves = |value: &f64| match value {
            value if *value > 0.0 => 2,
            value if *value == 0.0 => 1,
            _ => 0,
        };
        let n_halves: usize = self.patients.iter().flatten().map(halves).sum();
        Ok(n_halves as f64 / (2 * self.n_slices()) as f64)
    }

    /// The sum of each patient's values.
    pub(crate) fn sums(&self) -> Vec<f64> {
        self.patients
            .iter()
            .map(|values| values.iter().sum())
            .collect()
    }

    /// How many values each patient has.
    pub(crate) fn counts(&self) -> Vec<usize> {
        self.patients.iter().map(Vec::len).collect()
    }
}
