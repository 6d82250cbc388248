//! What must hold for all maps and truths.

use map_metrics::{
    CellGrid, CellOrder, Localisation, Map, OTSU_BINS, Region, Size, Square, Squares, Truth, gini,
    negative_share, overlap, spearman, stability, top_jaccard,
};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

const SIZE: Size = Size { rows: 5, cols: 7 };
const N: usize = 35;

/// Sums of at most 35 terms of at most 1.
const TOLERANCE: f64 = 1e-13;

/// Small whole numbers, for ties, of both signs.
fn values() -> impl Strategy<Value = Vec<f32>> {
    prop::collection::vec((-3_i8..=4).prop_map(f32::from), N)
}

/// Values that have no ties.
fn distinct() -> impl Strategy<Value = Vec<f32>> {
    Just((0..N).map(|at| at as f32 - 9.0).collect::<Vec<_>>()).prop_shuffle()
}

/// A truth that is not empty.
fn truths() -> impl Strategy<Value = Truth> {
    (prop::collection::vec(any::<bool>(), N), 0..N).prop_map(|(mut mask, at)| {
        mask[at] = true;
        Truth::from_mask(mask, SIZE).unwrap_or_else(|error| panic!("{error}"))
    })
}

fn fail(error: impl std::fmt::Display) -> TestCaseError {
    TestCaseError::fail(error.to_string())
}

fn map(values: &[f32]) -> Result<Map<'_>, TestCaseError> {
    Map::new(values, SIZE).map_err(fail)
}

fn is_near(a: f64, b: f64) -> bool {
    (a - b).abs() <= TOLERANCE
}

/// Every metric of localisation but the peak's distance, `None` where undefined.
fn scores(values: &[f32], truth: &Truth) -> Result<Vec<Option<f64>>, TestCaseError> {
    let place = Localisation::new(&map(values)?, truth).map_err(fail)?;
    let selection = place.at_otsu(OTSU_BINS).map_err(fail)?;
    Ok(vec![
        place.energy().ok(),
        place.pointing().ok(),
        place.average_precision().ok(),
        place.rank_accuracy().ok(),
        place.best_iou().ok().map(|best| best.iou),
        selection.precision.ok(),
        Some(selection.recall),
        Some(selection.iou),
        Some(selection.dice),
    ])
}

proptest! {
    #[test]
    fn shares_are_shares(values in values(), truth in truths()) {
        for score in scores(&values, &truth)?.into_iter().flatten() {
            prop_assert!((0.0..=1.0).contains(&score), "{score}");
        }
        let map = map(&values)?;
        for share in [negative_share(&map), gini(&map)].into_iter().flatten() {
            prop_assert!((0.0..=1.0).contains(&share), "{share}");
        }
    }

    #[test]
    fn scale_does_not_matter(values in values(), truth in truths(), exponent in -20..20_i32) {
        let scaled: Vec<f32> = values.iter().map(|v| v * 2_f32.powi(exponent)).collect();
        prop_assert_eq!(scores(&values, &truth)?, scores(&scaled, &truth)?);
    }

    #[test]
    fn ranks_do_not_change_under_rising_maps(values in values(), truth in truths()) {
        let risen: Vec<f32> = values.iter().map(|v| (v / 3.0).exp() - 7.0).collect();
        let (one, other) = (map(&values)?, map(&risen)?);
        let one = Localisation::new(&one, &truth).map_err(fail)?;
        let other = Localisation::new(&other, &truth).map_err(fail)?;
        prop_assert_eq!(one.pointing(), other.pointing());
        prop_assert_eq!(one.average_precision(), other.average_precision());
        prop_assert_eq!(one.rank_accuracy(), other.rank_accuracy());
        prop_assert_eq!(one.peak_distance_px(), other.peak_distance_px());
        let iou = |place: &Localisation<'_>| place.best_iou().map(|best| best.iou);
        prop_assert_eq!(iou(&one), iou(&other));
    }

    #[test]
    fn pixels_may_stand_anywhere(
        (values, mask, order) in (values(), prop::collection::vec(any::<bool>(), N))
            .prop_flat_map(|(values, mask)| {
                let order = Just((0..N).collect::<Vec<_>>()).prop_shuffle();
                (Just(values), Just(mask), order)
            }),
    ) {
        let moved: Vec<f32> = order.iter().map(|&at| values[at]).collect();
        let moved_mask: Vec<bool> = order.iter().map(|&at| mask[at]).collect();
        prop_assume!(mask.contains(&true));
        let truth = Truth::from_mask(mask, SIZE).map_err(fail)?;
        let moved_truth = Truth::from_mask(moved_mask, SIZE).map_err(fail)?;
        let scores = scores(&values, &truth)?.into_iter().zip(scores(&moved, &moved_truth)?);
        for (one, other) in scores {
            prop_assert_eq!(one.is_some(), other.is_some());
            prop_assert!(one.zip(other).is_none_or(|(one, other)| is_near(one, other)));
        }
    }

    #[test]
    fn the_truth_as_a_map_is_perfect(truth in truths()) {
        prop_assume!(truth.n_pixels() < N);
        let values: Vec<f32> = truth.mask().iter().map(|&t| f32::from(u8::from(t))).collect();
        prop_assert_eq!(scores(&values, &truth)?, vec![Some(1.0); 9]);
        let map = map(&values)?;
        let place = Localisation::new(&map, &truth).map_err(fail)?;
        prop_assert_eq!(place.peak_distance_px(), Ok(0.0));
    }

    #[test]
    fn a_constant_map_has_what_chance_has(truth in truths()) {
        let scores = scores(&[2.0; N], &truth)?;
        for score in &scores[..5] {
            prop_assert!(score.is_some_and(|score| is_near(score, truth.chance())));
        }
        // Nothing is above the threshold.
        prop_assert_eq!(&scores[5..], [None, Some(0.0), Some(0.0), Some(0.0)]);
    }

    /// The mean over rotations of the tie at the last place: each of its pixels stands in each place once.
    #[test]
    fn ties_count_as_they_do_on_average(values in values(), truth in truths()) {
        let map = map(&values)?;
        let place = Localisation::new(&map, &truth).map_err(fail)?;
        let mean_hits = |n_chosen: usize| {
            let mut order: Vec<usize> = (0..N).collect();
            order.sort_by(|&a, &b| values[b].total_cmp(&values[a]));
            let limit = values[order[n_chosen - 1]];
            let first = order.partition_point(|&at| values[at] > limit);
            let n_tied = values.iter().filter(|&&value| value == limit).count();
            let hits = (0..n_tied).map(|_| {
                order[first..first + n_tied].rotate_left(1);
                order[..n_chosen].iter().filter(|&&at| truth.mask()[at]).count()
            });
            hits.sum::<usize>() as f64 / n_tied as f64 / n_chosen as f64
        };
        prop_assert!(is_near(place.pointing().map_err(fail)?, mean_hits(1)));
        let found = place.rank_accuracy().map_err(fail)?;
        prop_assert!(is_near(found, mean_hits(truth.n_pixels())));
    }

    #[test]
    fn distances_are_those_of_the_nearest_pixel(values in values(), truth in truths()) {
        let map = map(&values)?;
        let place = Localisation::new(&map, &truth).map_err(fail)?;
        let at = |index: usize| ((index / SIZE.cols) as f64, (index % SIZE.cols) as f64);
        let distance = |from: usize| {
            let held = (0..N).filter(|&to| truth.mask()[to]);
            held.map(|to| (at(from).0 - at(to).0).hypot(at(from).1 - at(to).1)).fold(99.0, f64::min)
        };
        let highest = values.iter().copied().fold(f32::MIN, f32::max);
        let peaks: Vec<f64> = (0..N).filter(|&p| values[p] == highest).map(distance).collect();
        let mean = peaks.iter().sum::<f64>() / peaks.len() as f64;
        prop_assert!(is_near(place.peak_distance_px().map_err(fail)?, mean));
        let within = peaks.iter().filter(|&&d| d <= 1.5).count() as f64 / peaks.len() as f64;
        prop_assert_eq!(place.pointing_within(1.5), Ok(within));
        prop_assert_eq!(place.pointing_within(0.0), place.pointing());
    }

    #[test]
    fn no_map_of_cells_has_more_energy_than_the_ceiling(
        truth in truths(),
        cells in prop::collection::vec(0_u8..4, 6),
    ) {
        let grid = CellGrid::new(SIZE, 2, 3).ok_or_else(|| fail("cells"))?;
        let mut values = vec![0.0; N];
        for ((rows, cols), value) in grid.cells().zip(cells) {
            for row in rows {
                values[row * SIZE.cols..][cols.clone()].fill(f32::from(value));
            }
        }
        let ceiling = truth.energy_ceiling(&grid).map_err(fail)?.map_err(fail)?;
        let map = map(&values)?;
        let place = Localisation::new(&map, &truth).map_err(fail)?;
        prop_assert!(place.energy().is_ok_and(|e| e <= ceiling + TOLERANCE) || map.positive_sum() == 0.0);
    }

    #[test]
    fn every_cell_is_hidden_once_and_the_highest_first(values in values(), seed in any::<u64>()) {
        let grid = CellGrid::new(SIZE, 5, 7).ok_or_else(|| fail("cells"))?;
        let order = CellOrder::new(&map(&values)?, &grid, seed).map_err(fail)?;
        let falling: Vec<f32> = order.order().iter().map(|&cell| values[cell]).collect();
        prop_assert!(falling.is_sorted_by(|a, b| a >= b));
        let masks = order.masks();
        let (hidden, shown) = masks.split_at(masks.len() / 2);
        for ((hidden, shown), &n_first) in hidden.iter().zip(shown).zip(order.steps()) {
            prop_assert_eq!(&hidden.complement(SIZE), shown);
            prop_assert_eq!(shown.n_pixels(), n_first);
            let mut mask = vec![false; N];
            shown.fill(&mut mask, SIZE);
            prop_assert!(order.order()[..n_first].iter().all(|&cell| mask[cell]));
        }
        prop_assert_eq!(&order, &CellOrder::new(&map(&values)?, &grid, seed).map_err(fail)?);
    }

    #[test]
    fn a_linear_model_is_explained_perfectly_by_its_terms(
        values in distinct(),
        seed in any::<u64>(),
        scale in 1_u8..5,
    ) {
        let output = |shown: &Region| {
            let mut mask = vec![false; N];
            shown.fill(&mut mask, SIZE);
            let terms = values.iter().zip(mask).filter(|(_, is_shown)| *is_shown);
            terms.map(|(value, _)| f64::from(*value)).sum::<f64>()
        };
        let squares = Squares::random(20, seed, SIZE).map_err(fail)?;
        let outputs: Vec<f64> = squares.masks().iter().map(output).collect();
        let image = values.iter().map(|&v| f64::from(v)).sum();
        let scaled: Vec<f32> = values.iter().map(|v| v * f32::from(scale)).collect();
        let scores = squares.scores(&map(&scaled)?, image, &outputs).map_err(fail)?;
        prop_assert!(scores.correlation.is_ok_and(|r| is_near(r, 1.0)));
        prop_assert!(scores.scaled_infidelity.is_ok_and(|i| is_near(i, 0.0)));
        let scores = squares.scores(&map(&values)?, image, &outputs).map_err(fail)?;
        prop_assert_eq!(scores.infidelity, Ok(0.0));
    }

    #[test]
    fn squares_lie_in_the_image(seed in any::<u64>(), rows in 1_usize..70, cols in 1_usize..70) {
        let size = Size { rows, cols };
        let squares = Squares::random(30, seed, size).map_err(fail)?;
        let n_pixels = |square: &Square| rows * cols - square.side * square.side;
        for (square, mask) in squares.squares().iter().zip(squares.masks()) {
            prop_assert!(mask.fits(size));
            prop_assert_eq!(mask.n_pixels(), n_pixels(square));
            prop_assert!(square.side <= (rows.min(cols) / 4).max(1));
        }
    }

    #[test]
    fn agreement_is_symmetric_and_full_with_oneself(a in values(), c in distinct()) {
        let everything = vec![true; N];
        let grid = CellGrid::new(SIZE, 5, 7).ok_or_else(|| fail("cells"))?;
        let (a, c) = (map(&a)?, map(&c)?);
        prop_assert_eq!(overlap(&a, &c), overlap(&c, &a));
        prop_assert_eq!(top_jaccard(&a, &c, 4), top_jaccard(&c, &a, 4));
        prop_assert_eq!(spearman(&a, &c, &grid, &everything), spearman(&c, &a, &grid, &everything));
        for one in [&a, &c] {
            prop_assert!(overlap(one, one).map_err(fail)?.is_ok_and(|o| is_near(o, 1.0)) || one.positive_sum() == 0.0);
            prop_assert!(top_jaccard(one, one, 4).map_err(fail)?.is_ok_and(|o| is_near(o, 1.0)));
        }
        let rank = spearman(&c, &c, &grid, &everything).map_err(fail)?.map_err(fail)?;
        prop_assert!(is_near(rank, 1.0));
    }

    #[test]
    fn runs_that_are_equal_are_stable(values in values(), n_runs in 1_usize..5) {
        let map = map(&values)?;
        let found = stability(&vec![map; n_runs]).map_err(fail)?;
        if map.positive_sum() > 0.0 {
            prop_assert!(found.mean.is_ok_and(|m| is_near(m, 1.0)));
            prop_assert!(found.min.is_ok_and(|m| is_near(m, 1.0)));
            prop_assert_eq!(found.n_undefined, 0);
        } else {
            prop_assert!(found.mean.is_err());
            prop_assert_eq!(found.n_undefined, n_runs);
        }
    }
}
