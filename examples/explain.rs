//! The second half of the tutorial: which part of the slice makes the network say so?
//!
//! `cargo run --release --example explain -- [FIGURE.png]` draws a phantom with a bleed, the box
//! around the bleed, and what h-Shap finds on an unshifted grid.

use std::error::Error;

use burn::tensor::Device;
use ich::ct_figure::{
    FigureConfig, FigureSlice, GreySlice, Heat, Saliency, draw_figure, probability_text,
};
use ich::ct_phantom::{Bleed, Lesions, Phantom, SIDE};
use ich::ct_preprocess::Window;
use ich::hshap::{Explainer, Settings};
use ich::masked_cnn;

fn main() -> Result<(), Box<dyn Error>> {
    let device = Device::flex();
    let net = ich::default_network(&device)?;
    let background = ich::default_background()?.to_tensor(&device);

    let phantom = Phantom::generate(1, &Lesions::Exactly(vec![Bleed::Intraparenchymal]))?;
    let grey = Window::BRAIN.apply(&ich::phantom_slice(&phantom)?);
    let image = grey.to_tensor(&device);

    let prediction = net.predict(image.clone().unsqueeze())?[0];
    // On the CPU; `Explainer::new(move |images| net.forward(images), background)` uses any Burn device.
    let size = masked_cnn::Size {
        rows: SIDE,
        cols: SIDE,
    };
    let engine = net.to_masked(size, &masked_cnn::Settings::default())?;
    let explanation =
        Explainer::masked(engine, background).explain(&image, &Settings::default())?;

    let bleed = ich::phantom_box(&phantom).ok_or("a phantom without a bleed")?;
    let title = format!(
        "Probability {}, prediction {}",
        probability_text(prediction.probability),
        u8::from(prediction.is_hemorrhage())
    );
    let map = Saliency::new(explanation.map.values(), (SIDE, SIDE))?;
    let figure = FigureSlice::new(GreySlice::new(grey.values(), (SIDE, SIDE))?, &title)
        .with_heat(Heat::new(map))
        .with_boxes(std::slice::from_ref(&bleed));
    let config = FigureConfig::default().with_footer("Research use only. Not a medical device.");
    let png = ich::ct_figure::encode_png(&draw_figure(&[figure], &config)?.image)?;
    let path = std::env::args()
        .nth(1)
        .unwrap_or("explanation.png".to_owned());
    std::fs::write(&path, png)?;
    println!("{path}: {} evaluations", explanation.n_evaluations);
    Ok(())
}
