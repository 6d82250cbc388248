//! Converts a PyTorch state dict and a grey background to half-precision safetensors, the form in
//! which the project ships its own.
//!
//! `cargo run --release --example convert_weights -- net.pt net.safetensors background.npy background.safetensors`

use std::error::Error;

use burn::tensor::Device;
use ich::ct_preprocess::WindowedSlice;
use ich::ich_model::{Container, Precision, RsnaHemorrhageNet, TensorFile};

fn main() -> Result<(), Box<dyn Error>> {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    let [net_in, net_out, background_in, background_out] = &paths[..] else {
        return Err("expected four paths: NET_IN NET_OUT BACKGROUND_IN BACKGROUND_OUT".into());
    };
    RsnaHemorrhageNet::load(net_in, &Device::flex())?.save(
        net_out,
        Container::Safetensors,
        Precision::F16,
    )?;
    println!("{net_out}");

    let grey = WindowedSlice::read(background_in)?;
    let background = TensorFile {
        shape: vec![grey.rows(), grey.cols()],
        values: grey.values().to_vec(),
    };
    background.save(background_out, "background", Precision::F16)?;
    println!("{background_out}");
    Ok(())
}
