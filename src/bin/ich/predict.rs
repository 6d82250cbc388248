//! `ich predict`.

use std::process::ExitCode;
use std::sync::mpsc::{Receiver, sync_channel};

use ich::results::{EarlierTable, MadeBy, Row, Table};
use ich::study::Slice;
use ich::{Error, Material, Session};

use crate::args::PredictArgs;
use crate::choice::Choice;
use crate::console::print_line;
use crate::tally::Tally;

/// Slices that are read while others are in the network.
const N_AHEAD: usize = 2;

pub(crate) fn run(args: &PredictArgs, material: &Material) -> anyhow::Result<ExitCode> {
    let choice = Choice {
        slices: args.slices.paths.clone(),
        weights: args.network.weights.clone(),
        ..Choice::default()
    }
    .complete(&args.slices, material)?;
    let mut listing = choice.list(&args.slices)?;
    let session = Session::open(&args.network.options(&choice, &args.slices)?)?;
    let made_by = match args.all_labels {
        true => MadeBy::of(&session).with_all_labels(&session),
        false => MadeBy::of(&session),
    };
    let mut table = match &args.out {
        Some(path) => {
            let slices = listing.slices.iter();
            let lengths = slices.map(|slice| (slice.source(), slice.bytes)).collect();
            let earlier = match (args.resume, args.force) {
                (true, _) => EarlierTable::Resume,
                (_, true) => EarlierTable::Replace,
                _ => EarlierTable::Keep,
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
        let (sender, read) = sync_channel(N_AHEAD);
        let (slices, mut reader) = (&listing.slices, session.reader());
        scope.spawn(move || {
            for slice in slices {
                // A receiver that is gone has met an error and wants no more.
                if sender.send(reader.read(slice)).is_err() {
                    return;
                }
            }
        });
        while let Some(batch) = next_batch(&read, &session) {
            for answer in predict(&session, batch, &made_by, &mut tally) {
                match answer {
                    Ok(row) => {
                        match &mut table {
                            Some(table) => table.add(&row)?,
                            None => print(&row, args.json)?,
                        }
                        tally.done();
                    }
                    Err(error) => tally.fail(&error),
                }
            }
        }
        anyhow::Ok(())
    })?;
    if let Some(table) = table {
        table.finish()?;
    }
    Ok(tally.finish())
}

/// The next slices, as many as are worth predicting at once; none at the end.
fn next_batch(
    read: &Receiver<Result<Slice, Error>>,
    session: &Session,
) -> Option<Vec<Result<Slice, Error>>> {
    let first = read.recv().ok()?;
    let n = match &first {
        Ok(slice) => session.classifier().n_at_once(slice),
        Err(_) => 1,
    };
    let mut batch = vec![first];
    batch.extend(read.iter().take(n - 1));
    Some(batch)
}

/// A row of each slice, in their order.
fn predict(
    session: &Session,
    batch: Vec<Result<Slice, Error>>,
    made_by: &MadeBy,
    tally: &mut Tally,
) -> Vec<Result<Row, Error>> {
    let slices: Vec<_> = batch.iter().flatten().collect();
    for slice in &slices {
        tally.warn(&slice.source, &slice.warnings);
    }
    let rows: Vec<_> = session
        .predict(&slices)
        .into_iter()
        .zip(slices)
        .map(|(prediction, slice)| Ok(Row::of(slice, &prediction?, made_by)))
        .collect();
    let mut rows = rows.into_iter();
    batch
        .into_iter()
        .filter_map(|slice| match slice {
            Ok(_) => rows.next(),
            Err(error) => Some(Err(error)),
        })
        .collect()
}

fn print(row: &Row, json: bool) -> anyhow::Result<()> {
    match json {
        true => print_line(serde_json::to_string(row)?)?,
        false => {
            let mut line = format!("{}\t{:.6}\t{}", row.file, row.probability, row.prediction);
            for (label, probability) in row.probabilities.iter().flat_map(|all| &all.0) {
                line += &format!("\t{label} {probability:.6}");
            }
            print_line(line)?;
        }
    }
    Ok(())
}
