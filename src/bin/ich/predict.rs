//! `ich predict`.

use ich::Material;
use serde::Serialize;

use crate::args::PredictArgs;
use crate::choice::Choice;
use crate::fault::Fault;
use crate::input::{self, Input};
use crate::network::Classifier;

/// One line of `--json`.
#[derive(Serialize)]
struct Row<'a> {
    file: &'a str,
    probability: f32,
    prediction: u8,
}

pub(crate) fn run(args: &PredictArgs, material: &Material) -> Result<(), Fault> {
    let choice = Choice {
        slices: args.slices.clone(),
        weights: args.network.weights.clone(),
        ..Choice::default()
    }
    .complete(&args.choice, material)?;
    let device = args.network.compute.device.open();
    let (classifier, _) =
        Classifier::load(choice.weights.as_deref(), &args.network.compute, &device)?;
    let inputs: Box<dyn Iterator<Item = Result<Input, Fault>>> = match choice.slices[..] {
        [] => Box::new(std::iter::once(input::demo())),
        _ => Box::new(choice.slices.iter().map(|path| input::read(path))),
    };
    for input in inputs {
        let input = input?;
        let prediction = classifier.predict(&input, &device)?;
        let row = Row {
            file: &input.source,
            probability: prediction.probability,
            prediction: prediction.is_hemorrhage().into(),
        };
        if args.json {
            println!("{}", serde_json::to_string(&row)?);
        } else {
            println!("{}\t{:.6}\t{}", row.file, row.probability, row.prediction);
        }
    }
    Ok(())
}
