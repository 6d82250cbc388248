//! `ich explain`.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::path::Path;
use std::process::ExitCode;

use ich::ct_figure::probability_text;
use ich::ct_labels::{self, GroundTruth};
use ich::hshap::{Explanation, Interrupt, Progress};
use ich::results::{Earlier, Outputs, Writer, note_of_unexplored, plan, volume_maps};
use ich::session::Method;
use ich::study::Slice;
use ich::{Error, Material, Session};

use crate::args::ExplainArgs;
use crate::choice::Choice;
use crate::console::print_line;
use crate::interrupt;
use crate::progress::Display;
use crate::remedy::with_remedy;
use crate::tally::Tally;

/// When the results of a slice were made.
enum Made {
    Now,
    Before,
}

pub(crate) fn run(args: &ExplainArgs, material: &Material) -> anyhow::Result<ExitCode> {
    let choice = Choice {
        slices: args.slices.paths.clone(),
        weights: args.network.weights.clone(),
        backgrounds: args.background.clone(),
        boxes: args.boxes.clone(),
    }
    .complete(&args.slices, material)?;
    let listing = choice.list(&args.slices)?;
    let truth = match &choice.boxes {
        Some(path) => read_boxes(path)?,
        None => GroundTruth::default(),
    };
    let outputs = args.outputs();
    let planned = plan(&listing.slices, &outputs, args.resume)?;
    let mut options = args.network.options(&choice, &args.slices)?;
    options.output = args.explain.into();
    let session = Session::open(&options)?;
    session.check_background()?;
    let method = args.method();
    let writer = Writer::new(&session, &method, args.look.look());

    let mut tally = Tally::of(&listing);
    let mut reader = session.reader();
    let mut gallery = writer.gallery(&args.gallery.options(), outputs.replace)?;
    for (source, error) in &listing.faults {
        gallery.fail(source, &with_remedy(error))?;
    }
    let mut maps = Vec::new();
    let mut boxed = HashSet::new();
    for (slice_ref, outputs) in listing.slices.iter().zip(&planned) {
        let made = reader.read(slice_ref).map_err(anyhow::Error::from);
        let made = made.and_then(|mut slice| {
            tally.warn(&slice.source, &slice.warnings);
            boxed.extend(slice.add_boxes(&truth));
            let made = explain_unless_done(args, &session, &method, &writer, &slice, outputs)?;
            gallery.add(&slice, outputs)?;
            Ok(made)
        });
        match made {
            Ok(Made::Now) => tally.done(),
            Ok(Made::Before) => tally.kept(),
            Err(error) => {
                // What is no error of a slice, such as closed standard output, ends the run.
                let error = error.downcast::<Error>()?;
                if error.ends_run() {
                    return Err(error.into());
                }
                gallery.fail(&slice_ref.source(), &with_remedy(&error))?;
                tally.fail(&error);
                continue;
            }
        }
        maps.push((slice_ref, outputs));
        if interrupt::is_interrupted() {
            break;
        }
    }
    drop(reader);
    if let Some(path) = &choice.boxes {
        say_unmatched(path, &truth, &boxed);
    }
    volume_maps::write(&maps, args.force, writer.made_with())?;
    gallery.finish()?;
    let code = tally.finish();
    match interrupt::is_interrupted() {
        true => Ok(ExitCode::from(interrupt::INTERRUPTED)),
        false => Ok(code),
    }
}

/// How close an explanation that ended early is to the exact one.
fn how_exact(explanation: &Explanation) -> String {
    match &explanation.unexplored {
        Some(unexplored) => format!("{}, ", note_of_unexplored(unexplored).to_lowercase()),
        None => String::new(),
    }
}

/// Explains a slice, but for one that `--resume` finds explained already.
fn explain_unless_done(
    args: &ExplainArgs,
    session: &Session,
    method: &Method,
    writer: &Writer<'_>,
    slice: &Slice,
    outputs: &Outputs,
) -> anyhow::Result<Made> {
    let mut earlier = None;
    if args.resume {
        match writer.earlier(slice, outputs)? {
            Earlier::Whole => return Ok(Made::Before),
            Earlier::Open(runs) => earlier = Some(runs),
            Earlier::Other(difference) if !args.force => {
                let error = Error::MadeOtherwise {
                    report: outputs.report.clone(),
                    difference,
                };
                return Err(error.into());
            }
            _ => {}
        }
    }
    outputs.make_folder()?;
    let mut display = Display::new(&slice.name);
    let under_way = interrupt::explaining();
    let mut observer = |progress: &Progress<'_>| {
        display.show(progress);
        match interrupt::is_interrupted() {
            true => ControlFlow::Break(Interrupt::Keep),
            false => ControlFlow::Continue(()),
        }
    };
    let explained = match &earlier {
        Some(earlier) => session.refine(slice, method, earlier, &mut observer),
        None => session.explain(slice, method, &mut observer),
    };
    display.finish();
    let explained = explained?;
    let report = writer.write(slice, &explained, outputs)?;
    drop(under_way);
    if args.json {
        print_line(serde_json::to_string(&report)?)?;
    } else {
        print_line(format_args!(
            "{}: probability {}, prediction {}, {}{} evaluations in {:.1} s, {}",
            slice.source,
            probability_text(explained.prediction.probability),
            u8::from(explained.prediction.is_positive),
            how_exact(&explained.explanation),
            explained.explanation.n_evaluations,
            explained.seconds,
            outputs.figure.display()
        ))?;
    }
    Ok(Made::Now)
}

/// The table of boxes; rows of it that hold none are said.
fn read_boxes(path: &Path) -> Result<GroundTruth, ct_labels::Error> {
    let truth = GroundTruth::read(path)?;
    let skipped = truth.skipped();
    for row in skipped {
        tracing::warn!("{}: {}", path.display(), row.reason);
    }
    if let Some(n_more @ 1..) = truth.n_skipped().checked_sub(skipped.len()) {
        tracing::warn!("{}: {n_more} more lines are passed over", path.display());
    }
    Ok(truth)
}

/// Says how many names of the table of boxes are none of the slices.
fn say_unmatched(path: &Path, truth: &GroundTruth, boxed: &HashSet<String>) {
    let unmatched: Vec<_> = truth
        .sop_instance_uids()
        .filter(|id| !boxed.contains(*id))
        .collect();
    if let Some(first) = unmatched.first() {
        tracing::info!(
            "{}: boxes of {} names match no slice, such as {first}",
            path.display(),
            unmatched.len()
        );
    }
}
