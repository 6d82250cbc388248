//! Predicts and explains one slice with any network in an ONNX file, which `NAME.ich.json` beside it
//! declares.
//!
//! `cargo run --release --example own_network -- mine.onnx slice.dcm normal.npy [LABEL]`

use std::ops::ControlFlow;

use ich::network::declaration::LabelChoice;
use ich::results::{Look, OutputOptions, Writer, plan};
use ich::study::{BackgroundKind, Listing};
use ich::{Method, Options, Session};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [weights, slice, background, label @ ..] = &args[..] else {
        return Err("expected MODEL SLICE BACKGROUND [LABEL]".into());
    };
    let mut options = Options::default();
    options.weights = Some(weights.into());
    options.backgrounds = vec![BackgroundKind::File(background.into())];
    options.declaration.explain = label.first().cloned().map(LabelChoice::Name);
    let session = Session::open(&options)?;
    let listing = Listing::expand(&[slice.into()], None, None, |_, _| {})?;
    let outputs = plan(&listing.slices, &OutputOptions::new("ich-out"), false)?;
    let method = Method::default();
    let writer = Writer::new(&session, &method, Look::default());
    let slice = session.reader().read(&listing.slices[0])?;
    let explained = session.explain(&slice, &method, |_| ControlFlow::Continue(()))?;
    for (label, probability) in session
        .labels()
        .names()
        .iter()
        .zip(&explained.prediction.probabilities)
    {
        println!("{label} {probability:.6}");
    }
    writer.write(&slice, &explained, &outputs[0])?;
    println!("{}", outputs[0].figure.display());
    Ok(())
}
