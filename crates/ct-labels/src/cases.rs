use crate::{Error, Undefined};

/// Cases with a known truth and a predicted probability: what every statistic here is computed from.
///
/// They are kept in order and counted, so that equal probabilities stand together; which case is which is
/// forgotten.
#[derive(Debug, Clone, PartialEq)]
pub struct Cases {
    /// Ascending, without repetition.
    groups: Vec<Group>,
    n_positives: usize,
    n_negatives: usize,
}

/// Cases of equal probability.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Group {
    pub(crate) probability: f64,
    pub(crate) n_positives: usize,
    pub(crate) n_negatives: usize,
}

impl Cases {
    /// Takes `(probability, is_positive)` pairs in any order.
    ///
    /// # Errors
    ///
    /// [`Error::Probability`] if one is NaN or not in `[0, 1]`.
    pub fn new(cases: impl IntoIterator<Item = (f64, bool)>) -> Result<Cases, Error> {
        let mut sorted: Vec<(f64, bool)> = cases.into_iter().collect();
        for (index, (probability, _)) in sorted.iter_mut().enumerate() {
            if !(0.0..=1.0).contains(probability) {
                return Err(Error::Probability {
                    index,
                    probability: *probability,
                });
            }
            *probability = probability.abs(); // -0 is 0
        }
        sorted.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let groups: Vec<_> = sorted
            .chunk_by(|a, b| a.0 == b.0)
            .map(|tied| {
                let n_positives = tied.iter().filter(|(_, is_positive)| *is_positive).count();
                Group {
                    probability: tied[0].0,
                    n_positives,
                    n_negatives: tied.len() - n_positives,
                }
            })
            .collect();
        let n_positives = groups.iter().map(|group| group.n_positives).sum();
        Ok(Cases {
            groups,
            n_positives,
            n_negatives: sorted.len() - n_positives,
        })
    }

    /// Number of cases.
    #[must_use]
    pub fn n_cases(&self) -> usize {
        self.n_positives + self.n_negatives
    }

    /// Number of cases with a hemorrhage.
    #[must_use]
    pub fn n_positives(&self) -> usize {
        self.n_positives
    }

    /// Number of cases without.
    #[must_use]
    pub fn n_negatives(&self) -> usize {
        self.n_negatives
    }

    /// Number of cases with a probability of 0 or 1.
    pub(crate) fn n_certain(&self) -> usize {
        let certain = self
            .groups
            .iter()
            .filter(|group| matches!(group.probability, 0.0 | 1.0));
        certain
            .map(|group| group.n_positives + group.n_negatives)
            .sum()
    }

    /// Ascending by probability.
    pub(crate) fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// Refuses cases that are all of one class, or none.
    pub(crate) fn both_classes(&self) -> Result<(), Undefined> {
        match (self.n_positives, self.n_negatives) {
            (0, _) => Err(Undefined::NoPositives),
            (_, 0) => Err(Undefined::NoNegatives),
            _ => Ok(()),
        }
    }
}
