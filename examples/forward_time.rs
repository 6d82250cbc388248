//! How long the classifier takes for a batch of slices on this machine's CPU.
//!
//! `cargo run --release --example forward_time -- WEIGHTS [--batch N] [--threads N] [--repeats N]`
//! prints the seconds an image takes, one number a repeat, as JSON.

use std::error::Error;
use std::path::PathBuf;
use std::time::Instant;

use burn::tensor::Device;
use clap::Parser;
use ich::ich_model::RsnaHemorrhageNet;
use ich::masked_cnn::{Settings, Size};

#[derive(Parser)]
struct Args {
    /// Weights: a PyTorch state dict or safetensors.
    weights: PathBuf,
    /// Slices computed together.
    #[arg(long, default_value_t = 1)]
    batch: usize,
    /// CPU threads [default: one a core].
    #[arg(long)]
    threads: Option<usize>,
    /// Measurements, after two that are not printed.
    #[arg(long, default_value_t = 5)]
    repeats: usize,
}

fn main() -> Result<(), Box<dyn Error>> {
    let args = Args::parse();
    let net = RsnaHemorrhageNet::load(&args.weights, &Device::flex())?;
    let mut settings = Settings::default();
    settings.n_threads = args.threads;
    let background = ich::default_background()?;
    let size = Size {
        rows: background.rows(),
        cols: background.cols(),
    };
    let engine = net.to_masked(size, &settings)?;

    let images = background.normalised().repeat(args.batch);
    let mut seconds = Vec::new();
    for _ in 0..2 + args.repeats {
        let start = Instant::now();
        engine.forward(&images)?;
        seconds.push(start.elapsed().as_secs_f64() / args.batch as f64);
    }
    let seconds_per_image = &seconds[2..];
    println!(
        "{}",
        serde_json::json!({ "seconds_per_image": seconds_per_image })
    );
    Ok(())
}
