//! One test for each way of asking for the impossible.

use std::ops::ControlFlow;

use masked_cnn::{
    Activation, BatchNorm, Convolution, Engine, Error, Head, InstructionSet, Mask, MaxPool,
    NetworkBuilder, Rect, Region, Settings, Size,
};

const SIZE: Size = Size { rows: 8, cols: 10 };

/// One 3 x 3 convolution from one channel to two.
fn convolution() -> Convolution {
    Convolution::new(vec![0.5; 18], 2, 3, 1)
}

fn head() -> Head {
    Head {
        weight: vec![1.0, -1.0],
        bias: vec![0.0],
        activation: Activation::Identity,
    }
}

fn engine(settings: &Settings) -> Result<Engine, Error> {
    let mut network = NetworkBuilder::new(1);
    let layer = network.convolution(network.input(), convolution())?;
    Engine::new(network.finish(layer, head())?, settings)
}

fn message<T>(result: Result<T, Error>) -> String {
    match result {
        Ok(_) => panic!("accepted"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn rejects_weights_of_another_shape() {
    let mut network = NetworkBuilder::new(2);
    let error = message(network.convolution(network.input(), convolution()));
    assert_eq!(error, "convolution weights: 18 values, expected 36");
}

#[test]
fn rejects_padding_as_wide_as_the_window() {
    let mut network = NetworkBuilder::new(1);
    let mut wide = convolution();
    wide.padding = 3;
    let error = message(network.convolution(network.input(), wide));
    assert!(
        error.starts_with("layer 1: window of 3, stride 1, padding 3"),
        "{error}"
    );
}

#[test]
fn rejects_a_stride_of_zero() {
    let mut network = NetworkBuilder::new(1);
    let mut still = convolution();
    still.stride = 0;
    let error = message(network.convolution(network.input(), still));
    assert!(error.contains("stride 0"), "{error}");
}

#[test]
fn rejects_a_batch_norm_of_other_channels() {
    let norm = BatchNorm {
        gamma: vec![1.0; 2],
        beta: vec![0.0; 3],
        mean: vec![0.0; 2],
        variance: vec![1.0; 2],
        epsilon: 1e-5,
    };
    let error = message(convolution().with_batch_norm(&norm));
    assert_eq!(error, "batch norm beta: 3 values, expected 2");
}

#[test]
fn rejects_a_shortcut_of_other_channels() {
    let mut network = NetworkBuilder::new(1);
    let input = network.input();
    let error = message(network.convolution(input, convolution().with_shortcut(input)));
    assert!(
        error.contains("the shortcut from layer 0 has 1 channels"),
        "{error}"
    );
}

#[test]
fn rejects_a_shortcut_of_another_size() {
    let mut network = NetworkBuilder::new(1);
    let first = network
        .convolution(network.input(), convolution())
        .expect("fits");
    let mut halved = Convolution::new(vec![0.1; 36], 2, 3, 2);
    halved.shortcut = Some(first);
    let last = network.convolution(first, halved).expect("channels fit");
    let network = network.finish(last, head()).expect("a network");
    let engine = Engine::new(network, &Settings::default()).expect("an engine");
    let error = message(engine.forward(&[0.0; 80], SIZE));
    assert!(
        error.starts_with("layer 2: the shortcut from layer 1 is"),
        "{error}"
    );
}

#[test]
fn rejects_pooling_of_the_image() {
    let mut network = NetworkBuilder::new(1);
    let pool = MaxPool {
        kernel: 2,
        stride: 2,
        padding: 0,
    };
    let error = message(network.max_pool(network.input(), pool));
    assert_eq!(error, "layer 1: pooling of the image itself");
}

#[test]
fn rejects_a_layer_that_nothing_reads() {
    let mut network = NetworkBuilder::new(1);
    let input = network.input();
    network.convolution(input, convolution()).expect("fits");
    let last = network.convolution(input, convolution()).expect("fits");
    let error = message(network.finish(last, head()));
    assert_eq!(error, "layer 3: nothing reads the output of layer 1");
}

#[test]
fn rejects_a_head_without_outputs() {
    let mut network = NetworkBuilder::new(1);
    let last = network
        .convolution(network.input(), convolution())
        .expect("fits");
    let nothing = Head {
        weight: vec![],
        bias: vec![],
        activation: Activation::Identity,
    };
    let error = message(network.finish(last, nothing));
    assert!(error.contains("no outputs"), "{error}");
}

#[test]
fn rejects_an_image_smaller_than_a_window() {
    let mut network = NetworkBuilder::new(1);
    let mut bare = convolution();
    bare.padding = 0;
    let last = network.convolution(network.input(), bare).expect("fits");
    let network = network.finish(last, head()).expect("a network");
    let engine = Engine::new(network, &Settings::default()).expect("an engine");
    let error = message(engine.forward(&[0.0; 20], Size { rows: 2, cols: 10 }));
    assert_eq!(error, "layer 1: an image of 2 x 10 leaves it no output");
}

#[test]
fn rejects_part_of_an_image() {
    let engine = engine(&Settings::default()).expect("an engine");
    let error = message(engine.forward(&[0.0; 81], SIZE));
    assert_eq!(error, "images: 81 values, expected a multiple of 80");
}

#[test]
fn rejects_a_background_of_another_size() {
    let engine = engine(&Settings::default()).expect("an engine");
    let error = message(engine.mask(&[0.0; 80], &[&[0.0; 79]], SIZE));
    assert_eq!(error, "background: 79 values, expected 80");
}

#[test]
fn rejects_a_mask_over_an_unknown_background() {
    let engine = engine(&Settings::default()).expect("an engine");
    let mut masked = engine
        .mask(&[0.0; 80], &[&[1.0; 80]], SIZE)
        .expect("an image");
    let mask = Mask {
        background: 1,
        shown: &Region::default(),
        group: 0,
    };
    let error = message(masked.evaluate(&[mask]));
    assert_eq!(error, "mask 0: background 1, there are 1");
}

#[test]
fn rejects_a_mask_of_a_larger_image() {
    let engine = engine(&Settings::default()).expect("an engine");
    let mut masked = engine
        .mask(&[0.0; 80], &[&[1.0; 80]], SIZE)
        .expect("an image");
    let larger = Size { rows: 9, cols: 9 };
    let last_row = Rect {
        row: 8,
        col: 0,
        n_rows: 1,
        n_cols: 1,
    };
    let mask = Mask {
        background: 0,
        shown: &Region::union([last_row], larger),
        group: 0,
    };
    let error = message(masked.evaluate(&[mask]));
    assert!(
        error.starts_with("mask 0: reaches over the image's"),
        "{error}"
    );
}

/// Two groups of 40 masks: no batch holds both.
#[test]
fn an_observer_hears_every_batch_and_can_stop() {
    let engine = engine(&Settings::default()).expect("an engine");
    let mut masked = engine
        .mask(&[0.5; 80], &[&[1.0; 80]], SIZE)
        .expect("an image");
    let shown: Vec<Region> = (0..80)
        .map(|pixel| {
            let rect = Rect {
                row: pixel / 10,
                col: pixel % 10,
                n_rows: 1,
                n_cols: 1,
            };
            Region::union([rect], SIZE)
        })
        .collect();
    let masks: Vec<Mask<'_>> = shown
        .iter()
        .enumerate()
        .map(|(index, shown)| Mask {
            background: 0,
            shown,
            group: index / 40,
        })
        .collect();
    let expected = masked.evaluate(&masks).expect("answers");
    let mut heard = Vec::new();
    let answers = masked.evaluate_observed(&masks, |batch| {
        heard.push(batch.to_vec());
        ControlFlow::Continue(())
    });
    assert_eq!(answers.expect("answers"), expected);
    assert_eq!(heard, [&expected[..40], &expected[40..]]);

    let mut n_heard = 0;
    let stopped = masked.evaluate_observed(&masks, |_| {
        n_heard += 1;
        ControlFlow::Break(())
    });
    assert!(matches!(stopped, Err(Error::Cancelled)));
    assert_eq!(n_heard, 1);
    assert_eq!(masked.evaluate(&masks).expect("answers"), expected);
}

#[test]
fn rejects_no_threads() {
    let error = message(engine(&Settings::default().with_n_threads(0)));
    assert_eq!(error, "setting n_threads: 0, expected at least 1");
}

#[test]
fn rejects_instructions_of_another_machine() {
    let foreign = [InstructionSet::Neon, InstructionSet::Avx2]
        .into_iter()
        .find(|set| !InstructionSet::available().contains(set));
    let error = message(engine(&Settings::default().with_instruction_set(foreign)));
    assert!(error.starts_with("setting instruction_set"), "{error}");
}

#[test]
fn says_how_much_memory_an_image_needs() {
    let settings = Settings::default().with_memory_bytes(1000);
    let engine = engine(&settings).expect("an engine");
    let error = message(engine.forward(&[0.0; 80], SIZE));
    assert!(
        error.starts_with("setting memory_bytes: 1000, expected at least"),
        "{error}"
    );
    assert!(error.contains("(1 MiB)"), "{error}");
}

#[test]
fn rejects_a_weight_that_is_no_number() {
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let mut network = NetworkBuilder::new(1);
        let mut weight = convolution();
        weight.weight[7] = bad;
        let error = message(network.convolution(network.input(), weight));
        assert_eq!(
            error,
            format!("convolution weights: value 7 is {bad}, expected finite numbers")
        );
        let mut bias = convolution();
        bias.bias[1] = bad;
        let error = message(network.convolution(network.input(), bias));
        assert!(error.starts_with("convolution bias: value 1"), "{error}");

        let layer = network
            .convolution(network.input(), convolution())
            .expect("fits");
        let (mut weight, mut bias) = (head(), head());
        weight.weight[1] = bad;
        bias.bias[0] = bad;
        let error = message(network.clone().finish(layer, weight));
        assert!(error.starts_with("head weights: value 1"), "{error}");
        let error = message(network.finish(layer, bias));
        assert!(error.starts_with("head bias: value 0"), "{error}");
    }
}

#[test]
fn rejects_a_batch_norm_that_makes_no_numbers() {
    let norm = BatchNorm {
        gamma: vec![1.0; 2],
        beta: vec![0.0; 2],
        mean: vec![0.0; 2],
        variance: vec![1.0; 2],
        epsilon: 1e-5,
    };
    let with = |change: fn(&mut BatchNorm)| {
        let mut norm = norm.clone();
        change(&mut norm);
        message(convolution().with_batch_norm(&norm))
    };
    let error = with(|norm| norm.mean[1] = f32::NAN);
    assert!(
        error.starts_with("batch norm mean: value 1 is NaN"),
        "{error}"
    );
    for change in [
        // A variance below 0, and none at all: the root, and its inverse.
        (|norm| norm.variance[1] = -1.0) as fn(&mut BatchNorm),
        |norm| (norm.variance[1], norm.epsilon) = (0.0, 0.0),
        |norm| (norm.gamma[1], norm.variance[1]) = (3e38, 1e-12),
    ] {
        let error = with(change);
        assert!(
            error.starts_with("convolution weights times batch norm: value 9 is"),
            "{error}"
        );
    }
}

#[test]
fn rejects_pixels_that_are_no_numbers() {
    let engine = engine(&Settings::default()).expect("an engine");
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let mut pixels = [0.5; 160];
        pixels[97] = bad;
        let error = message(engine.forward(&pixels, SIZE));
        assert!(error.starts_with("images: value 97 is"), "{error}");
        let (good, bad) = pixels.split_at(80);
        let error = message(engine.mask(bad, &[good], SIZE));
        assert!(error.starts_with("image: value 17 is"), "{error}");
        let error = message(engine.mask(good, &[good, bad], SIZE));
        assert!(error.starts_with("background: value 17 is"), "{error}");
    }
}
