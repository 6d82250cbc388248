//! How well does a network find the bleeds of synthetic slices? Sensitivity and specificity at
//! probability 0.5 on phantoms of every kind, with 95 % Wilson intervals.
//!
//! `cargo run --release --example phantom_study -- [SLICES_PER_KIND] [WEIGHTS]`

use std::error::Error;

use burn::tensor::Device;
use ich::ct_labels::{Proportion, Undefined};
use ich::ct_phantom::{Bleed, Lesions, Phantom, SIDE};
use ich::ct_preprocess::Window;
use ich::ich_model::{Prediction, RsnaHemorrhageNet};
use ich::masked_cnn::{Settings, Size};

const SIZE: Size = Size {
    rows: SIDE,
    cols: SIDE,
};

/// Slices of kind k have the seeds from `FIRST_SEED + 100_000 k`.
const FIRST_SEED: u64 = 1_000_000;

fn main() -> Result<(), Box<dyn Error>> {
    let device = Device::flex();
    let mut args = std::env::args().skip(1);
    let n_slices: usize = args.next().map_or(Ok(200), |n| n.parse())?;
    let net = match args.next() {
        Some(weights) => RsnaHemorrhageNet::load(weights, &device)?,
        None => ich::default_network(&device)?,
    };
    let engine = net.to_masked(SIZE, &Settings::default())?;

    let mut kinds = vec![
        ("clear".to_owned(), Lesions::Clear),
        ("one or two kinds".to_owned(), Lesions::Random),
    ];
    kinds.extend(Bleed::ALL.map(|bleed| (bleed.to_string(), Lesions::Exactly(vec![bleed]))));
    println!("slices of each kind: {n_slices}");
    for (kind, (name, lesions)) in kinds.iter().enumerate() {
        let mut n_positive = 0;
        for slice in 0..n_slices {
            let phantom =
                Phantom::generate(FIRST_SEED + 100_000 * kind as u64 + slice as u64, lesions)?;
            let grey = Window::BRAIN.apply(&ich::phantom_slice(&phantom)?);
            let probability = engine.forward(&grey.normalised())?[0];
            n_positive += usize::from(Prediction { probability }.is_hemorrhage());
        }
        let (figure, n_right) = match lesions {
            Lesions::Clear => ("specificity", n_slices - n_positive),
            _ => ("sensitivity", n_positive),
        };
        let share = Proportion::new(n_right, n_slices - n_right, Undefined::NoCases)?;
        let (estimate, interval) = (share.estimate, share.interval);
        println!(
            "{name:<20} {figure} {estimate:.3} ({:.3} to {:.3})",
            interval.low, interval.high
        );
    }
    println!("Research use only. Not a medical device.");
    Ok(())
}
