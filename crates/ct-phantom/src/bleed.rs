//! The kinds of hemorrhage, and the wish for some of them.

use std::fmt;

use crate::dice::Dice;

/// A kind of intracranial hemorrhage.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Bleed {
    /// A clot inside the brain tissue, with a dark rim of oedema.
    Intraparenchymal,
    /// Blood in the ventricles.
    Intraventricular,
    /// Blood in the sulci and cisterns.
    Subarachnoid,
    /// A crescent along the inside of the skull.
    Subdural,
    /// A lens against the inside of the skull.
    Epidural,
}

impl Bleed {
    /// Every kind, in declaration order.
    pub const ALL: [Self; 5] = [
        Self::Intraparenchymal,
        Self::Intraventricular,
        Self::Subarachnoid,
        Self::Subdural,
        Self::Epidural,
    ];

    /// How often [`Lesions::Random`] picks each kind of [`Bleed::ALL`] first.
    const SHARES: [f32; 5] = [0.36, 0.14, 0.18, 0.20, 0.12];
}

impl fmt::Display for Bleed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Intraparenchymal => "intraparenchymal",
            Self::Intraventricular => "intraventricular",
            Self::Subarachnoid => "subarachnoid",
            Self::Subdural => "subdural",
            Self::Epidural => "epidural",
        })
    }
}

/// Which bleeds a phantom shall hold.
#[non_exhaustive]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Lesions {
    /// None.
    #[default]
    Clear,
    /// One kind, or in a quarter of the draws two: the mixture the demonstration network was
    /// trained on. The slice holds at least one; a second that found no room is left out.
    Random,
    /// Each of these kinds, drawn in this order, later ones over earlier ones. Repetitions count
    /// once, and an empty list is [`Lesions::Clear`].
    Exactly(Vec<Bleed>),
}

impl Lesions {
    /// The kinds to attempt in one slice.
    pub(crate) fn draw(&self, dice: &mut Dice) -> Vec<Bleed> {
        match self {
            Self::Clear => Vec::new(),
            Self::Random => {
                let n_kinds = 1 + dice.weighted(&[0.75, 0.25]);
                let mut shares = Bleed::SHARES;
                let mut draw_one = || {
                    let k = dice.weighted(&shares);
                    shares[k] = 0.0;
                    Bleed::ALL[k]
                };
                (0..n_kinds).map(|_| draw_one()).collect()
            }
            Self::Exactly(bleeds) => {
                let mut kinds = Vec::new();
                for &bleed in bleeds {
                    if !kinds.contains(&bleed) {
                        kinds.push(bleed);
                    }
                }
                kinds
            }
        }
    }

    /// Whether a slice with `drawn` bleeds on `n_pixels` fulfils the wish.
    pub(crate) fn are_met_by(&self, drawn: &[Bleed], n_pixels: usize) -> bool {
        /// A smaller lesion did not count as one in training.
        const MAX_INVISIBLE_PX: usize = 60;
        match self {
            Self::Clear => drawn.is_empty(),
            Self::Random => n_pixels > MAX_INVISIBLE_PX,
            Self::Exactly(bleeds) => {
                bleeds.iter().all(|bleed| drawn.contains(bleed))
                    && (bleeds.is_empty() || n_pixels > MAX_INVISIBLE_PX)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_kinds_are_distinct_and_come_in_the_stated_shares() {
        let mut dice = Dice::new(11);
        let mut n_first = [0_usize; 5];
        let mut n_pairs = 0_usize;
        for _ in 0..10_000 {
            let kinds = Lesions::Random.draw(&mut dice);
            n_first[kinds[0] as usize] += 1;
            if let [first, second] = kinds[..] {
                n_pairs += 1;
                assert_ne!(first, second);
            }
        }
        // Five standard deviations of a binomial count of 10000, at most 5 * 50.
        assert!(n_pairs.abs_diff(2500) < 250, "{n_pairs} pairs");
        for (n_drawn, share) in n_first.into_iter().zip(Bleed::SHARES) {
            let expected = (10_000.0 * share) as usize;
            assert!(n_drawn.abs_diff(expected) < 250, "{n_first:?}");
        }
    }

    #[test]
    fn repetitions_count_once() {
        let wish = Lesions::Exactly(vec![Bleed::Subdural, Bleed::Epidural, Bleed::Subdural]);
        assert_eq!(
            wish.draw(&mut Dice::new(0)),
            [Bleed::Subdural, Bleed::Epidural]
        );
    }

    #[test]
    fn a_wish_is_met_only_by_every_kind_and_enough_pixels() {
        let wish = Lesions::Exactly(vec![Bleed::Subdural, Bleed::Epidural]);
        assert!(wish.are_met_by(&[Bleed::Epidural, Bleed::Subdural], 61));
        assert!(!wish.are_met_by(&[Bleed::Epidural, Bleed::Subdural], 60));
        assert!(!wish.are_met_by(&[Bleed::Epidural], 1000));
        assert!(Lesions::Exactly(Vec::new()).are_met_by(&[], 0));
    }
}
