//! A network explained by the masked engine and, called with every image in full, as any model.

use std::sync::Arc;

use burn::tensor::{Device, Tensor, TensorData};
use hshap::masked_cnn::{
    self, Activation, Convolution, Engine, Head, MaxPool, NetworkBuilder,
    Settings as EngineSettings, Size,
};
use hshap::{Convention, Depth, Error, Explainer, Settings, Shift, Shifts};

const SIZE: Size = Size { rows: 40, cols: 56 };

/// Of the maximum. Both sides compute in `f32`, by the same kernels. Measured: 0.
const TOLERANCE: f32 = 1e-5;

/// Numbers between -1 and 1 from the golden ratio's multiples.
fn spread(n: usize, offset: f64) -> Vec<f32> {
    let ratio = 0.618_033_988_749_895;
    (1..=n)
        .map(|i| ((offset + i as f64 * ratio).fract() * 2.0 - 1.0) as f32)
        .collect()
}

fn engine(n_threads: usize) -> Engine {
    let mut network = NetworkBuilder::new(2);
    let stem = Convolution::new(spread(8 * 2 * 25, 0.1), 8, 5, 2).with_relu();
    let stem = network.convolution(network.input(), stem).expect("stem");
    let pool = MaxPool {
        kernel: 3,
        stride: 2,
        padding: 1,
    };
    let pooled = network.max_pool(stem, pool).expect("pool");
    let block = Convolution::new(spread(8 * 8 * 9, 0.7), 8, 3, 1);
    let block = block.with_shortcut(pooled).with_relu();
    let last = network.convolution(pooled, block).expect("block");
    let head = Head {
        weight: spread(3 * 8, 0.3),
        bias: spread(3, 0.9),
        activation: Activation::Identity,
    };
    let settings = EngineSettings::default().with_n_threads(n_threads);
    Engine::new(network.finish(last, head).expect("a network"), &settings).expect("an engine")
}

fn tensor(offset: f64) -> Tensor<3> {
    let shape = [2, SIZE.rows, SIZE.cols];
    let values = spread(shape.iter().product(), offset);
    Tensor::from_data(TensorData::new(values, shape), &Device::flex())
}

fn settings(convention: Convention, softmax: bool) -> Settings {
    Settings::default()
        .with_label(1)
        .with_depth(Depth::Levels(3))
        .with_softmax(softmax)
        .with_convention(convention)
}

#[test]
fn the_masked_engine_and_a_dense_model_agree() {
    let engine = Arc::new(engine(2));
    let dense_engine = Arc::clone(&engine);
    let forward = move |images: Tensor<4>| -> Result<Tensor<2>, masked_cnn::Error> {
        let device = images.device();
        let n = images.dims()[0];
        let pixels: Vec<f32> = images.into_data().iter::<f32>().collect();
        let outputs = dense_engine.forward(&pixels, SIZE)?;
        Ok(Tensor::from_data(TensorData::new(outputs, [n, 3]), &device))
    };
    let shifts = Shifts::List(
        [(0, 0), (5, -9), (-20, 31)]
            .map(|(rows, cols)| Shift { rows, cols })
            .to_vec(),
    );
    let dense = Explainer::new(forward, tensor(0.5));
    let masked = Explainer::masked(engine, tensor(0.5));
    for convention in [Convention::Aligned, Convention::Upstream] {
        for softmax in [false, true] {
            let settings = settings(convention, softmax);
            let image = tensor(0.25);
            let dense = dense
                .cycle_explain(&image, &shifts, &settings)
                .expect("an explanation");
            let masked = masked
                .cycle_explain(&image, &shifts, &settings)
                .expect("an explanation");
            assert_eq!(masked.n_evaluations, dense.n_evaluations);
            let largest = dense
                .map
                .values()
                .iter()
                .fold(0.0_f32, |m, v| m.max(v.abs()));
            assert!(largest > 0.0);
            let pairs = masked.map.values().iter().zip(dense.map.values());
            let off = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            println!(
                "{convention:?}, softmax {softmax}: off by {:e}",
                off / largest
            );
            assert!(off <= TOLERANCE * largest, "{off} of {largest}");
        }
    }
}

#[test]
fn threads_change_no_bit() {
    let shifts = Shifts::List(vec![Shift { rows: 3, cols: 7 }, Shift::default()]);
    let maps = [1, 2, 3].map(|n_threads| {
        Explainer::masked(engine(n_threads), tensor(0.5))
            .cycle_explain(
                &tensor(0.25),
                &shifts,
                &settings(Convention::Aligned, false),
            )
            .expect("an explanation")
            .map
    });
    assert_eq!(maps[0], maps[1]);
    assert_eq!(maps[0], maps[2]);
}

#[test]
fn rejects_images_with_other_channels() {
    let grey = || Tensor::<3>::zeros([1, SIZE.rows, SIZE.cols], &Device::flex());
    let error = Explainer::masked(engine(1), grey())
        .explain(&grey(), &settings(Convention::Aligned, false))
        .expect_err("one channel in place of two");
    assert!(matches!(error, Error::Network(_)), "{error}");
}
