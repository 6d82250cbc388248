//! What holds for every graph.

use cnn_graph::{Graph, Interval, NodeId, Shape, Size};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::recipe::{Built, Numbers, Recipe, recipe};
use crate::single::message;

fn size(shape: Shape) -> Size {
    match shape {
        Shape::Map { size, .. } => size,
        Shape::Vector { .. } => panic!("{shape}"),
    }
}

fn is_map(shape: Shape) -> bool {
    matches!(shape, Shape::Map { .. })
}

fn random_image(graph: &Graph, seed: u64) -> Vec<f64> {
    Numbers(seed).image(graph.nodes()[0].shape.n_values())
}

/// Whether the logits can be reached from the image without a node.
fn reached_without(graph: &Graph, without: NodeId) -> bool {
    let mut is_reached = vec![false; graph.nodes().len()];
    for (index, node) in graph.nodes().iter().enumerate() {
        let mut inputs = node.inputs.iter().map(|input| is_reached[input.index()]);
        let from_input = node.inputs.is_empty() || inputs.any(|is_reached| is_reached);
        is_reached[index] = from_input && index != without.index();
    }
    is_reached[graph.logits().index()]
}

fn is_within(part: Interval, whole: Interval) -> bool {
    part.is_empty() || whole.start <= part.start && part.end <= whole.end
}

proptest! {
    #[test]
    fn values_and_fields_have_the_shapes(recipe in recipe(), seed: u64) {
        let Built { graph, .. } = recipe.build();
        let image = random_image(&graph, seed);
        let values = graph.reference_values(&image).unwrap();
        let all_fields = graph.fields();
        for (index, node) in graph.nodes().iter().enumerate() {
            prop_assert_eq!(values[index].len(), node.shape.n_values(), "{}", node.name);
            match (&all_fields[index], node.shape) {
                (Some(fields), Shape::Map { size, .. }) => {
                    prop_assert_eq!(fields.rows.len(), size.rows);
                    prop_assert_eq!(fields.cols.len(), size.cols);
                    let Size { rows, cols } = graph.size();
                    prop_assert!(fields.rows.iter().all(|rows_of| rows_of.end <= rows));
                    prop_assert!(fields.cols.iter().all(|cols_of| cols_of.end <= cols));
                }
                (None, Shape::Vector { .. }) => {}
                (fields, shape) => prop_assert!(false, "{fields:?} of {shape}"),
            }
        }
        let logits = &values[graph.logits().index()];
        prop_assert_eq!(graph.reference(&image).unwrap(), graph.end().apply(logits));
    }

    /// Pixels outside a field are no numbers: whatever reads one is no number either.
    #[test]
    fn pixels_outside_a_field_change_nothing(
        recipe in recipe(),
        seed: u64,
        places in any::<[prop::sample::Index; 3]>(),
    ) {
        let Built { graph, .. } = recipe.build();
        let all_fields = graph.fields();
        let maps: Vec<_> = all_fields.iter().flatten().collect();
        let fields = maps[places[0].index(maps.len())];
        let rows = fields.rows[places[1].index(fields.rows.len())];
        let cols = fields.cols[places[2].index(fields.cols.len())];

        let image = random_image(&graph, seed);
        let Size { rows: n_rows, cols: n_cols } = graph.size();
        let is_in_field = |at: usize| {
            rows.contains(at / n_cols % n_rows) && cols.contains(at % n_cols)
        };
        let cut: Vec<f64> = image
            .iter()
            .enumerate()
            .map(|(at, &pixel)| if is_in_field(at) { pixel } else { f64::NAN })
            .collect();
        let whole = graph.reference_values(&image).unwrap();
        let cut = graph.reference_values(&cut).unwrap();
        for (index, node) in graph.nodes().iter().enumerate() {
            let Some(fields) = &all_fields[index] else { continue };
            let Size { rows: n_rows, cols: n_cols } = size(node.shape);
            for at in 0..node.shape.n_values() {
                let (row, col) = (fields.rows[at / n_cols % n_rows], fields.cols[at % n_cols]);
                // Nothing is read where the field is empty along one side.
                let is_empty = row.is_empty() || col.is_empty();
                if is_empty || is_within(row, rows) && is_within(col, cols) {
                    let (whole, cut) = (whole[index][at], cut[index][at]);
                    prop_assert_eq!(whole.to_bits(), cut.to_bits(), "{} at {}", node.name, at);
                }
            }
        }
    }

    #[test]
    fn the_last_map_is_on_every_path(recipe in recipe()) {
        let Built { graph, .. } = recipe.build();
        let last = graph.last_map();
        let nodes = graph.nodes();
        prop_assert!(is_map(nodes[last.index()].shape));
        prop_assert!(!reached_without(&graph, last));
        let inputs = nodes.iter().flat_map(|node| &node.inputs);
        for &later in inputs.filter(|&&later| later > last) {
            let node = &nodes[later.index()];
            prop_assert!(!is_map(node.shape) || reached_without(&graph, later), "{}", node.name);
        }
    }

    #[test]
    fn images_of_another_length_are_refused(recipe in recipe(), n in 0..200_usize) {
        let Built { graph, .. } = recipe.build();
        let expected = graph.nodes()[0].shape.n_values();
        prop_assume!(n != expected);
        let error = graph.reference(&vec![0.0; n]).unwrap_err();
        prop_assert_eq!(message(&error), format!("image: {n} values, expected {expected}"));
        prop_assert_eq!(graph.reference_values(&vec![0.0; n]).unwrap_err(), error);
    }
}

/// The properties above say nothing about steps that were refused.
#[test]
fn most_random_steps_fit() {
    let mut runner = TestRunner::deterministic();
    let (mut n_steps, mut n_refused) = (0, 0);
    for _ in 0..500 {
        let recipe: Recipe = recipe().new_tree(&mut runner).unwrap().current();
        n_steps += recipe.steps.len();
        n_refused += recipe.build().n_refused;
    }
    assert!(n_refused * 5 < n_steps, "{n_refused} of {n_steps} refused");
}
