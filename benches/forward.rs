//! One dense forward of the full network at 512 x 512, per device and batch size.
//!
//! `cargo bench --bench forward` times the CPU devices of the build. Others, in a list separated by
//! commas: `ICH_BENCH_DEVICES=wgpu:0 cargo bench --features wgpu --bench forward`.

use std::hint::black_box;

use burn::tensor::Tensor;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ich::device::{DeviceName, OpenDevice};
use ich::masked_cnn::{Settings, Size};

const BATCHES: [usize; 2] = [1, 16];

/// Those that are asked for, or those of the CPU.
fn devices() -> Vec<OpenDevice> {
    match std::env::var("ICH_BENCH_DEVICES") {
        Ok(names) => names
            .split(',')
            .map(|name| name.parse::<DeviceName>().and_then(DeviceName::open))
            .collect::<Result<_, _>>()
            .expect("ICH_BENCH_DEVICES"),
        Err(_) => [DeviceName::Flex, DeviceName::Ndarray]
            .into_iter()
            .flat_map(DeviceName::open)
            .collect(),
    }
}

fn forward(c: &mut Criterion) {
    let mut group = c.benchmark_group("forward");
    group.sample_size(10);

    let device = DeviceName::default().open().expect("a device").device;
    let background = ich::default_background().expect("the shipped background");
    let net = ich::default_network(&device).expect("the shipped weights");
    let size = Size {
        rows: background.rows(),
        cols: background.cols(),
    };
    let engine = net
        .to_masked(size, &Settings::default())
        .expect("the same network");
    let image = background.normalised();
    for batch in BATCHES {
        let images = image.repeat(batch);
        group.throughput(Throughput::Elements(batch as u64));
        group.bench_with_input(
            BenchmarkId::new("masked-cnn", batch),
            &images,
            |b, images| {
                b.iter(|| black_box(engine.forward(images).expect("the images")));
            },
        );
    }

    for OpenDevice { device, name, .. } in devices() {
        let net = ich::default_network(&device).expect("the shipped weights");
        let image: Tensor<4> = background.to_tensor(&device).unsqueeze();
        for batch in BATCHES {
            let images = image.clone().repeat_dim(0, batch);
            group.throughput(Throughput::Elements(batch as u64));
            group.bench_with_input(
                BenchmarkId::new(name.to_string(), batch),
                &images,
                |b, images| {
                    b.iter(|| black_box(net.forward(images.clone()).into_data()));
                },
            );
        }
    }
    group.finish();
}

criterion_group!(benches, forward);
criterion_main!(benches);
