//! Curves, squares and agreement against sums by hand.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use map_metrics::{
    CellGrid, CellOrder, Curves, Endpoints, Map, Size, Square, Squares, spearman, stability,
};

const SIZE: Size = Size { rows: 1, cols: 4 };

fn near(found: f64, expected: f64) -> bool {
    (found - expected).abs() < 1e-12
}

/// Four cells, and outputs after one, two and three of them.
fn curves(deletion: [f64; 3], insertion: [f64; 3], endpoints: Endpoints) -> Curves {
    let map = Map::new(&[4.0, 3.0, 2.0, 1.0], SIZE).unwrap();
    let grid = CellGrid::new(SIZE, 1, 4).unwrap();
    let order = CellOrder::new(&map, &grid, 0).unwrap();
    assert_eq!(order.steps(), [1, 2, 3, 4]);
    order
        .curves(&endpoints, &[deletion, insertion].concat())
        .unwrap()
}

#[test]
fn areas_are_those_of_trapezoids() {
    let endpoints = Endpoints::new(1.0, 0.0).unwrap();
    let curves = curves([0.8, 0.4, 0.2], [0.5, 0.9, 1.1], endpoints);
    // 1, 0.8, 0.4, 0.2, 0 at quarters.
    assert!(near(
        curves.deletion().unwrap(),
        (0.9 + 0.6 + 0.3 + 0.1) / 4.0
    ));
    // 0, 0.5, 0.9, 1.1, 1 at quarters.
    assert!(near(
        curves.insertion().unwrap(),
        (0.25 + 0.7 + 1.0 + 1.05) / 4.0
    ));
    // From the first cell on: 1, 2, 3 and 4 are at 0, 1/2, ln 3 / ln 4 and 1.
    let third = 3_f64.ln() / 4_f64.ln();
    let expected = 0.5 * 0.6 + (third - 0.5) * 0.3 + (1.0 - third) * 0.1;
    assert!(near(curves.deletion_log().unwrap(), expected));
    let expected = 0.5 * 0.7 + (third - 0.5) * 1.0 + (1.0 - third) * 1.05;
    assert!(near(curves.insertion_log().unwrap(), expected));
    assert_eq!(curves.cells_to_half(), Ok(2));
}

#[test]
fn normalised_areas_are_between_background_and_image() {
    // Outputs from 0.2 to 0.7: halves of the interval.
    let endpoints = Endpoints::new(0.7, 0.2).unwrap();
    let curves = curves([0.45, 0.45, 0.45], [0.2, 0.2, 0.7], endpoints);
    // 1, then three times 0.5, then 0.
    assert!(near(
        curves.deletion().unwrap(),
        (0.75 + 0.5 + 0.5 + 0.25) / 4.0
    ));
    assert!(near(
        curves.deletion_raw(),
        0.2 + 0.5 * curves.deletion().unwrap()
    ));
    assert!(near(
        curves.insertion().unwrap(),
        (0.0 + 0.0 + 0.5 + 1.0) / 4.0
    ));
    assert!(near(
        curves.insertion_raw(),
        0.2 + 0.5 * curves.insertion().unwrap()
    ));
    // 0.5 is not below a half; the background is.
    assert_eq!(curves.cells_to_half(), Ok(4));
}

#[test]
fn areas_of_squares_are_squares_of_their_sides() {
    let size = Size { rows: 8, cols: 8 };
    let square = |side: usize| Square {
        row: 0,
        col: 0,
        side,
    };
    let squares = Squares::new([1, 2, 4].map(square).to_vec(), size).unwrap();
    let values = [0.0; 64];
    let map = Map::new(&values, size).unwrap();
    // Drops of 1, 4 and 16: exactly the areas.
    let scores = squares.scores(&map, 20.0, &[19.0, 16.0, 4.0]).unwrap();
    assert!(near(scores.area_correlation.unwrap(), 1.0));
    // Drops of 1, 2 and 4: the correlation by raw moments.
    let scores = squares.scores(&map, 20.0, &[19.0, 18.0, 16.0]).unwrap();
    let (areas, drops) = ([1.0, 4.0, 16.0_f64], [1.0, 2.0, 4.0_f64]);
    let moment = |a: &[f64; 3], b: &[f64; 3]| {
        let products = a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        products - a.iter().sum::<f64>() * b.iter().sum::<f64>() / 3.0
    };
    let expected =
        moment(&areas, &drops) / (moment(&areas, &areas) * moment(&drops, &drops)).sqrt();
    assert!(near(scores.area_correlation.unwrap(), expected));
}

#[test]
fn a_cell_counts_that_lies_half_within_the_mask() {
    let grid = CellGrid::new(SIZE, 1, 2).unwrap();
    let (a, c) = ([1.0, 1.0, 2.0, 2.0], [1.0, 3.0, 4.0, 4.0]);
    let (a, c) = (Map::new(&a, SIZE).unwrap(), Map::new(&c, SIZE).unwrap());
    let half = [true, false, true, true];
    let found = spearman(&a, &c, &grid, &half).unwrap().unwrap();
    assert!(near(found, 1.0));
    // A quarter of a cell of four does not count: there is no pair to compare.
    let grid = CellGrid::new(SIZE, 1, 1).unwrap();
    let quarter = [true, false, false, false];
    assert!(spearman(&a, &c, &grid, &quarter).unwrap().is_err());
}

#[test]
fn what_speaks_against_in_one_run_is_taken_off_the_mean() {
    let (one, other) = ([4.0, 2.0, 0.0, 0.0], [0.0, -2.0, 0.0, 0.0]);
    let runs = [one, other];
    let runs = runs.each_ref().map(|run| Map::new(run, SIZE).unwrap());
    let found = stability(&runs).unwrap();
    // The mean is 2, 0, 0, 0; the first run has 2/3 there, the second one nothing positive.
    assert!(near(found.mean.unwrap(), 2.0 / 3.0));
    assert_eq!(found.n_undefined, 1);
}
