//! A network explained by the masked engine and, called with every image in full, as any model.

use std::sync::Arc;

use burn::tensor::{Device, Tensor, TensorData};
use hshap::masked_cnn::cnn_graph::{Activation, Conv, End, GraphBuilder, Op, Window};
use hshap::masked_cnn::{self, Engine, Settings as EngineSettings, Size};
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
    let mut graph = GraphBuilder::new(2, SIZE).expect("an image");
    let relu = || Op::Activation(Activation::Relu);
    let window = |kernel: usize, stride: usize| Window {
        strides: [stride; 2],
        pads: [kernel / 2; 4],
        ..Window::new([kernel; 2])
    };
    let conv = |weight: Vec<f32>, window: Window| {
        Op::Conv(Conv {
            weight,
            bias: vec![0.0; 8],
            window,
            group: 1,
        })
    };
    let max_pool = Op::MaxPool {
        window: window(3, 2),
        ceil_mode: false,
    };
    let head = Op::Gemm {
        weight: spread(3 * 8, 0.3),
        bias: spread(3, 0.9),
    };
    let stem = conv(spread(8 * 2 * 25, 0.1), window(5, 2));
    let block = conv(spread(8 * 8 * 9, 0.7), window(3, 1));
    let image = graph.input();
    let mut add = |name, op, inputs: &[_]| graph.add(name, op, inputs).expect(name);
    let stem = add("stem", stem, &[image]);
    let stem = add("stem relu", relu(), &[stem]);
    let pooled = add("pool", max_pool, &[stem]);
    let block = add("block", block, &[pooled]);
    let sum = add("sum", Op::Add, &[block, pooled]);
    let last = add("block relu", relu(), &[sum]);
    let mean = add("mean", Op::GlobalAveragePool, &[last]);
    let logits = add("head", head, &[mean]);
    let graph = graph.finish(logits, End::Logits).expect("a graph");
    let settings = EngineSettings::default().with_n_threads(n_threads);
    Engine::new(&graph, &settings).expect("an engine")
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
        let outputs = dense_engine.forward(&pixels)?;
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
fn rejects_images_of_another_shape() {
    // As many pixels, turned.
    for shape in [[1, SIZE.rows, SIZE.cols], [2, SIZE.cols, SIZE.rows]] {
        let grey = || Tensor::<3>::zeros(shape, &Device::flex());
        let error = Explainer::masked(engine(1), grey())
            .explain(&grey(), &settings(Convention::Aligned, false))
            .expect_err("another shape");
        assert!(
            matches!(error, Error::EngineShape { image, .. } if image == shape),
            "{error}"
        );
    }
}
