//! Converts a grey background to half-precision safetensors, the form in which the project ships its
//! own. Weights are converted by `ich weights convert`.
//!
//! `cargo run --release --example convert_background -- background.npy background.safetensors`

use std::error::Error;

use ich::ct_preprocess::WindowedSlice;
use ich::ich_model::{Precision, TensorFile};

fn main() -> Result<(), Box<dyn Error>> {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    let [input, output] = &paths[..] else {
        return Err("expected two paths: IN.npy OUT.safetensors".into());
    };
    let grey = WindowedSlice::read(input)?;
    let background = TensorFile {
        shape: vec![grey.rows(), grey.cols()],
        values: grey.values().to_vec(),
    };
    background.save(output, "background", Precision::F16)?;
    println!("{output}");
    Ok(())
}
