//! Graphs of every kind of node, masked, against dense answers and the reference in `f64`.
#![allow(clippy::unwrap_used, reason = "a test that panics says where")]

mod blocks;
mod fixtures;
mod overflow;
#[path = "../../../cnn-graph/tests/graph/recipe.rs"]
mod recipe;
#[path = "../reference/regions.rs"]
mod regions;

use cnn_graph::{End, Graph, Size};
use masked_cnn::{Engine, InstructionSet, Region, Settings};
use proptest::prelude::*;
use recipe::{Built, Numbers, Recipe, recipe};
use regions::{bits, masks, mix, regions};

/// Largest difference between masked and dense logits, of the largest one.
const OF_DENSE: f64 = 1e-5;

/// Largest difference between logits and the reference.
const OF_REFERENCE: f64 = 3e-5;

/// A graph of up to eight steps, with the channels and sides that tiles and vectors do not divide.
fn recipes() -> impl Strategy<Value = Recipe> {
    let image = [1..=20_usize, 1..=40_usize, 1..=40_usize];
    (recipe(), image).prop_map(|(recipe, image)| Recipe { image, ..recipe })
}

fn cases() -> impl Strategy<Value = (Recipe, Vec<(usize, Region)>, u64)> {
    recipes().prop_flat_map(|recipe| {
        let [_, rows, cols] = recipe.image;
        let shown = prop::collection::vec((0..2_usize, regions(Size { rows, cols })), 1..8);
        (Just(recipe), shown, any::<u64>())
    })
}

fn narrow(values: &[f64]) -> Vec<f32> {
    values.iter().map(|&value| value as f32).collect()
}

fn engine(graph: &Graph, change: impl FnOnce(Settings) -> Settings) -> Engine {
    let settings = change(Settings::default().with_n_threads(2));
    let engine = Engine::new(graph, &settings).expect("settings of this machine");
    engine.with_end(End::Logits)
}

fn difference(found: &[f32], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let scale = expected.iter().fold(1.0_f64, |most, x| most.max(x.abs()));
    let pairs = found.iter().zip(expected);
    let differences = pairs.map(|(&found, expected)| (f64::from(found) - expected).abs());
    differences.fold(0.0, f64::max) / scale
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn masked_answers_equal_dense_ones_and_the_reference((recipe, shown, seed) in cases()) {
        let Built { graph, n_refused } = recipe.build();
        prop_assume!(n_refused < recipe.steps.len());
        let n_values = graph.nodes()[0].shape.n_values();
        let numbers = &mut Numbers(seed);
        let image = narrow(&numbers.image(n_values));
        let backgrounds = [(); 2].map(|()| narrow(&numbers.image(n_values)));
        let images: Vec<Vec<f32>> = shown
            .iter()
            .map(|(background, region)| mix(&image, &backgrounds[*background], region, graph.size()))
            .collect();
        let mut expected = Vec::new();
        for image in &images {
            let image: Vec<f64> = image.iter().map(|&pixel| f64::from(pixel)).collect();
            let values = graph.reference_values(&image).unwrap();
            expected.extend(&values[graph.logits().index()]);
        }
        let backgrounds: Vec<&[f32]> = backgrounds.iter().map(Vec::as_slice).collect();
        let masks = masks(&shown, 3);
        for set in InstructionSet::available() {
            let engine = engine(&graph, |settings| settings.with_instruction_set(set));
            let dense = engine.forward(&images.concat()).unwrap();
            let masked = engine.mask(&image, &backgrounds).unwrap().evaluate(&masks).unwrap();
            let off = difference(&dense, &expected);
            prop_assert!(off <= OF_REFERENCE, "{set:?}, dense: off by {off:e} of {expected:?}");
            let wide: Vec<f64> = dense.iter().map(|&logit| f64::from(logit)).collect();
            let off = difference(&masked, &wide);
            prop_assert!(off <= OF_DENSE, "{set:?}, masked: off by {off:e} of {dense:?}");
        }
    }

    #[test]
    fn batch_company_threads_and_memory_change_no_bit((recipe, shown, seed) in cases()) {
        let Built { graph, .. } = recipe.build();
        let n_values = graph.nodes()[0].shape.n_values();
        let numbers = &mut Numbers(seed);
        let image = narrow(&numbers.image(n_values));
        let background = narrow(&numbers.image(n_values));
        let shown: Vec<(usize, Region)> =
            shown.into_iter().map(|(_, region)| (0, region)).collect();
        let many = engine(&graph, |settings| settings.with_n_threads(3));
        let needed = engine(&graph, |settings| settings.with_n_threads(1)).least_memory_bytes(1);
        let one = engine(&graph, |settings| settings.with_n_threads(1));
        let tight = engine(&graph, |settings| {
            settings.with_n_threads(1).with_memory_bytes(needed)
        });
        // Too little memory splits a group, and a group of one cannot be split.
        for (n_per_group, other) in [(3, &one), (1, &tight)] {
            let masks = masks(&shown, n_per_group);
            let together = many.mask(&image, &[&background]).unwrap().evaluate(&masks).unwrap();
            let mut masked = other.mask(&image, &[&background]).unwrap();
            let groups = masks.chunk_by(|a, b| a.group == b.group);
            let alone: Vec<f32> =
                groups.flat_map(|group| masked.evaluate(group).unwrap()).collect();
            prop_assert_eq!(bits(&together), bits(&alone));
        }

        let images = [image.as_slice(), &background];
        let together = many.forward(&images.concat()).unwrap();
        let alone: Vec<f32> = images.iter().flat_map(|image| one.forward(image).unwrap()).collect();
        prop_assert_eq!(bits(&together), bits(&alone));
    }
}
