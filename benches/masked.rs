//! Masked evaluation and whole explanations with the full network.
//!
//! `cargo bench --bench masked`; `cargo bench --bench masked -- coalitions` for one group:
//! `coalitions`, per side of the node that is split; `explanation`, the phantom of the README with
//! one shift; `side` and `shifts`, what an explanation costs as the image or the cycle grows.

use std::hint::black_box;
use std::sync::Arc;

use burn::tensor::module::interpolate;
use burn::tensor::ops::{InterpolateMode, InterpolateOptions};
use burn::tensor::{Device, Tensor};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ich::ct_phantom::{Bleed, Lesions, Phantom};
use ich::ct_preprocess::Window;
use ich::hshap::{Depth, Explainer, Outputs, Settings, Shifts, Stop};
use ich::masked_cnn::{Engine, Mask, Rect, Region, Settings as EngineSettings, Size};

const SIDE: usize = 512;

/// Coalitions of four quadrants but none and all.
const PROPER: usize = 14;

fn engine(device: &Device, side: usize) -> Engine {
    let net = ich::default_network(device).expect("the shipped weights");
    let size = Size {
        rows: side,
        cols: side,
    };
    net.to_masked(size, &EngineSettings::default())
        .expect("the same network")
}

/// A phantom with a bleed, and the background.
fn images(device: &Device) -> [Tensor<3>; 2] {
    let lesions = Lesions::Exactly(vec![Bleed::Intraparenchymal]);
    let phantom = Phantom::generate(1, &lesions).expect("a phantom");
    let slice = ich::phantom_slice(&phantom).expect("a slice");
    let background = ich::default_background().expect("the shipped background");
    [
        Window::BRAIN.apply(&slice).to_tensor(device),
        background.to_tensor(device),
    ]
}

/// The proper coalitions of up to four nodes of a side, spread over the image.
fn coalitions(node: usize) -> Vec<Region> {
    let size = Size {
        rows: SIDE,
        cols: SIDE,
    };
    let per_side = SIDE / node;
    let n_nodes = (per_side * per_side).min(4);
    let half = node / 2;
    let mut regions = Vec::new();
    for index in 0..n_nodes {
        let at = index * per_side * per_side / n_nodes + per_side / 2;
        let (row, col) = (at / per_side % per_side * node, at % per_side * node);
        for members in 1..=PROPER {
            let quadrants = (0..4).filter(|q| members & (1 << q) != 0).map(|q| Rect {
                row: row + q / 2 * half,
                col: col + q % 2 * half,
                n_rows: half,
                n_cols: half,
            });
            regions.push(Region::union(quadrants, size));
        }
    }
    regions
}

fn masked(c: &mut Criterion) {
    let device = Device::flex();
    let engine = engine(&device, SIDE);
    let pixels = images(&device).map(|image| image.into_data().iter::<f32>().collect::<Vec<f32>>());
    let mut image = engine.mask(&pixels[0], &[&pixels[1]]).expect("the phantom");

    let mut group = c.benchmark_group("coalitions");
    group.sample_size(10);
    for node in [512, 256, 128, 64] {
        let regions = coalitions(node);
        let masks: Vec<Mask<'_>> = regions
            .iter()
            .enumerate()
            .map(|(index, shown)| Mask {
                background: 0,
                shown,
                group: index / PROPER,
            })
            .collect();
        group.throughput(Throughput::Elements(masks.len() as u64));
        group.bench_with_input(BenchmarkId::from_parameter(node), &masks, |b, masks| {
            b.iter(|| black_box(image.evaluate(masks).expect("masks")));
        });
    }
    group.finish();
}

fn explanation(c: &mut Criterion) {
    let device = Device::flex();
    let whole = Arc::new(engine(&device, SIDE));
    let [image, background] = images(&device);
    let within = |tolerance: f64,
                  engine: &Arc<Engine>,
                  [image, background]: [&Tensor<3>; 2],
                  depth,
                  shifts: &Shifts| {
        let settings = Settings::default()
            .with_depth(depth)
            .with_outputs(Outputs::Probabilities)
            .with_stop(Stop::at_tolerance(tolerance));
        Explainer::masked(Arc::clone(engine), background.clone())
            .cycle_explain(image, shifts, &settings)
            .expect("an explanation")
    };
    let explain =
        |engine: &Arc<Engine>,
         image: &Tensor<3>,
         background: &Tensor<3>,
         depth,
         shifts: &Shifts| { within(0.0, engine, [image, background], depth, shifts) };
    let unshifted = Shifts::Polar {
        radii: vec![0.0],
        angles: vec![0.0],
    };
    let of_level = Depth::MinSize(64);

    let mut group = c.benchmark_group("explanation");
    group.sample_size(10);
    group.bench_function("one shift", |b| {
        b.iter(|| black_box(explain(&whole, &image, &background, of_level, &unshifted)));
    });
    group.bench_function("one shift, within 1 %", |b| {
        let images = [&image, &background];
        b.iter(|| black_box(within(0.01, &whole, images, of_level, &unshifted)));
    });
    group.finish();

    let mut group = c.benchmark_group("side");
    group.sample_size(10);
    for side in [128, 256, 512, 1024] {
        let resized = [&image, &background].map(|image| -> Tensor<3> {
            let options =
                InterpolateOptions::new(InterpolateMode::Bilinear).with_output_size([side, side]);
            interpolate(image.clone().unsqueeze(), options).squeeze_dim(0)
        });
        let engine = Arc::new(engine(&device, side));
        group.bench_function(BenchmarkId::from_parameter(side), |b| {
            let [image, background] = &resized;
            b.iter(|| {
                black_box(explain(
                    &engine,
                    image,
                    background,
                    Depth::Levels(2),
                    &unshifted,
                ))
            });
        });
    }
    group.finish();

    let mut group = c.benchmark_group("shifts");
    group.sample_size(10);
    for n_angles in [1, 3, 7] {
        let turn = std::f64::consts::TAU;
        let shifts = Shifts::Polar {
            radii: vec![0.0, 32.0],
            angles: (0..n_angles)
                .map(|i| turn * f64::from(i) / f64::from(n_angles))
                .collect(),
        };
        group.bench_function(BenchmarkId::from_parameter(1 + n_angles), |b| {
            b.iter(|| {
                black_box(explain(
                    &whole,
                    &image,
                    &background,
                    Depth::Levels(2),
                    &shifts,
                ))
            });
        });
    }
    group.finish();
}

criterion_group!(benches, masked, explanation);
criterion_main!(benches);
