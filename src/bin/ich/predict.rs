//! `ich predict`.

use std::process::ExitCode;
use std::sync::mpsc::sync_channel;

use ich::Material;
use ich::ct_preprocess::Warning;

use crate::args::PredictArgs;
use crate::choice::Choice;
use crate::compute::Compute;
use crate::console::print_line;
use crate::fault::Fault;
use crate::input::Input;
use crate::network::Classifier;
use crate::reader::Reader;
use crate::row::{MadeBy, Row};
use crate::table::{Earlier, Table};
use crate::tally::Tally;

/// Slices that are read while another one is in the network.
const N_AHEAD: usize = 2;

pub(crate) fn run(args: &PredictArgs, material: &Material) -> Result<ExitCode, Fault> {
    let choice = Choice {
        slices: args.slices.paths.clone(),
        weights: args.network.weights.clone(),
        ..Choice::default()
    }
    .complete(&args.slices, material)?;
    let mut listing = choice.list(&args.slices)?;
    let compute = Compute::begin(&args.network.compute)?;
    let (classifier, weights) = Classifier::load(
        choice.weights.as_deref(),
        &args.network.selection.selection(),
        &compute,
    )?;
    let reading = args.slices.reading();
    let made_by = MadeBy {
        weights: weights.content().to_string(),
        reading: reading.to_string(),
        version: env!("CARGO_PKG_VERSION"),
    };
    let mut table = match &args.out {
        Some(path) => {
            let lengths = listing
                .slices
                .iter()
                .map(|slice| (slice.source(), slice.bytes))
                .collect();
            let earlier = match (args.resume, args.force) {
                (true, _) => Earlier::Resume,
                (_, true) => Earlier::Replace,
                _ => Earlier::Keep,
            };
            Some(Table::open(path, earlier, &made_by, &lengths)?)
        }
        None => None,
    };

    let mut tally = Tally::of(&listing);
    if let Some(table) = &table {
        listing.slices.retain(|slice| {
            let is_done = table.has(&slice.source());
            if is_done {
                tally.kept();
            }
            !is_done
        });
    }
    std::thread::scope(|scope| {
        let (sender, inputs) = sync_channel(N_AHEAD);
        let (slices, mut reader) = (&listing.slices, Reader::new(reading.clone()));
        scope.spawn(move || {
            for slice in slices {
                // A receiver that is gone has met a fault and wants no more.
                if sender.send(reader.read(slice)).is_err() {
                    return;
                }
            }
        });
        for input in inputs {
            let predicted = input.and_then(|input| {
                tally.warn(&input.source, &input.warnings);
                predict(&classifier, &input, &compute, &made_by)
            });
            match predicted {
                Ok(row) => {
                    match &mut table {
                        Some(table) => table.add(&row)?,
                        None => print(&row, args.json)?,
                    }
                    tally.done();
                }
                Err(fault) => tally.fail(&fault),
            }
        }
        Ok::<(), Fault>(())
    })?;
    if let Some(table) = table {
        table.finish()?;
    }
    Ok(tally.finish())
}

fn predict(
    classifier: &Classifier,
    input: &Input,
    compute: &Compute,
    made_by: &MadeBy,
) -> Result<Row, Fault> {
    let prediction = classifier.predict(input, compute.device())?;
    let dicom = input.dicom.as_ref();
    let codes: Vec<_> = input.warnings.iter().map(Warning::code).collect();
    Ok(Row {
        file: input.source.clone(),
        id: input.name.clone(),
        sop_instance_uid: dicom.and_then(|dicom| dicom.sop_instance_uid.clone()),
        series_instance_uid: dicom.and_then(|dicom| dicom.series_instance_uid.clone()),
        probability: prediction.probability,
        prediction: prediction.is_hemorrhage().into(),
        bytes: input.bytes,
        weights: made_by.weights.clone(),
        reading: made_by.reading.clone(),
        version: made_by.version.to_owned(),
        warnings: codes.join(" "),
    })
}

fn print(row: &Row, json: bool) -> Result<(), Fault> {
    match json {
        true => print_line(serde_json::to_string(row)?),
        false => print_line(format_args!(
            "{}\t{:.6}\t{}",
            row.file, row.probability, row.prediction
        )),
    }
}
