//! The masked engine against Burn, which computes every masked image in full, on 512 x 512 slices.

use std::time::Instant;

use burn::tensor::{Device, Tensor, TensorData};
use ich::ct_io::{HuSlice, Image};
use ich::ct_phantom::{Lesions, Phantom};
use ich::ct_preprocess::Window;
use ich::hshap::share_of_work;
use ich::masked_cnn::{Engine, Mask, Rect, Region, Settings, Size};
use rand::{RngExt, SeedableRng};
use test_kit::{say, shared};

/// Largest difference between two probabilities. Measured: printed, at most 2e-7.
const TOLERANCE: f32 = 2e-6;

const SIZE: Size = Size {
    rows: 512,
    cols: 512,
};

/// One mask of every kind, and random ones.
fn regions(seed: u64) -> Vec<(&'static str, Region)> {
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    let mut rect = |n_rows: usize, n_cols: usize| Rect {
        row: rng.random_range(0..SIZE.rows),
        col: rng.random_range(0..SIZE.cols),
        n_rows,
        n_cols,
    };
    let checkerboard = |side: usize| {
        let n = SIZE.rows / side;
        (0..n * n)
            .map(move |index| (index / n, index % n))
            .filter(|(row, col)| (row + col) % 2 == 0)
            .map(move |(row, col)| Rect {
                row: row * side,
                col: col * side,
                n_rows: side,
                n_cols: side,
            })
            .collect::<Vec<_>>()
    };
    let full = Rect {
        row: 0,
        col: 0,
        n_rows: SIZE.rows,
        n_cols: SIZE.cols,
    };
    let wrapped = Rect {
        row: 300,
        col: 411,
        n_rows: 256,
        n_cols: 256,
    };
    let pixels: Vec<Rect> = (0..5).map(|_| rect(1, 1)).collect();
    let coalition: Vec<Rect> = (0..3).map(|_| rect(64, 64)).collect();
    let lines = vec![rect(1, 512), rect(512, 1), rect(100, 300)];
    [
        ("empty", vec![]),
        ("full", vec![full]),
        ("single pixels", pixels),
        ("wrapped quadrant", vec![wrapped]),
        ("three cells", coalition),
        ("lines and a rectangle", lines),
        ("checkerboard of 1 px", checkerboard(1)),
        ("checkerboard of 32 px", checkerboard(32)),
    ]
    .map(|(name, rects)| (name, Region::union(rects, SIZE)))
    .into()
}

fn check(name: &str, slice: &HuSlice, seed: u64) {
    let device = Device::flex();
    let net = ich::default_network(&device).expect("the shipped weights");
    let engine = net
        .to_masked(SIZE, &Settings::default())
        .expect("the network");
    let image = Window::BRAIN.apply(slice).to_tensor(&device);
    let background = ich::default_background().expect("the shipped background");
    let background = background.to_tensor(&device);

    let values = |tensor: &Tensor<3>| -> Vec<f32> {
        let data = tensor.clone().into_data();
        data.iter::<f32>().collect()
    };
    let (x, b) = (values(&image), values(&background));
    let regions = regions(seed);
    let masks: Vec<Mask<'_>> = regions
        .iter()
        .map(|(_, shown)| Mask {
            background: 0,
            shown,
            group: 0,
        })
        .collect();
    let mut masked = engine.mask(&x, &[&b]).expect("the slice's shape");
    let found = masked.evaluate(&masks).expect("masks of the slice's size");

    for ((kind, region), found) in regions.iter().zip(found) {
        let mut shown = vec![false; SIZE.rows * SIZE.cols];
        region.fill(&mut shown, SIZE);
        let pixels: Vec<f32> = (0..x.len())
            .map(|i| if shown[i % shown.len()] { x[i] } else { b[i] })
            .collect();
        let whole = engine.forward(&pixels).expect("an image")[0];
        let data = TensorData::new(pixels, [1, 3, SIZE.rows, SIZE.cols]);
        let expected = net
            .predict(Tensor::from_data(data, &device))
            .expect("an answer")[0]
            .probability;
        let off = (found - expected).abs();
        say(&format!(
            "{name}, {kind}: probability {expected}, off by {off:e}"
        ));
        assert!(off <= TOLERANCE, "{name}, {kind}: {found}, Burn {expected}");
        assert!((found - whole).abs() <= TOLERANCE);
    }
}

#[test]
fn masked_answers_equal_dense_ones_on_a_phantom() {
    let phantom = Phantom::generate(3, &Lesions::Random).expect("a phantom");
    let slice = ich::phantom_slice(&phantom).expect("a slice");
    check("phantom", &slice, 1);
}

#[test]
fn masked_answers_equal_dense_ones_on_a_real_slice() {
    const TEST: &str = "masked_answers_equal_dense_ones_on_a_real_slice";
    const SLICE: &str = "data/cq500/1.2.276.0.7230010.3.1.4.296485376.1.1521713469.1816851.npy";
    let Some(path) = shared(TEST, SLICE) else {
        return;
    };
    check(
        "real slice",
        &HuSlice::from(Image::read_npy(path).expect("a slice")),
        2,
    );
}

/// The network's products in tiles of 4 x 4 positions, counted from receptive fields by another
/// program, are 7.1 times those of an average mask.
#[test]
fn an_explanation_needs_a_seventh_of_the_dense_work() {
    let device = Device::flex();
    let net = ich::default_network(&device).expect("the shipped weights");
    let graph = net.to_graph(SIZE).expect("the network");
    let engine = Engine::new(&graph, &Settings::default()).expect("the network");
    let start = Instant::now();
    let share = share_of_work(&engine);
    let mib = engine.least_memory_bytes(1) >> 20;
    say(&format!(
        "share {share:.3}, {mib} MiB, planned in {:.2} s",
        start.elapsed().as_secs_f64()
    ));
    assert!((1.0 / share - 7.1).abs() < 0.7, "{share}");
}
