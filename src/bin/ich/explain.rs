//! `ich explain`.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use ich::Material;
use ich::ct_labels::GroundTruth;

use crate::args::ExplainArgs;
use crate::choice::Choice;
use crate::console::say;
use crate::fault::Fault;
use crate::job::{Explained, Job};
use crate::output::Outputs;
use crate::reader::Reader;
use crate::slice_ref::SliceRef;
use crate::tally::Tally;
use crate::volume_maps;

pub(crate) fn run(args: &ExplainArgs, material: &Material) -> Result<ExitCode, Fault> {
    let choice = Choice {
        slices: args.slices.paths.clone(),
        weights: args.network.weights.clone(),
        background: args.background.clone(),
        boxes: args.boxes.clone(),
    }
    .complete(&args.slices, material)?;
    let listing = choice.list(&args.slices)?;
    let truth = match &choice.boxes {
        Some(path) => read_boxes(path)?,
        None => GroundTruth::default(),
    };
    let planned = plan_outputs(&listing.slices, args)?;
    let job = Job::new(args, &choice)?;

    let mut tally = Tally::of(&listing);
    let mut reader = Reader::new(args.slices.reading());
    let mut gallery = job.gallery()?;
    for (source, fault) in &listing.faults {
        gallery.fail(source, fault)?;
    }
    let mut maps = Vec::new();
    let mut boxed = HashSet::new();
    for (slice, outputs) in listing.slices.iter().zip(&planned) {
        let explained = reader.read(slice).and_then(|mut input| {
            tally.warn(&input.source, &input.warnings);
            boxed.extend(input.add_boxes(&truth));
            let explained = job.explain_unless_done(&input, outputs)?;
            gallery.add(&input, outputs)?;
            Ok(explained)
        });
        match explained {
            Ok(Explained::Now) => tally.done(),
            Ok(Explained::Before) => tally.kept(),
            Err(fault) if fault.ends_run() => return Err(fault),
            Err(fault) => {
                gallery.fail(&slice.source(), &fault)?;
                tally.fail(&fault);
                continue;
            }
        }
        maps.push((slice, outputs));
    }
    drop(reader);
    if let Some(path) = &choice.boxes {
        say_unmatched(path, &truth, &boxed);
    }
    volume_maps::write(&maps, args.force, &job.made_with())?;
    gallery.finish()?;
    Ok(tally.finish())
}

/// The table of boxes; rows of it that hold none are said.
fn read_boxes(path: &Path) -> Result<GroundTruth, Fault> {
    let truth = GroundTruth::read(path)?;
    let skipped = truth.skipped();
    for row in skipped {
        say(format_args!("warning: {}: {}", path.display(), row.reason));
    }
    if let Some(n_more @ 1..) = truth.n_skipped().checked_sub(skipped.len()) {
        say(format_args!(
            "warning: {}: {n_more} more lines are passed over",
            path.display()
        ));
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
        say(format_args!(
            "{}: boxes of {} names match no slice, such as {first}",
            path.display(),
            unmatched.len()
        ));
    }
}

/// Where the results of every slice go. They are named after the slices, which therefore need
/// different names, and must not replace a slice.
fn plan_outputs(slices: &[SliceRef], args: &ExplainArgs) -> Result<Vec<Outputs>, Fault> {
    let mut names = HashSet::new();
    let mut volumes = HashMap::new();
    let paths = slices.iter().filter_map(|slice| slice.path.as_deref());
    let paths: HashSet<PathBuf> = paths.flat_map(Path::canonicalize).collect();
    slices
        .iter()
        .map(|slice| {
            if !names.insert(&slice.name) {
                return Err(Fault::new(format!(
                    "{}: another slice is named {} too, and results are named after the slice",
                    slice.source(),
                    slice.name.display()
                )));
            }
            let outputs = Outputs::plan(args, slice);
            if let Some(volume) = &slice.volume
                && *volumes.entry(volume).or_insert(slice.volume_source()) != slice.volume_source()
            {
                return Err(Fault::new(format!(
                    "{}: slices of another volume are named {} too, and maps are named after it",
                    slice.source(),
                    volume.display()
                )));
            }
            if !args.resume {
                outputs.check()?;
            }
            let is_slice = |path: &Path| path.canonicalize().is_ok_and(|p| paths.contains(&p));
            if let Some(path) = outputs.paths().find(|path| is_slice(path)) {
                return Err(Fault::new(format!(
                    "{}: would be a result, but is one of the slices; use --out for another folder",
                    path.display()
                )));
            }
            Ok(outputs)
        })
        .collect()
}
