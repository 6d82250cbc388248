//! The first half of the tutorial: is there a hemorrhage on these slices?
//!
//! `cargo run --release --example predict -- SLICE.npy...`; without a slice, two phantoms.

use std::error::Error;

use burn::tensor::Device;
use ich::ct_io::{HuSlice, SliceFile};
use ich::ct_phantom::{Bleed, Lesions, Phantom};
use ich::ct_preprocess::Window;

fn main() -> Result<(), Box<dyn Error>> {
    let device = Device::flex();
    let net = ich::default_network(&device)?;
    for (name, slice) in slices()? {
        let grey = Window::BRAIN.apply(&slice);
        let prediction = net.predict(grey.to_tensor(&device).unsqueeze())?[0];
        println!(
            "{name}: probability {:.4}, prediction {}",
            prediction.probability,
            u8::from(prediction.is_hemorrhage())
        );
    }
    println!("Research use only. Not a medical device.");
    Ok(())
}

fn slices() -> Result<Vec<(String, HuSlice)>, Box<dyn Error>> {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    if paths.is_empty() {
        let clear = phantom(&Lesions::Clear)?;
        let bleed = phantom(&Lesions::Exactly(vec![Bleed::Intraparenchymal]))?;
        return Ok(vec![("clear".into(), clear), ("bleed".into(), bleed)]);
    }
    let read = |path: String| Ok((path.clone(), SliceFile::open(path)?.slice(0)?.hu));
    paths.into_iter().map(read).collect()
}

fn phantom(lesions: &Lesions) -> Result<HuSlice, Box<dyn Error>> {
    Ok(ich::phantom_slice(&Phantom::generate(1, lesions)?)?)
}
