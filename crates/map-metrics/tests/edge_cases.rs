//! One test for each case that has no value, or a value that may surprise.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use map_metrics::{
    BoxRule, CellGrid, CellOrder, Endpoints, Error, Localisation, Map, OTSU_BINS, Rectangle, Size,
    Square, Squares, Truth, Undefined, gini, negative_share, overlap, spearman, stability,
    top_jaccard,
};

const SIZE: Size = Size { rows: 2, cols: 4 };

fn map(values: &[f32; 8]) -> Map<'_> {
    Map::new(values, SIZE).unwrap()
}

fn truth(pixels: &[usize]) -> Truth {
    let mask = (0..8).map(|at| pixels.contains(&at)).collect();
    Truth::from_mask(mask, SIZE).unwrap()
}

fn bounds(column: f64, row: f64, width: f64, height: f64) -> Rectangle {
    Rectangle {
        column,
        row,
        width,
        height,
    }
}

fn pixels() -> CellGrid {
    CellGrid::new(SIZE, 2, 4).unwrap()
}

#[test]
fn nothing_is_placed_without_a_truth() {
    let truth = truth(&[]);
    let values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0];
    let place = Localisation::new(&map(&values), &truth).unwrap();
    let empty = Undefined::EmptyTruth;
    assert_eq!(place.energy(), Err(empty));
    assert_eq!(place.pointing(), Err(empty));
    assert_eq!(place.pointing_within(99.0), Err(empty));
    assert_eq!(place.peak_distance_px(), Err(empty));
    assert_eq!(place.average_precision(), Err(empty));
    assert_eq!(place.rank_accuracy(), Err(empty));
    assert_eq!(place.at_otsu(OTSU_BINS), Err(empty));
    assert_eq!(place.best_iou(), Err(empty));
    assert_eq!(truth.energy_ceiling(&pixels()).unwrap(), Err(empty));
    assert_eq!(truth.chance(), 0.0);
}

#[test]
fn a_map_that_speaks_against_everywhere_has_no_energy_but_ranks() {
    let values = [-1.0, -2.0, -2.0, -2.0, -2.0, -2.0, -2.0, -2.0];
    let truth = truth(&[0]);
    let place = Localisation::new(&map(&values), &truth).unwrap();
    assert_eq!(place.energy(), Err(Undefined::NoPositiveValue));
    assert_eq!(place.average_precision(), Ok(1.0));
    assert_eq!(negative_share(&map(&values)), Ok(1.0));
}

#[test]
fn a_map_of_zeros_has_no_share_and_no_sparsity() {
    let zeros = [0.0, -0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
    assert_eq!(gini(&map(&zeros)), Err(Undefined::ZeroMap));
    assert_eq!(negative_share(&map(&zeros)), Err(Undefined::ZeroMap));
}

#[test]
fn the_precision_of_nothing_is_undefined_and_the_overlap_0() {
    let truth = truth(&[1, 2]);
    let place = Localisation::new(&map(&[0.5; 8]), &truth).unwrap();
    let found = place.at_otsu(OTSU_BINS).unwrap();
    assert_eq!((found.threshold, found.n_selected), (0.5, 0));
    assert_eq!(found.precision, Err(Undefined::EmptySelection));
    assert_eq!((found.recall, found.iou, found.dice), (0.0, 0.0, 0.0));
}

#[test]
fn a_truth_of_the_whole_image_is_always_hit() {
    let truth = truth(&[0, 1, 2, 3, 4, 5, 6, 7]);
    let values = [3.0, 1.0, -4.0, 1.0, 5.0, 9.0, 2.0, 6.0];
    let place = Localisation::new(&map(&values), &truth).unwrap();
    assert_eq!(place.energy(), Ok(1.0));
    assert_eq!(place.pointing(), Ok(1.0));
    assert_eq!(place.average_precision(), Ok(1.0));
    assert_eq!(place.best_iou().unwrap().threshold, -4.0);
}

#[test]
fn the_best_iou_takes_the_highest_of_equal_thresholds() {
    // One of one and one of none (1/2), then two of two and two of none (2/4).
    let truth = truth(&[0, 1]);
    let values = [4.0, 1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0];
    let place = Localisation::new(&map(&values), &truth).unwrap();
    let best = place.best_iou().unwrap();
    assert_eq!((best.iou, best.dice, best.threshold), (0.5, 2.0 / 3.0, 4.0));
}

#[test]
fn boxes_are_scored_one_by_one() {
    let boxes = [
        bounds(0.0, 0.0, 2.0, 1.0),
        bounds(1.0, 0.0, 1.0, 2.0),
        bounds(3.0, 1.0, 1.0, 1.0),
    ];
    let truth = Truth::from_boxes(&boxes, BoxRule::Truncated, SIZE).unwrap();
    let values = [1.0, 5.0, 0.0, 0.0, -9.0, 2.0, 2.0, 0.0];
    let place = Localisation::new(&map(&values), &truth).unwrap();
    let scores = place.boxes();
    // The second box shares a pixel with the first one.
    let shares: Vec<_> = scores.iter().map(|score| score.share).collect();
    assert_eq!(shares, [Ok(0.6), Ok(0.7), Ok(0.0)]);
    // Above the threshold lies all but the pixel of -9.
    let found: Vec<_> = scores.iter().map(|score| score.is_found).collect();
    assert_eq!(found, [Ok(true), Ok(true), Ok(true)]);
    let n_pixels: Vec<_> = scores.iter().map(|score| score.n_pixels).collect();
    assert_eq!(n_pixels, [2, 2, 1]);
}

#[test]
fn a_box_outside_the_image_has_no_score_and_the_others_have() {
    let boxes = [bounds(9.0, 0.0, 2.0, 2.0), bounds(0.0, 0.0, 1.0, 1.0)];
    let truth = Truth::from_boxes(&boxes, BoxRule::Truncated, SIZE).unwrap();
    let values = [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
    let place = Localisation::new(&map(&values), &truth).unwrap();
    let [outside, inside] = place.boxes().try_into().unwrap();
    assert_eq!(outside.share, Err(Undefined::EmptyBox));
    assert_eq!(outside.is_found, Err(Undefined::EmptyBox));
    assert_eq!((inside.share, inside.is_found), (Ok(1.0), Ok(true)));
}

#[test]
fn boxes_on_a_map_without_a_positive_value_have_no_share() {
    let truth = Truth::from_boxes(&[bounds(0.0, 0.0, 1.0, 1.0)], BoxRule::Centres, SIZE).unwrap();
    let place = Localisation::new(&map(&[0.0; 8]), &truth).unwrap();
    let [score] = place.boxes().try_into().unwrap();
    assert_eq!(score.share, Err(Undefined::NoPositiveValue));
    assert_eq!(score.is_found, Ok(false));
}

#[test]
fn a_mask_has_no_boxes() {
    let truth = truth(&[0]);
    let place = Localisation::new(&map(&[1.0; 8]), &truth).unwrap();
    assert_eq!(place.boxes(), []);
}

#[test]
fn an_output_that_hardly_rises_is_not_normalised() {
    for image in [0.549, 0.5, 0.1] {
        let endpoints = Endpoints::new(image, 0.5).unwrap();
        assert_eq!(endpoints.normalised(0.5), Err(Undefined::NotDetected));
    }
    let endpoints = Endpoints::new(0.75, 0.5).unwrap();
    assert_eq!(endpoints.normalised(0.5), Ok(0.0));
    assert_eq!(endpoints.normalised(0.625), Ok(0.5));
    assert_eq!(endpoints.normalised(1.0), Ok(2.0));
}

#[test]
fn curves_of_a_slice_that_is_not_detected_have_outputs_and_raw_areas_only() {
    let grid = CellGrid::new(SIZE, 1, 2).unwrap();
    let order = CellOrder::new(&map(&[0.0; 8]), &grid, 0).unwrap();
    let curves = order
        .curves(&Endpoints::new(0.02, 0.02).unwrap(), &[0.06, 0.1])
        .unwrap();
    assert_eq!(curves.n_first(), [0, 1, 2]);
    assert_eq!(curves.deletion_outputs(), [0.02, 0.06, 0.02]);
    assert_eq!(curves.insertion_outputs(), [0.02, 0.1, 0.02]);
    assert!((curves.deletion_raw() - 0.04).abs() < 1e-15);
    assert!((curves.insertion_raw() - 0.06).abs() < 1e-15);
    for found in [
        curves.deletion(),
        curves.insertion(),
        curves.deletion_log(),
        curves.insertion_log(),
    ] {
        assert_eq!(found, Err(Undefined::NotDetected));
    }
    assert_eq!(curves.cells_to_half(), Err(Undefined::NotDetected));
}

#[test]
fn a_single_cell_has_no_logarithmic_curve_and_asks_nothing() {
    let grid = CellGrid::new(SIZE, 1, 1).unwrap();
    let order = CellOrder::new(&map(&[1.0; 8]), &grid, 0).unwrap();
    assert_eq!(order.masks(), []);
    let curves = order
        .curves(&Endpoints::new(1.0, 0.0).unwrap(), &[])
        .unwrap();
    assert_eq!(curves.deletion(), Ok(0.5));
    assert_eq!(curves.deletion_log(), Err(Undefined::SingleCell));
    assert_eq!(curves.cells_to_half(), Ok(1));
}

#[test]
fn tied_cells_stand_as_the_permutation_has_them() {
    let values = [0.0, 7.0, 0.0, -0.0, 0.0, 7.0, -1.0, 0.0];
    let ties = vec![6, 5, 4, 3, 2, 1, 0, 7];
    let order = CellOrder::with_ties(&map(&values), &pixels(), ties).unwrap();
    assert_eq!(order.order(), [5, 1, 4, 3, 2, 0, 7, 6]);
    assert_eq!(order.positive_share(), 0.25);
}

#[test]
fn rejects_an_order_that_names_a_cell_twice_or_not() {
    for ties in [vec![0, 1, 2, 3, 4, 5, 6, 6], vec![0], (0..9).collect()] {
        let error = CellOrder::with_ties(&map(&[0.0; 8]), &pixels(), ties).unwrap_err();
        assert_eq!(error, Error::Order { n_cells: 8 });
    }
}

#[test]
fn rejects_outputs_that_are_missing_or_not_finite() {
    let order = CellOrder::new(&map(&[0.0; 8]), &pixels(), 0).unwrap();
    let endpoints = Endpoints::new(1.0, 0.0).unwrap();
    let n_masks = order.masks().len();
    let error = order.curves(&endpoints, &[0.5]).unwrap_err();
    assert_eq!(
        error,
        Error::OutputCount {
            n_masks,
            n_outputs: 1
        }
    );
    let mut outputs = vec![0.5; n_masks];
    outputs[2] = f64::INFINITY;
    let error = order.curves(&endpoints, &outputs).unwrap_err();
    assert_eq!(
        error.to_string(),
        "output 2 is inf: expected a finite number"
    );
    assert!(Endpoints::new(f64::NAN, 0.0).is_err());
}

#[test]
fn a_map_of_zeros_has_no_correlation_over_squares() {
    let squares = vec![
        Square {
            row: 0,
            col: 0,
            side: 1,
        },
        Square {
            row: 0,
            col: 1,
            side: 2,
        },
    ];
    let squares = Squares::new(squares, SIZE).unwrap();
    let scores = squares.scores(&map(&[0.0; 8]), 0.9, &[0.5, 0.1]).unwrap();
    assert_eq!(scores.correlation, Err(Undefined::EqualSums));
    assert_eq!(scores.scaled_infidelity, Err(Undefined::ZeroSums));
    assert!((scores.area_correlation.unwrap() - 1.0).abs() < 1e-15);
    assert!((scores.infidelity.unwrap() - 0.4).abs() < 1e-15);
}

#[test]
fn a_network_that_does_not_care_has_no_correlation_over_squares() {
    let squares = Squares::random(5, 0, SIZE).unwrap();
    let values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0];
    let scores = squares.scores(&map(&values), 0.9, &[0.9; 5]).unwrap();
    assert_eq!(scores.correlation, Err(Undefined::EqualDrops));
    assert_eq!(scores.scaled_infidelity, Err(Undefined::ZeroDrops));
}

#[test]
fn no_squares_have_no_scores() {
    let squares = Squares::new(Vec::new(), SIZE).unwrap();
    let scores = squares.scores(&map(&[1.0; 8]), 0.9, &[]).unwrap();
    assert_eq!(scores.correlation, Err(Undefined::NoValues));
    assert_eq!(scores.scaled_infidelity, Err(Undefined::NoValues));
    assert_eq!(scores.infidelity, Err(Undefined::NoValues));
}

#[test]
fn rejects_squares_that_are_not_in_the_image() {
    for (row, col, side) in [
        (0, 0, 0),
        (0, 0, 3),
        (1, 0, 2),
        (0, 3, 2),
        (usize::MAX, 0, 1),
    ] {
        let square = Square { row, col, side };
        let error = Squares::new(vec![square], SIZE).unwrap_err();
        assert!(matches!(error, Error::Square { .. }), "{square:?}");
    }
    assert!(Squares::random(1, 0, Size { rows: 0, cols: 3 }).is_err());
}

#[test]
fn the_gap_relative_to_no_difference_is_undefined() {
    let gap = Endpoints::new(0.5, 0.5)
        .unwrap()
        .completeness_gap(&map(&[0.25; 8]));
    assert_eq!(gap.absolute, 2.0);
    assert_eq!(gap.relative, Err(Undefined::NoDifference));
    // A gap is relative to the magnitude of the difference.
    let gap = Endpoints::new(0.25, 0.5)
        .unwrap()
        .completeness_gap(&map(&[0.0; 8]));
    assert_eq!((gap.absolute, gap.relative), (0.25, Ok(1.0)));
}

#[test]
fn maps_without_a_positive_value_do_not_overlap_with_anything() {
    let (zero, one) = ([0.0; 8], [1.0; 8]);
    let found = overlap(&map(&zero), &map(&one)).unwrap();
    assert_eq!(found, Err(Undefined::NoPositiveValue));
}

#[test]
fn overlap_is_the_share_that_both_have() {
    // 3/4 and 1/4 against 1/4 and 3/4.
    let a = [3.0, 1.0, 0.0, 0.0, -5.0, 0.0, 0.0, 0.0];
    let c = [2.0, 6.0, 0.0, 0.0, 0.0, -1.0, 0.0, 0.0];
    assert_eq!(overlap(&map(&a), &map(&c)).unwrap(), Ok(0.5));
    // Maps that do not meet.
    let c = [0.0, 0.0, 6.0, 0.0, 0.0, 0.0, 0.0, 1.0];
    assert_eq!(overlap(&map(&a), &map(&c)).unwrap(), Ok(0.0));
}

#[test]
fn tied_highest_pixels_belong_in_part() {
    // Two of the four pixels at 1 have room: each belongs by a half.
    let a = [9.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0];
    let c = [9.0, 8.0, 7.0, 0.0, 0.0, 0.0, 0.0, 0.0];
    let found = top_jaccard(&map(&a), &map(&c), 3).unwrap().unwrap();
    // Shared: 1 + 1/2 + 1/2; either: 3 and the two other halves.
    assert_eq!(found, 2.0 / 4.0);
    assert_eq!(
        top_jaccard(&map(&a), &map(&c), 0).unwrap(),
        Err(Undefined::NoValues)
    );
    assert_eq!(top_jaccard(&map(&a), &map(&c), 99).unwrap(), Ok(1.0));
}

#[test]
fn ranks_are_compared_within_a_mask_only() {
    let a = [1.0, 2.0, 3.0, 0.0, 9.0, 9.0, 9.0, 9.0];
    let c = [2.0, 4.0, 9.0, 0.0, 1.0, 0.0, 5.0, 3.0];
    let top_row: Vec<bool> = (0..8).map(|at| at < 4).collect();
    let found = spearman(&map(&a), &map(&c), &pixels(), &top_row).unwrap();
    assert!((found.unwrap() - 1.0).abs() < 1e-15);
    let bottom_row: Vec<bool> = top_row.iter().map(|is_top| !is_top).collect();
    let found = spearman(&map(&a), &map(&c), &pixels(), &bottom_row).unwrap();
    assert_eq!(found, Err(Undefined::EqualValues));
    let found = spearman(&map(&a), &map(&c), &pixels(), &[false; 8]).unwrap();
    assert_eq!(found, Err(Undefined::NoValues));
}

#[test]
fn runs_that_found_nothing_are_counted_and_no_part_of_the_mean() {
    let (found, nothing) = ([0.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], [0.0; 8]);
    let stable = stability(&[map(&found), map(&nothing), map(&found)]).unwrap();
    assert_eq!((stable.mean, stable.min), (Ok(1.0), Ok(1.0)));
    assert_eq!(stable.n_undefined, 1);
    assert_eq!(stability(&[]).unwrap().mean, Err(Undefined::NoValues));
    let nothing = stability(&[map(&nothing)]).unwrap();
    assert_eq!(nothing.mean, Err(Undefined::NoPositiveValue));
}

#[test]
fn rejects_maps_truths_and_grids_of_other_sizes() {
    let turned = Size { rows: 4, cols: 2 };
    let expected = Error::Sizes {
        map: (2, 4),
        other: (4, 2),
    };
    let (values, mask) = ([1.0; 8], vec![true; 8]);
    let other = Map::new(&values, turned).unwrap();
    let truth = Truth::from_mask(mask, turned).unwrap();
    let grid = CellGrid::new(turned, 2, 2).unwrap();
    let map = map(&values);
    assert_eq!(Localisation::new(&map, &truth).unwrap_err(), expected);
    assert_eq!(CellOrder::new(&map, &grid, 0).unwrap_err(), expected);
    assert_eq!(overlap(&map, &other).unwrap_err(), expected);
    assert_eq!(top_jaccard(&map, &other, 1).unwrap_err(), expected);
    assert_eq!(
        stability(&[map, other]).unwrap_err(),
        Error::Sizes {
            map: (4, 2),
            other: (2, 4)
        }
    );
    let squares = Squares::random(1, 0, turned).unwrap();
    assert_eq!(squares.scores(&map, 0.0, &[0.0]).unwrap_err(), expected);
    assert!(truth.energy_ceiling(&pixels()).is_err());
    assert!(spearman(&map, &map, &pixels(), &[true; 7]).is_err());
}

#[test]
fn rejects_a_map_that_is_not_finite_and_names_the_pixel() {
    for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let error = Map::new(&[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, value, 0.0], SIZE).unwrap_err();
        assert!(matches!(error, Error::NotFinite { row: 1, col: 2, .. }));
    }
}
