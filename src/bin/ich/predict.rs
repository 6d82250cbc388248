//! `ich predict`.

use serde::Serialize;

use crate::args::PredictArgs;
use crate::fault::Fault;
use crate::input;
use crate::network::Classifier;

/// One line of `--json`.
#[derive(Serialize)]
struct Row<'a> {
    file: &'a str,
    probability: f32,
    prediction: u8,
}

pub(crate) fn run(args: &PredictArgs) -> Result<(), Fault> {
    let device = args.network.device.open();
    let (classifier, _) = Classifier::load(&args.network, &device)?;
    for path in &args.slices {
        let input = input::read(path)?;
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
