//! One dense forward of the full network at 512 x 512, per device and batch size.
//!
//! `cargo bench --bench forward`; `cargo bench --bench forward -- flex` for one device.

use std::hint::black_box;

use burn::tensor::{Device, Tensor};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ich::masked_cnn::{Engine, Settings, Size};

const BATCHES: [usize; 2] = [1, 16];

fn forward(c: &mut Criterion) {
    let mut group = c.benchmark_group("forward");
    group.sample_size(10);

    let device = Device::flex();
    let background = ich::default_background().expect("the shipped background");
    let net = ich::default_network(&device).expect("the shipped weights");
    let network = net.to_masked().expect("the same network");
    let engine = Engine::new(network, &Settings::default()).expect("an engine");
    let size = Size {
        rows: background.rows(),
        cols: background.cols(),
    };
    let image = background.normalised();
    for batch in BATCHES {
        let images = image.repeat(batch);
        group.throughput(Throughput::Elements(batch as u64));
        group.bench_with_input(
            BenchmarkId::new("masked-cnn", batch),
            &images,
            |b, images| {
                b.iter(|| black_box(engine.forward(images, size).expect("the images")));
            },
        );
    }

    #[allow(
        deprecated,
        reason = "Burn's second CPU backend, the baseline of the first"
    )]
    let devices = [("flex", Device::flex()), ("ndarray", Device::ndarray())];
    for (name, device) in devices {
        let net = ich::default_network(&device).expect("the shipped weights");
        let image: Tensor<4> = background.to_tensor(&device).unsqueeze();
        for batch in BATCHES {
            let images = image.clone().repeat_dim(0, batch);
            group.throughput(Throughput::Elements(batch as u64));
            group.bench_with_input(BenchmarkId::new(name, batch), &images, |b, images| {
                b.iter(|| black_box(net.forward(images.clone()).into_data()));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, forward);
criterion_main!(benches);
