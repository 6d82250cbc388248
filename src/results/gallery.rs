//! What is written of a whole run: a page with every slice, and a contact sheet.

use std::io::BufWriter;
use std::path::PathBuf;

use ct_figure::{
    Colormap, GreySlice, Heat, HtmlReport, Limits, Region, ReportHead, ReportSlice, Saliency,
    SheetConfig, SheetSlice, Thumbnail, contact_sheet, encode_png,
};
use ct_io::Image;
use ct_preprocess::{Window, WindowedSlice};

use super::drawing::{LEAST_SCALE, LOGIT_NOTE, note};
use super::earlier_result::EarlierResult;
use super::files::{begin, exists, persist, write};
use super::look::Look;
use super::notice::NOTICE;
use super::outputs::Outputs;
use super::temporary::Temporary;
use crate::Error;
use crate::session::Output;
use crate::study::Slice;

/// Longest side of a slice on the contact sheet, before the sheet makes it smaller still.
const THUMBNAIL_PX: u32 = 192;

/// Windows in which the page shows every slice, beside those the network sees and the file's own.
const PAGE_WINDOWS: [&str; 3] = ["brain", "subdural", "bone"];

/// What is written of all slices together.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct GalleryOptions {
    /// A page with every slice, to be opened in a browser: one file, without any connection.
    pub html: Option<PathBuf>,
    /// A contact sheet, as PNG.
    pub sheet: Option<PathBuf>,
}

/// Both of them, as they grow.
pub struct Gallery {
    page: Option<Page>,
    sheet: Option<Sheet>,
    limits: Limits,
    colormap: Colormap,
    replace: bool,
}

struct Page {
    report: HtmlReport<BufWriter<Temporary>>,
    output: Output,
    path: PathBuf,
}

struct Sheet {
    thumbnails: Vec<Thumbnail>,
    path: PathBuf,
}

impl Gallery {
    /// Begins what the options ask for. `facts` are names and texts that are true of the whole run.
    ///
    /// # Errors
    ///
    /// [`Error::Exists`] unless existing files may be replaced, and [`Error::Write`].
    pub fn begin(
        options: &GalleryOptions,
        replace: bool,
        look: &Look,
        output: Output,
        facts: &[(&str, &str)],
    ) -> Result<Self, Error> {
        for path in [&options.html, &options.sheet].into_iter().flatten() {
            if !replace && path.symlink_metadata().is_ok() {
                return Err(exists(path));
            }
        }
        // One scale for slices of both predictions.
        let (limits, colormap) = (look.limits(LEAST_SCALE), look.colormap);
        let page = match &options.html {
            Some(path) => {
                let head = ReportHead::new("Hemorrhage predictions explained", NOTICE)
                    .with_facts(facts)
                    .with_limits(limits)
                    .with_colormap(colormap);
                Some(Page {
                    report: HtmlReport::begin(BufWriter::new(begin(path)?), &head)?,
                    output,
                    path: path.clone(),
                })
            }
            None => None,
        };
        let sheet = options.sheet.as_ref().map(|path| Sheet {
            thumbnails: Vec::new(),
            path: path.clone(),
        });
        Ok(Self {
            page,
            sheet,
            limits,
            colormap,
            replace,
        })
    }

    /// Adds an explained slice by its results, whether they are of this run or of an earlier one.
    ///
    /// # Errors
    ///
    /// Results that cannot be read, and [`Error::Write`].
    pub fn add(&mut self, slice: &Slice, outputs: &Outputs) -> Result<(), Error> {
        if self.page.is_none() && self.sheet.is_none() {
            return Ok(());
        }
        let result = EarlierResult::read(outputs)?;
        if let Some(page) = &mut self.page {
            page.add(slice, &result)?;
        }
        if let Some(sheet) = &mut self.sheet {
            let drawn = SheetSlice::new(
                grey(slice.grey())?,
                sheet.thumbnails.len() + 1,
                result.probability,
                result.prediction,
            )
            .with_heat(heat(&result)?);
            sheet
                .thumbnails
                .push(Thumbnail::draw(&drawn, THUMBNAIL_PX)?);
        }
        Ok(())
    }

    /// Lists a slice without results, with the reason.
    ///
    /// # Errors
    ///
    /// [`Error::Write`].
    pub fn fail(&mut self, source: &str, reason: &str) -> Result<(), Error> {
        if let Some(page) = &mut self.page {
            page.report.add_failure(source, source, reason)?;
        }
        Ok(())
    }

    /// Gives both their names.
    ///
    /// # Errors
    ///
    /// [`Error::Write`].
    pub fn finish(self) -> Result<(), Error> {
        if let Some(Page { report, path, .. }) = self.page {
            let file = report
                .finish()?
                .into_inner()
                .map_err(|error| Error::unwritten(&path, error.into_error()))?;
            persist(file, &path, self.replace)?;
        }
        if let Some(Sheet { thumbnails, path }) = self.sheet
            && !thumbnails.is_empty()
        {
            let config = SheetConfig::default()
                .with_limits(self.limits)
                .with_colormap(self.colormap)
                .with_footer(NOTICE);
            let sheet = contact_sheet(&thumbnails, &config)?;
            write(&path, &encode_png(&sheet.image)?, self.replace)?;
        }
        Ok(())
    }
}

impl Page {
    fn add(&mut self, slice: &Slice, result: &EarlierResult) -> Result<(), Error> {
        let mut windows = vec![("as the network sees it".to_owned(), slice.grey().clone())];
        for name in PAGE_WINDOWS {
            windows.push((name.to_owned(), Window::named(name)?.apply(&slice.hu)));
        }
        for window in &slice.own_windows {
            let name = format!("file {}:{}", window.level_hu(), window.width_hu());
            windows.push((name, window.apply(&slice.hu)));
        }
        let windows: Vec<_> = windows
            .iter()
            .map(|(name, windowed)| Ok((name.as_str(), grey(windowed)?)))
            .collect::<Result<_, Error>>()?;
        let regions: Vec<_> = result
            .cells
            .iter()
            .map(|cell| {
                let (row, col, rows, cols) = slice.place_of(cell.rectangle());
                Region {
                    path: &cell.path,
                    row,
                    col,
                    rows,
                    cols,
                    phi: cell.phi,
                    score: cell.score,
                    kept: cell.kept,
                }
            })
            .collect();
        let warnings: Vec<_> = slice.warnings.iter().map(ToString::to_string).collect();
        let texts = [
            ("Evaluations", result.evaluations.to_string()),
            ("Seconds", format!("{:.1}", result.seconds)),
            ("f(image)", format!("{:.6}", result.output_of_image)),
            (
                "f(background)",
                format!("{:.6}", result.output_of_background),
            ),
            (
                "Sum of the first level",
                format!("{:.6}", result.sum_of_first_level),
            ),
            ("Warnings", warnings.join("; ")),
        ];
        let facts = texts.each_ref().map(|(name, text)| (*name, text.as_str()));
        let of_logit = (self.output == Output::Logit).then(|| LOGIT_NOTE.to_owned());
        let notes = note(result.prediction == 1, result.evidence.values());
        let unexplored = result.unexplored.clone();
        let notes: Vec<_> = notes
            .into_iter()
            .chain(unexplored)
            .chain(of_logit)
            .collect();
        let note = (!notes.is_empty()).then(|| notes.join("; "));
        let mut shown = ReportSlice::new(
            &slice.name,
            &slice.source,
            result.probability,
            result.prediction,
            &windows,
        )
        .with_heat(heat(result)?)
        .with_boxes(&slice.boxes)
        .with_regions(&regions)
        .with_facts(&facts);
        shown.note = note.as_deref();
        self.report.add(&shown)?;
        Ok(())
    }
}

fn grey(slice: &WindowedSlice) -> Result<GreySlice<'_>, Error> {
    Ok(GreySlice::new(
        slice.values(),
        (slice.rows(), slice.cols()),
    )?)
}

/// What is drawn of the maps of a result.
fn heat(result: &EarlierResult) -> Result<Heat<'_>, Error> {
    let heat = Heat::new(saliency(&result.evidence)?);
    match &result.against {
        Some(against) => Ok(heat.with_against(saliency(against)?)?),
        None => Ok(heat),
    }
}

fn saliency(map: &Image) -> Result<Saliency<'_>, Error> {
    Ok(Saliency::new(map.values(), (map.rows(), map.cols()))?)
}
