//! Methods on outputs that were stored for the phantom, 512 x 512 pixels.

use std::collections::HashMap;

use mask_attribution::{Evaluator, KernelShap, MaskedModel, Method, Occlusion, Region, Size};
use ndarray::{Array1, Array2, ArrayD};
use pixel_region::CellGrid;
use test_kit::shared;

const SIZE: Size = Size {
    rows: 512,
    cols: 512,
};

/// A name of files, and the output from a logit.
type Output = (&'static str, fn(f64) -> f64);

const OUTPUTS: [Output; 2] = [("logit", |z| z), ("prob", sigmoid)];

fn sigmoid(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}

/// A model that knows some masks.
fn stored(known: HashMap<Region, f64>) -> impl MaskedModel {
    move |shown: &[Region]| Ok(shown.iter().map(|region| known[region]).collect())
}

#[test]
fn occlusion_of_stored_outputs_equals_captum() {
    let test = "occlusion_of_stored_outputs_equals_captum";
    let file = |name: &str| shared(test, &format!("methods/phantom/{name}"));
    let Some(logits) = file("occlusion-logits-15x15.npy") else {
        return;
    };
    let logits: Array2<f64> = ndarray_npy::read_npy(logits).unwrap();
    let about = std::fs::read(file("methods.json").unwrap()).unwrap();
    let about: serde_json::Value = serde_json::from_slice(&about).unwrap();
    let logit = |key: &str| about["output"][key].as_f64().unwrap();

    let nothing = Region::default();
    let mut known = HashMap::from([
        (nothing.complement(SIZE), logit("logit")),
        (nothing, logit("background_logit")),
    ]);
    for ((row, col), &logit) in logits.indexed_iter() {
        let is_hidden = |at: usize| {
            let (r, c) = (at / 512, at % 512);
            (32 * row..32 * row + 64).contains(&r) && (32 * col..32 * col + 64).contains(&c)
        };
        let mask: Vec<bool> = (0..512 * 512).map(|at| !is_hidden(at)).collect();
        known.insert(Region::from_mask(&mask, SIZE), logit);
    }
    for (name, output) in OUTPUTS {
        let known = known.iter().map(|(region, &z)| (region.clone(), output(z)));
        let mut model = stored(known.collect());
        let mut evaluator = Evaluator::new(&mut model, SIZE).unwrap();
        let method = Occlusion {
            side: 64,
            stride: 32,
        };
        let found = method.explain(&mut evaluator).unwrap();
        assert_eq!(evaluator.n_evaluations(), 227);
        let blocks = file(&format!("occlusion-{name}-16x16.npy")).unwrap();
        let blocks: Array2<f64> = ndarray_npy::read_npy(blocks).unwrap();
        for (at, &value) in found.values.iter().enumerate() {
            let expected = blocks[[at / 512 / 32, at % 512 / 32]];
            let off = (f64::from(value) - expected).abs();
            assert!(off < 1e-6, "{name} {at}: {value}, {expected}");
        }
    }
}

#[test]
fn kernel_shap_of_all_coalitions_equals_shapley_values() {
    let test = "kernel_shap_of_all_coalitions_equals_shapley_values";
    let file = |name: &str| shared(test, &format!("methods/phantom/grid3-{name}.npy"));
    let Some(logits) = file("worth-logits-512") else {
        return;
    };
    let logits: Array1<f64> = ndarray_npy::read_npy(logits).unwrap();
    let grid = CellGrid::new(SIZE, 3, 3).unwrap();
    for (name, output) in OUTPUTS {
        let known = logits.iter().enumerate().map(|(set, &logit)| {
            let is_shown: Vec<bool> = (0..9).map(|cell| set >> cell & 1 == 1).collect();
            (grid.region(&is_shown), output(logit))
        });
        let mut model = stored(known.collect());
        let mut evaluator = Evaluator::new(&mut model, SIZE).unwrap();
        let method = KernelShap {
            n_cells: 3,
            n_samples: 510,
            seed: 0,
        };
        let found = method.explain(&mut evaluator).unwrap();
        let expected = file(&format!("shapley-{name}")).unwrap();
        let expected: ArrayD<f64> = ndarray_npy::read_npy(expected).unwrap();
        for ((rows, cols), &expected) in grid.cells().zip(&expected) {
            let pixel = found.values[rows.start * 512 + cols.start];
            let value = f64::from(pixel) * (rows.len() * cols.len()) as f64;
            // The map is in `f32`.
            assert!(
                (value - expected).abs() < 1e-6,
                "{name}: {value}, {expected}"
            );
        }
    }
}
