use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::sample::Sample;
use crate::undefined::Undefined;

/// Up to so many patients all assignments of signs are looked at.
const MAX_EXACT: usize = 20;

/// Assignments that are drawn where there are more patients.
const N_DRAWS: u32 = 100_000;

/// Fewer patients cannot reach a two-sided p value of 0.05: with five the smallest is 2 / 2^5 = 0.0625.
const LEAST_PATIENTS: usize = 6;

/// The two-sided p value of paired differences ([`Sample::differences`]) by exchange of signs: the share of
/// assignments of signs to patients for which the mean is at least as far from 0 as it is.
///
/// Under the null hypothesis the two methods can be exchanged within a patient, whose slices keep one
/// sign together. Up to 20 patients all assignments are looked at and the seed is not used; with more,
/// 100,000 are drawn and the observed one is counted among them (Phipson and Smyth, 2010), so that no p
/// value is 0. The same seed gives the same bits.
///
/// # Errors
///
/// [`Undefined::NoValues`], [`Undefined::FewerThanSixPatients`].
pub fn sign_flip(differences: &Sample, seed: u64) -> Result<f64, Undefined> {
    let sums = differences.sums();
    match sums.len() {
        0 => return Err(Undefined::NoValues),
        n if n < LEAST_PATIENTS => return Err(Undefined::FewerThanSixPatients),
        _ => {}
    }
    // The number of slices is the same for all assignments: sums stand for means. Those that are equal
    // but for the order of additions are ties.
    let size = sums.iter().map(|sum| sum.abs()).sum::<f64>();
    let observed = sums.iter().sum::<f64>().abs() - 1e-12 * size;
    if sums.len() <= MAX_EXACT {
        // All signs exchanged give the same distance, so that the first one can be kept.
        let n_far = count_far(sums[0], &sums[1..], observed);
        return Ok(n_far as f64 / 2_f64.powi(sums.len() as i32 - 1));
    }
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let n_far = (0..N_DRAWS).filter(|_| drawn(&sums, &mut random).abs() >= observed);
    Ok((n_far.count() + 1) as f64 / f64::from(N_DRAWS + 1))
}

/// How many assignments of signs to `rest` give a sum at least so far from 0.
fn count_far(sum: f64, rest: &[f64], distance: f64) -> u64 {
    match rest.split_first() {
        None => u64::from(sum.abs() >= distance),
        Some((value, rest)) => {
            count_far(sum + value, rest, distance) + count_far(sum - value, rest, distance)
        }
    }
}

/// The sum with signs that are drawn.
fn drawn(sums: &[f64], random: &mut ChaCha8Rng) -> f64 {
    let signed = sums.chunks(32).map(|sums| {
        let signs: u32 = random.random();
        let signed = sums
            .iter()
            .enumerate()
            .map(|(at, sum)| match signs >> at & 1 {
                0 => *sum,
                _ => -sum,
            });
        signed.sum::<f64>()
    });
    signed.sum()
}

/// The p values of several tests, adjusted so that the chance of any false finding stays at its level:
/// Holm's step-down procedure (1979).
///
/// Tests without a p value were not made: they keep their reason and do not count.
#[must_use]
pub fn holm(p_values: &[Result<f64, Undefined>]) -> Vec<Result<f64, Undefined>> {
    let mut adjusted = p_values.to_vec();
    let value = |at: usize| p_values[at].ok();
    let mut order: Vec<usize> = (0..p_values.len())
        .filter(|&at| value(at).is_some())
        .collect();
    order.sort_by(|&a, &b| {
        value(a)
            .partial_cmp(&value(b))
            .unwrap_or(std::cmp::Ordering::Equal)
    });
    let n_tests = order.len();
    let mut largest: f64 = 0.0;
    for (rank, at) in order.into_iter().enumerate() {
        if let Ok(p) = &mut adjusted[at] {
            largest = largest.max((*p * (n_tests - rank) as f64).min(1.0));
            *p = largest;
        }
    }
    adjusted
}
