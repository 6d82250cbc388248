//! The engine that recomputes only what a mask's edge reaches, as the model.

use mask_attribution::{
    Attribution, Context, Evaluator, KernelShap, Lime, MaskedModel, Method, Occlusion, Partition,
    Region, Rise,
};
use masked_cnn::{Engine, Mask, Settings};
use test_kit::max_difference;

use crate::network::Network;
use crate::tiny::load;

fn methods() -> Vec<Box<dyn Method>> {
    let (n_cells, n_samples, seed) = (4, 100, 5);
    let context = Context::Both;
    vec![
        Box::new(Partition {
            context,
            budget: 60,
        }),
        Box::new(Occlusion { side: 8, stride: 4 }),
        Box::new(Rise {
            n_masks: 60,
            n_cells,
            probability: 0.5,
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

fn explain(
    network: &Network,
    model: &mut dyn MaskedModel,
    method: &dyn Method,
    batch_size: usize,
) -> Attribution {
    let evaluator = Evaluator::new(model, network.size()).unwrap();
    method
        .explain(&mut evaluator.with_batch_size(batch_size))
        .unwrap()
}

/// Each mask is a group of its own: answers, and so maps, are then the same to the last bit for any batch.
#[test]
fn an_engine_serves_every_method_and_batches_change_no_bit() {
    let (network, _) = load();
    let engine = Engine::new(network.graph(), &Settings::default()).unwrap();
    let [image, background] = network.pixels().map(|pixels| {
        let pixels = pixels.iter().map(|&value| value as f32);
        pixels.collect::<Vec<f32>>()
    });
    let mut masked = engine.mask(&image, &[&background]).unwrap();
    let mut model = |shown: &[Region]| {
        let masks = shown.iter().enumerate().map(|(group, shown)| Mask {
            background: 0,
            shown,
            group,
        });
        let logits = masked.evaluate(&masks.collect::<Vec<_>>())?;
        let probability = |&z: &f32| 1.0 / (1.0 + (-f64::from(z)).exp());
        Ok(logits.iter().map(probability).collect())
    };
    let mut reference = |shown: &[Region]| Ok(network.probabilities(shown));
    for method in methods() {
        let found = explain(&network, &mut model, &*method, 64);
        let again = explain(&network, &mut model, &*method, 7);
        assert_eq!(found, again);
        let expected = explain(&network, &mut reference, &*method, 64);
        // The engine computes in `f32`; the largest difference was below 1e-6.
        let (difference, largest) = max_difference(&found.values, &expected.values);
        assert!(difference < 1e-5 * largest, "{difference:e} of {largest:e}");
    }
}
