//! Is there a hemorrhage on a slice of a DICOM file?
//!
//! `cargo run --release --example dicom_probability -- SLICE.dcm`. Research use only.

use burn::tensor::Device;
use ich::ct_io::SliceFile;
use ich::ct_preprocess::Window;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("expected a DICOM file")?;
    let device = Device::flex();
    let net = ich::default_network(&device)?;
    let slice = SliceFile::open(&path)?.slice(0)?;
    let image = Window::BRAIN.apply(&slice.hu).to_tensor(&device);
    let prediction = net.predict(image.unsqueeze())?[0];
    println!("{path}: probability {:.4}", prediction.probability);
    Ok(())
}
