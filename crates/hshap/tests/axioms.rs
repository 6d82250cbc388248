//! The Shapley axioms on whole explanations, and a plain re-computation that shares nothing with
//! the explorer: every coalition of every node evaluated, one image at a time.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use burn::tensor::{Device, Tensor, TensorData};
use hshap::{Depth, Explainer, Settings, Shift, Shifts, Threshold, shapley_values};
use proptest::prelude::*;

const ROWS: usize = 6;
const COLS: usize = 10;

/// Keeps every cell, null ones included.
const EVERYTHING: Threshold = Threshold::Absolute(-1e9);

/// A smooth game with interactions between all pixels: tanh of a weighted sum, plus its square.
fn worth(weights: &[f32], image: &[f32]) -> f32 {
    let sum: f32 = weights.iter().zip(image).map(|(w, x)| w * x).sum();
    sum.tanh() + 0.25 * sum * sum
}

fn tensor(values: &[f32]) -> Tensor<3> {
    let data = TensorData::new(values.to_vec(), [1, ROWS, COLS]);
    Tensor::from_data(data, &Device::flex())
}

/// The bits of every image that was evaluated.
type Seen = Arc<Mutex<Vec<Vec<u32>>>>;

/// The game as a model; `seen` receives every image that is evaluated.
fn model(weights: &[f32], seen: &Seen) -> impl Fn(Tensor<4>) -> Tensor<2> + use<> {
    let (weights, seen) = (weights.to_vec(), Arc::clone(seen));
    move |images: Tensor<4>| {
        let device = images.device();
        let values: Vec<f32> = images.into_data().iter::<f32>().collect();
        let answers: Vec<f32> = values
            .chunks_exact(ROWS * COLS)
            .map(|image| {
                let bits = image.iter().map(|v| v.to_bits()).collect();
                seen.lock().expect("the only thread").push(bits);
                worth(&weights, image)
            })
            .collect();
        let n = answers.len();
        Tensor::from_data(TensorData::new(answers, [n, 1]), &device)
    }
}

/// h-Shap by its definition, for one shift and every cell kept if its score passes `threshold`.
fn reference(
    weights: &[f32],
    image: &[f32],
    background: &[f32],
    n_levels: usize,
    threshold: f64,
    shift: Shift,
) -> Vec<f64> {
    let shown = |cells: &[[usize; 4]]| {
        let pixels: Vec<f32> = (0..ROWS * COLS)
            .map(|index| {
                let row = (index / COLS) as i64 - shift.rows;
                let col = (index % COLS) as i64 - shift.cols;
                let row = row.rem_euclid(ROWS as i64) as usize;
                let col = col.rem_euclid(COLS as i64) as usize;
                let inside = |[r0, r1, c0, c1]: &[usize; 4]| {
                    (*r0..*r1).contains(&row) && (*c0..*c1).contains(&col)
                };
                if cells.iter().any(inside) {
                    image[index]
                } else {
                    background[index]
                }
            })
            .collect();
        f64::from(worth(weights, &pixels))
    };
    let mut nodes = vec![([0, ROWS, 0, COLS], 1.0)];
    for _ in 0..n_levels {
        let mut children = Vec::new();
        for ([r0, r1, c0, c1], score) in nodes {
            let (r, c) = ((r0 + r1) / 2, (c0 + c1) / 2);
            let quadrants = [
                [r0, r, c0, c],
                [r0, r, c, c1],
                [r, r1, c0, c],
                [r, r1, c, c1],
            ];
            let game: Vec<f64> = (0..16_usize)
                .map(|coalition| {
                    let members: Vec<_> = (0..4)
                        .filter(|player| coalition & (1 << player) != 0)
                        .map(|player| quadrants[player])
                        .collect();
                    shown(&members)
                })
                .collect();
            for (quadrant, phi) in quadrants.into_iter().zip(shapley_values(&game)) {
                if score * phi > threshold {
                    children.push((quadrant, score * phi));
                }
            }
        }
        nodes = children;
    }
    let mut map = vec![0.0; ROWS * COLS];
    for ([r0, r1, c0, c1], score) in nodes {
        for row in r0..r1 {
            for col in c0..c1 {
                let row = (row as i64 + shift.rows).rem_euclid(ROWS as i64) as usize;
                let col = (col as i64 + shift.cols).rem_euclid(COLS as i64) as usize;
                map[row * COLS + col] = score;
            }
        }
    }
    map
}

fn pixels() -> impl Strategy<Value = Vec<f32>> {
    prop::collection::vec(-1.0_f32..1.0, ROWS * COLS)
}

/// An image and a background that agree in about a third of their cells of 3 x 5.
fn images() -> impl Strategy<Value = (Vec<f32>, Vec<f32>)> {
    let same = prop::collection::vec(prop::bool::weighted(0.3), 4);
    (pixels(), pixels(), same).prop_map(|(image, background, same)| {
        let image = (0..ROWS * COLS)
            .map(|index| {
                let cell = 2 * (index / COLS / 3) + index % COLS / 5;
                if same[cell] {
                    background[index]
                } else {
                    image[index]
                }
            })
            .collect();
        (image, background)
    })
}

fn shifts() -> impl Strategy<Value = Vec<Shift>> {
    prop::collection::vec((-20_i64..20, -20_i64..20), 1..4).prop_map(|pairs| {
        pairs
            .into_iter()
            .map(|(rows, cols)| Shift { rows, cols })
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn a_cycle_equals_its_definition(
        weights in pixels(),
        (image, background) in images(),
        shifts in shifts(),
        keep_all in any::<bool>(),
        batch_size in 1_usize..9,
    ) {
        let threshold = if keep_all { EVERYTHING } else { Threshold::Absolute(1e-6) };
        let settings = Settings::default().with_depth(Depth::Levels(2)).with_threshold(threshold).with_batch_size(batch_size);
        let seen = Seen::default();
        let result = Explainer::new(model(&weights, &seen), tensor(&background))
            .cycle_explain(&tensor(&image), &Shifts::List(shifts.clone()), &settings);

        let mut distinct: Vec<Shift> = Vec::new();
        for shift in shifts {
            let place = |s: Shift| (s.rows.rem_euclid(ROWS as i64), s.cols.rem_euclid(COLS as i64));
            if !distinct.iter().any(|other| place(*other) == place(shift)) {
                distinct.push(shift);
            }
        }
        let t = if keep_all { -1e9 } else { 1e-6 };
        let mut expected = vec![0.0_f64; ROWS * COLS];
        for &shift in &distinct {
            let map = reference(&weights, &image, &background, 2, t, shift);
            for (sum, value) in expected.iter_mut().zip(map) {
                *sum += value / distinct.len() as f64;
            }
        }
        match result {
            Err(hshap::Error::NothingImportant { .. }) => {
                prop_assert!(expected.iter().all(|value| *value == 0.0));
            }
            result => {
                let explanation = result.expect("an explanation");
                for (actual, expected) in explanation.map.values().iter().zip(&expected) {
                    // The map is f32: half a unit in the last place is 6e-8 of the value.
                    prop_assert!((f64::from(*actual) - expected).abs() <= 1e-7 * expected.abs().max(1e-3));
                }
                let seen = seen.lock().expect("the only thread");
                prop_assert_eq!(seen.len(), explanation.n_evaluations);
                // Where image and background differ everywhere, another mask is another image.
                if image.iter().zip(&background).all(|(a, b)| a != b) {
                    let different: HashSet<_> = seen.iter().collect();
                    prop_assert_eq!(different.len(), seen.len(), "an image was evaluated twice");
                }
            }
        }
    }

    #[test]
    fn each_node_shares_out_its_worth((image, background) in images(), weights in pixels()) {
        let settings = Settings::default().with_depth(Depth::Levels(1)).with_threshold(EVERYTHING);
        let seen = Seen::default();
        let explanation = Explainer::new(model(&weights, &seen), tensor(&background))
            .explain(&tensor(&image), &settings)
            .expect("an explanation");
        let cells = &explanation.runs[0].levels[0].cells;
        prop_assert_eq!(cells.len(), 4);
        let run = &explanation.runs[0];
        prop_assert_eq!(run.background_output, f64::from(worth(&weights, &background)));
        let expected = explanation.output - run.background_output;
        // A few additions in `f64` of outputs up to 100.
        prop_assert!((run.top_level_sum() - expected).abs() < 1e-12);
    }

    #[test]
    fn a_quadrant_equal_to_the_background_is_exactly_null((image, background) in images(), weights in pixels()) {
        let settings = Settings::default().with_depth(Depth::Levels(1)).with_threshold(EVERYTHING);
        let seen = Seen::default();
        let explanation = Explainer::new(model(&weights, &seen), tensor(&background))
            .explain(&tensor(&image), &settings)
            .expect("an explanation");
        for cell in &explanation.runs[0].levels[0].cells {
            let differs = (cell.row..cell.row + cell.n_rows).any(|row| {
                (cell.col..cell.col + cell.n_cols)
                    .any(|col| image[row * COLS + col] != background[row * COLS + col])
            });
            prop_assert!(differs || cell.phi == 0.0);
        }
    }
}

#[test]
fn quadrants_that_mirror_each_other_get_the_same() {
    // Uniform weights and a uniform difference: all quadrants of 3 x 5 pixels are interchangeable.
    let (weights, image, background) = (
        vec![0.02; ROWS * COLS],
        vec![1.0; ROWS * COLS],
        vec![0.0; ROWS * COLS],
    );
    let settings = Settings::default()
        .with_depth(Depth::Levels(1))
        .with_threshold(EVERYTHING);
    let seen = Seen::default();
    let explanation = Explainer::new(model(&weights, &seen), tensor(&background))
        .explain(&tensor(&image), &settings)
        .expect("an explanation");
    let phi: Vec<f64> = explanation.runs[0].levels[0]
        .cells
        .iter()
        .map(|cell| cell.phi)
        .collect();
    for value in &phi {
        // The model sums in f32 in another order for another quadrant.
        assert!((value - phi[0]).abs() < 1e-6, "{phi:?}");
    }
}

#[test]
fn cells_end_at_single_pixels() {
    let weights: Vec<f32> = (0..ROWS * COLS).map(|i| 0.001 * (i + 1) as f32).collect();
    let settings = Settings::default().with_depth(Depth::Levels(30));
    let seen = Seen::default();
    let explanation = Explainer::new(model(&weights, &seen), tensor(&vec![0.0; ROWS * COLS]))
        .explain(&tensor(&vec![1.0; ROWS * COLS]), &settings)
        .expect("an explanation");
    assert_eq!(explanation.leaf_px, (1, 1));
    assert_eq!(explanation.runs[0].levels.len(), 4);
    // Every pixel matters, so every pixel has a score.
    assert!(explanation.map.values().iter().all(|value| *value > 0.0));
}

#[test]
fn one_player_needs_no_evaluation_of_its_own() {
    // Only one pixel differs: at every level one quadrant is the whole game.
    let weights = vec![0.5; ROWS * COLS];
    let mut image = vec![0.0; ROWS * COLS];
    image[23] = 1.0;
    let mut n_told = 0;
    let seen = Seen::default();
    let settings = Settings::default().with_depth(Depth::MinSize(1));
    let explanation = Explainer::new(model(&weights, &seen), tensor(&vec![0.0; ROWS * COLS]))
        .observed(|progress| {
            n_told = progress.n_evaluated;
            std::ops::ControlFlow::Continue(())
        })
        .explain(&tensor(&image), &settings)
        .expect("an explanation");
    assert_eq!(explanation.n_evaluations, 2, "the image and the background");
    assert_eq!(n_told, 2);
}
