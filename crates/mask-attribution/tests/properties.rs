//! What must hold for all models.

use mask_attribution::{
    Attribution, Context, Error, Evaluator, KernelShap, Lime, Method, Occlusion, Partition, Region,
    Rise, Size,
};
use pixel_region::CellGrid;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

const SIZE: Size = Size { rows: 6, cols: 8 };
const N: usize = 48;

/// Sums of 48 terms of at most 3, kept in `f32`.
const TOLERANCE: f64 = 1e-5;

fn fail(error: Error) -> TestCaseError {
    TestCaseError::fail(error.to_string())
}

/// Terms of a model that adds up what it sees.
fn terms() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec((-12_i8..=12).prop_map(|term| f64::from(term) / 4.0), N)
}

fn shown(region: &Region) -> Vec<bool> {
    let mut mask = vec![false; N];
    region.fill(&mut mask, SIZE);
    mask
}

fn sum(terms: &[f64], region: &Region) -> f64 {
    let pixels = terms.iter().zip(shown(region));
    pixels
        .filter(|(_, is_shown)| *is_shown)
        .map(|(term, _)| term)
        .sum()
}

fn explain(
    method: &dyn Method,
    answer: impl Fn(&Region) -> f64,
) -> Result<Attribution, TestCaseError> {
    let mut model = |shown: &[Region]| Ok(shown.iter().map(&answer).collect());
    let mut evaluator = Evaluator::new(&mut model, SIZE).map_err(fail)?;
    method.explain(&mut evaluator).map_err(fail)
}

fn total(found: &Attribution) -> f64 {
    found.values.iter().map(|&value| f64::from(value)).sum()
}

fn contexts() -> impl Strategy<Value = Context> {
    prop_oneof![
        Just(Context::Both),
        Just(Context::Hidden),
        Just(Context::Shown)
    ]
}

/// One of each method, as small as it serves.
fn methods(seed: u64) -> Vec<Box<dyn Method>> {
    let (n_cells, n_samples) = (3, 40);
    vec![
        Box::new(Partition {
            context: Context::Both,
            budget: 40,
        }),
        Box::new(Occlusion { side: 4, stride: 3 }),
        Box::new(Rise {
            n_masks: 30,
            n_cells,
            probability: 0.4,
            seed,
        }),
        Box::new(KernelShap {
            n_cells,
            n_samples,
            seed,
        }),
        Box::new(Lime {
            n_cells,
            n_samples,
            seed,
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_sum_is_explained_by_its_terms(terms in terms(), context in contexts()) {
        // Budget for every pixel in every context.
        let method = Partition { context, budget: 10_000 };
        let found = explain(&method, |region| sum(&terms, region))?;
        for (found, term) in found.values.iter().zip(&terms) {
            prop_assert!((f64::from(*found) - term).abs() < TOLERANCE);
        }
    }

    #[test]
    fn cells_of_a_sum_have_the_sums_of_their_terms(terms in terms(), seed in any::<u64>()) {
        let method = KernelShap { n_cells: 3, n_samples: 30, seed };
        let found = explain(&method, |region| sum(&terms, region))?;
        let grid = CellGrid::new(SIZE, 3, 3).ok_or_else(|| TestCaseError::fail("cells"))?;
        for (cell, (rows, cols)) in grid.cells().enumerate() {
            let is_in: Vec<bool> = (0..9).map(|other| other == cell).collect();
            let expected = sum(&terms, &grid.region(&is_in));
            let n_pixels = (rows.len() * cols.len()) as f64;
            let pixel = found.values[rows.start * SIZE.cols + cols.start];
            prop_assert!((f64::from(pixel) * n_pixels - expected).abs() < TOLERANCE);
        }
        prop_assert!(found.standard_error.is_none_or(|error| error < TOLERANCE));
    }

    #[test]
    fn occlusion_of_a_sum_is_the_mean_sum_of_windows(
        terms in terms(),
        (side, stride) in (1_usize..=6).prop_flat_map(|side| (Just(side), 1..=side)),
    ) {
        let found = explain(&Occlusion { side, stride }, |region| sum(&terms, region))?;
        let starts = |n: usize| {
            let mut starts = vec![0];
            while starts[starts.len() - 1] + side < n {
                starts.push(starts[starts.len() - 1] + stride);
            }
            starts
        };
        let term = |row: usize, col: usize| match row < SIZE.rows && col < SIZE.cols {
            true => terms[row * SIZE.cols + col],
            false => 0.0,
        };
        for (at, &found) in found.values.iter().enumerate() {
            let (row, col) = (at / SIZE.cols, at % SIZE.cols);
            let mut windows = Vec::new();
            for top in starts(SIZE.rows) {
                for left in starts(SIZE.cols) {
                    if (top..top + side).contains(&row) && (left..left + side).contains(&col) {
                        let pixels = (0..side * side).map(|p| term(top + p / side, left + p % side));
                        windows.push(pixels.sum::<f64>());
                    }
                }
            }
            let mean = windows.iter().sum::<f64>() / windows.len() as f64;
            prop_assert!((f64::from(found) - mean).abs() < TOLERANCE);
        }
    }

    /// Also for models that are no sums, and within any budget.
    #[test]
    fn values_sum_to_what_the_output_rises(
        terms in terms(),
        context in contexts(),
        budget in 2_usize..60,
        seed in any::<u64>(),
    ) {
        let answer = |region: &Region| sum(&terms, region).tanh() + 0.25;
        let found = explain(&Partition { context, budget }, answer)?;
        prop_assert!(found.n_masks + 2 <= budget);
        let rise = found.image_output - found.background_output;
        prop_assert!((total(&found) - rise).abs() < TOLERANCE);

        let method = KernelShap { n_cells: 3, n_samples: 18 + budget, seed };
        let found = explain(&method, answer)?;
        prop_assert!(found.n_masks <= 18 + budget);
        prop_assert!((total(&found) - rise).abs() < TOLERANCE);
    }

    /// Pixels that the model does not see, in the right half.
    #[test]
    fn what_does_not_matter_has_exactly_nothing(terms in terms(), context in contexts()) {
        let left: Vec<f64> = terms.iter().enumerate()
            .map(|(at, term)| if at % SIZE.cols < 4 { *term } else { 0.0 })
            .collect();
        let answer = |region: &Region| sum(&left, region).tanh();
        let found = explain(&Partition { context, budget: 10_000 }, answer)?;
        let right = (0..N).filter(|at| at % SIZE.cols >= 4);
        prop_assert!(right.clone().all(|at| found.values[at] == 0.0));
        let found = explain(&Occlusion { side: 2, stride: 2 }, answer)?;
        prop_assert!(right.clone().all(|at| found.values[at] == 0.0));
    }

    /// Slopes of a sum: the terms, plus what the chance of the other cells adds.
    #[test]
    fn many_random_masks_find_the_cells_of_a_sum(seed in any::<u64>()) {
        // One cell of nine: with the offsets its neighbours see parts of it.
        let answer = |region: &Region| f64::from(u8::from(shown(region)[3 * SIZE.cols + 4]));
        let method = Rise { n_masks: 400, n_cells: 3, probability: 0.5, seed };
        let found = explain(&method, answer)?;
        // The pixel itself decides: shown 1, hidden 0.
        prop_assert_eq!(found.values[3 * SIZE.cols + 4], 1.0);
        // A corner is in no cell with it.
        let error = found.standard_error.unwrap_or_default() as f32;
        prop_assert!(found.values[0].abs() < 6.0 * error, "{} {error}", found.values[0]);
    }

    #[test]
    fn batches_change_no_bit_and_no_mask_is_asked_twice(
        terms in terms(),
        batch_size in 1_usize..50,
        seed in any::<u64>(),
    ) {
        for method in methods(seed) {
            let mut asked = Vec::new();
            let mut model = |shown: &[Region]| {
                asked.extend(shown.iter().cloned());
                Ok(shown.iter().map(|region| sum(&terms, region).tanh()).collect())
            };
            let mut evaluator = Evaluator::new(&mut model, SIZE).map_err(fail)?;
            evaluator = evaluator.with_batch_size(batch_size);
            let found = method.explain(&mut evaluator).map_err(fail)?;
            let n_evaluations = evaluator.n_evaluations();
            drop(evaluator);
            prop_assert_eq!(asked.len(), n_evaluations);
            let distinct: std::collections::HashSet<Region> = asked.into_iter().collect();
            prop_assert_eq!(distinct.len(), n_evaluations);
            let other = explain(&*method, |region| sum(&terms, region).tanh())?;
            prop_assert_eq!(found, other);
        }
    }
}
