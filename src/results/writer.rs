use std::path::PathBuf;

use chrono::Local;
use ct_figure::{RgbImage, encode_png};
use ct_io::SecondaryCapture;

use super::drawing::{Drawing, draw};
use super::gallery::{Gallery, GalleryOptions};
use super::look::Look;
use super::made_with::MadeWith;
use super::notice::NOTICE;
use super::npy::npy;
use super::outputs::Outputs;
use super::report::{InputReport, Report, SCHEMA_VERSION};
use super::report_parts::{
    BoxReport, Completeness, FileReport, TrafficReport, UnexploredReport, VolumeReport,
    WarningReport,
};
use super::resume::{self, Earlier};
use super::run_report::runs;
use crate::Error;
use crate::session::{Explained, Method, Origin, Prediction, Session};
use crate::study::Slice;

/// Writes the results of slices that a session explained.
pub struct Writer<'a> {
    session: &'a Session,
    made_with: MadeWith<'a>,
    look: Look,
}

impl<'a> Writer<'a> {
    /// A writer of what the session explains by this method.
    pub fn new(session: &'a Session, method: &Method, look: Look) -> Self {
        Self {
            session,
            made_with: MadeWith::of(session, method),
            look,
        }
    }

    /// What all results depend on.
    pub fn made_with(&self) -> &MadeWith<'a> {
        &self.made_with
    }

    /// What an earlier run left of a slice.
    ///
    /// # Errors
    ///
    /// [`Error::Read`].
    pub fn earlier(&self, slice: &Slice, outputs: &Outputs) -> Result<Earlier, Error> {
        resume::find(outputs, slice, &self.made_with, self.look.against)
    }

    /// Writes figure, maps and report of a slice, the report last.
    ///
    /// # Errors
    ///
    /// [`Error::Write`], and [`Error::Exists`] unless existing results may be replaced.
    pub fn write<'b>(
        &'b self,
        slice: &'b Slice,
        explained: &Explained,
        outputs: &Outputs,
    ) -> Result<Report<'b>, Error> {
        let drawing = draw(
            slice,
            &explained.prediction,
            (self.session.labels(), self.session.output()),
            &explained.explanation,
            &self.look,
        )?;
        let files = self.files(slice, explained, outputs, &drawing)?;
        let report = Report {
            files: files
                .iter()
                .map(|(path, bytes)| FileReport::of(path, bytes))
                .collect(),
            ..self.report(slice, explained, outputs, drawing)
        };
        for (path, bytes) in &files {
            outputs.write(path, bytes)?;
        }
        let mut text = serde_json::to_string_pretty(&report).map_err(Error::other)?;
        text.push('\n');
        outputs.write(&outputs.report, text.as_bytes())?;
        Ok(report)
    }

    /// The files of a slice beside its report, and what is in them.
    fn files<'o>(
        &self,
        slice: &Slice,
        explained: &Explained,
        outputs: &'o Outputs,
        drawing: &Drawing,
    ) -> Result<Vec<(&'o PathBuf, Vec<u8>)>, Error> {
        let map = npy(&slice.on_own_grid(&explained.explanation.map)?)?;
        let capture = match &outputs.capture {
            Some(_) => self.capture(slice, &explained.prediction, &drawing.picture)?,
            None => None,
        };
        let mut files = vec![(&outputs.figure, encode_png(&drawing.picture)?)];
        let evidence = npy(&drawing.evidence)?;
        if evidence != map {
            files.push((&outputs.evidence, evidence));
        }
        files.push((&outputs.saliency, map));
        let unexplored = explained.explanation.unexplored.as_ref();
        let bound = unexplored.and_then(|unexplored| unexplored.bound.as_ref());
        if let Some((path, bound)) = outputs.bound.as_ref().zip(bound) {
            files.push((path, npy(&slice.on_own_grid(&bound.map)?)?));
        }
        let explanation = &explained.explanation;
        if let Some(path) = &outputs.spread
            && let Some(spread) = explanation.spread_over_shifts()?
        {
            files.push((path, npy(&slice.on_own_grid(&spread)?)?));
        }
        if let Some(path) = &outputs.spread_of_backgrounds
            && let Some(spread) = explanation.spread_over_backgrounds()?
        {
            files.push((path, npy(&slice.on_own_grid(&spread)?)?));
        }
        if let Some(against) = &drawing.against {
            files.push((&outputs.against, npy(against)?));
        }
        files.extend(outputs.capture.as_ref().zip(capture));
        Ok(files)
    }

    /// The figure as a Secondary Capture in the study of the slice, where that is of DICOM.
    fn capture(
        &self,
        slice: &Slice,
        prediction: &Prediction,
        figure: &RgbImage,
    ) -> Result<Option<Vec<u8>>, Error> {
        let Some((file, frame)) = &slice.dicom_frame else {
            return Ok(None);
        };
        let made_with = &self.made_with;
        let key = (
            made_with.weights,
            made_with.backgrounds,
            &made_with.settings,
        );
        let series_key = serde_json::to_string(&key).map_err(Error::other)?;
        // A path would tell of the machine; the hash says which weights they are.
        let derivation = format!(
            "Saliency of a network's prediction of {} by h-Shap; probability {}; weights SHA-256 {}",
            match self.session.labels().chosen_name() {
                "any" => "an intracranial hemorrhage",
                label => label,
            },
            prediction.probability,
            made_with.weights.sha256()
        );
        let bytes = file.secondary_capture(&SecondaryCapture {
            rgb: figure.as_raw(),
            rows: figure.height() as usize,
            cols: figure.width() as usize,
            frame: *frame,
            series_key: &series_key,
            series_description: "ich: hemorrhage explained, research only",
            derivation: &derivation,
            comments: NOTICE,
            program: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
            made: Local::now().naive_local(),
        });
        let bytes = bytes.map_err(|error| Error::about(&slice.source, error))?;
        Ok(Some(bytes))
    }

    /// The report, but for the files.
    fn report<'b>(
        &'b self,
        slice: &'b Slice,
        explained: &Explained,
        outputs: &Outputs,
        drawing: Drawing,
    ) -> Report<'b> {
        let explanation = &explained.explanation;
        let volume = outputs.volume.as_deref();
        Report {
            notice: NOTICE,
            program: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
            schema_version: SCHEMA_VERSION,
            input: InputReport {
                source: &slice.source,
                sha256: &slice.sha256,
                bytes: slice.bytes,
                rows: slice.grey().rows(),
                cols: slice.grey().cols(),
                dicom: slice.dicom.as_ref(),
                nifti: slice.nifti.as_ref(),
                seen: slice.seen.as_ref().map(|seen| &seen.facts),
                volume: volume.map(|path| VolumeReport::of(path, slice.geometry.as_ref())),
                warnings: slice.warnings.iter().map(WarningReport::from).collect(),
                boxes: slice.boxes.iter().map(BoxReport::from).collect(),
            },
            weights: self.made_with.weights,
            declared_by: &self.session.declaration().provenance,
            backgrounds: self.made_with.backgrounds,
            probability: explained.prediction.probability,
            probabilities: self.session.labels().by_name(&explained.prediction),
            prediction: explained.prediction.is_positive.into(),
            settings: &self.made_with.settings,
            leaf_px: explanation.leaf_px,
            evaluations: explanation.n_evaluations,
            unexplored: explanation.unexplored.as_ref().map(UnexploredReport::from),
            completeness: Completeness::of(explanation),
            figure: drawing.report,
            energy_in_boxes: drawing.energy_in_boxes,
            traffic: explanation.traffic.map(TrafficReport::from),
            seconds: explained.seconds,
            files: Vec::new(),
            runs: runs(explanation),
        }
    }

    /// A page and a contact sheet of what is written, begun.
    ///
    /// # Errors
    ///
    /// As [`Gallery::begin`].
    pub fn gallery(&self, options: &GalleryOptions, replace: bool) -> Result<Gallery, Error> {
        let settings = &self.made_with.settings;
        let weights = self.session.weights().to_string();
        let backgrounds = self.session.backgrounds().iter().map(Origin::to_string);
        let backgrounds = backgrounds.collect::<Vec<_>>().join("; ");
        let facts = [
            ("Program", concat!("ich ", env!("CARGO_PKG_VERSION"))),
            ("Weights", &weights),
            ("Background", &backgrounds),
            ("Label", &settings.label_name),
            ("Windows", &settings.windows_hu),
            ("Engine", settings.engine),
            ("Device", &settings.device),
        ];
        Gallery::begin(options, replace, &self.look, self.session.output(), &facts)
    }
}
