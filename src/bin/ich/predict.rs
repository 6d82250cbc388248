//! `ich predict`.

use std::process::ExitCode;
use std::sync::mpsc::sync_channel;

use burn::tensor::Device;
use ich::Material;

use crate::args::PredictArgs;
use crate::choice::Choice;
use crate::compute::Compute;
use crate::fault::Fault;
use crate::input::Input;
use crate::network::Classifier;
use crate::reader::Reader;
use crate::table::{Row, Table};
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
    let (classifier, _) = Classifier::load(
        choice.weights.as_deref(),
        &args.network.selection.selection(),
        &compute,
    )?;
    let mut table = match &args.out {
        Some(path) => Some(Table::open(path, args.resume, args.force)?),
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
        let (slices, mut reader) = (&listing.slices, Reader::new(args.slices.reading()));
        scope.spawn(move || {
            for slice in slices {
                // A receiver that is gone has met a fault and wants no more.
                if sender.send(reader.read(slice)).is_err() {
                    return;
                }
            }
        });
        for input in inputs {
            match input.and_then(|input| predict(&classifier, &input, compute.device())) {
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

fn predict(classifier: &Classifier, input: &Input, device: &Device) -> Result<Row, Fault> {
    let prediction = classifier.predict(input, device)?;
    let dicom = input.dicom.as_ref();
    Ok(Row {
        file: input.source.clone(),
        id: input.name.clone(),
        sop_instance_uid: dicom.and_then(|dicom| dicom.sop_instance_uid.clone()),
        series_instance_uid: dicom.and_then(|dicom| dicom.series_instance_uid.clone()),
        probability: prediction.probability,
        prediction: prediction.is_hemorrhage().into(),
    })
}

fn print(row: &Row, json: bool) -> Result<(), Fault> {
    if json {
        println!("{}", serde_json::to_string(row)?);
    } else {
        println!("{}\t{:.6}\t{}", row.file, row.probability, row.prediction);
    }
    Ok(())
}
