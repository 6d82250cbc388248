//! One test for each way of asking for the impossible.

use std::ops::ControlFlow;

use masked_cnn::cnn_graph::{Conv, End, GraphBuilder, Op, Window};
use masked_cnn::{Engine, Error, InstructionSet, Mask, Rect, Region, Settings, Size};

const SIZE: Size = Size { rows: 8, cols: 10 };

/// One 3 x 3 convolution from one channel to two, and their difference.
fn engine(settings: &Settings) -> Result<Engine, Error> {
    let mut graph = GraphBuilder::new(1, SIZE).expect("an image");
    let conv = Op::Conv(Conv {
        weight: vec![0.5; 18],
        bias: vec![0.0; 2],
        window: Window {
            pads: [1; 4],
            ..Window::new([3, 3])
        },
        group: 1,
    });
    let difference = Op::Gemm {
        weight: vec![1.0, -1.0],
        bias: vec![0.0],
    };
    let image = graph.input();
    let mut add = |name, op, input| graph.add(name, op, &[input]).expect(name);
    let conv = add("conv", conv, image);
    let mean = add("mean", Op::GlobalAveragePool, conv);
    let logits = add("difference", difference, mean);
    Engine::new(
        &graph.finish(logits, End::Logits).expect("a graph"),
        settings,
    )
}

fn message<T>(result: Result<T, Error>) -> String {
    match result {
        Ok(_) => panic!("accepted"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn rejects_part_of_an_image() {
    let engine = engine(&Settings::default()).expect("an engine");
    let error = message(engine.forward(&[0.0; 81]));
    assert_eq!(error, "images: 81 values, expected a multiple of 80");
}

#[test]
fn rejects_a_background_of_another_size() {
    let engine = engine(&Settings::default()).expect("an engine");
    let error = message(engine.mask(&[0.0; 80], &[&[0.0; 79]]));
    assert_eq!(error, "background: 79 values, expected 80");
}

#[test]
fn rejects_a_mask_over_an_unknown_background() {
    let engine = engine(&Settings::default()).expect("an engine");
    let mut masked = engine.mask(&[0.0; 80], &[&[1.0; 80]]).expect("an image");
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
    let mut masked = engine.mask(&[0.0; 80], &[&[1.0; 80]]).expect("an image");
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
    let mut masked = engine.mask(&[0.5; 80], &[&[1.0; 80]]).expect("an image");
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
    let error = message(engine.forward(&[0.0; 80]));
    assert!(
        error.starts_with("setting memory_bytes: 1000, expected at least"),
        "{error}"
    );
    assert!(error.contains("(1 MiB)"), "{error}");
}

#[test]
fn rejects_pixels_that_are_no_numbers() {
    let engine = engine(&Settings::default()).expect("an engine");
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let mut pixels = [0.5; 160];
        pixels[97] = bad;
        let error = message(engine.forward(&pixels));
        assert!(error.starts_with("images: value 97 is"), "{error}");
        let (good, bad) = pixels.split_at(80);
        let error = message(engine.mask(bad, &[good]));
        assert!(error.starts_with("image: value 17 is"), "{error}");
        let error = message(engine.mask(good, &[good, bad]));
        assert!(error.starts_with("background: value 17 is"), "{error}");
    }
}
