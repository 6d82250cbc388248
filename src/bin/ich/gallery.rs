//! What is written of a whole run: a page with every slice, and a contact sheet.

use std::io::BufWriter;
use std::path::{Path, PathBuf};

use ich::ct_figure::{
    Colormap, GreySlice, HtmlReport, Limits, ReportHead, ReportSlice, SCORE_LEGEND, Saliency,
    SheetConfig, SheetSlice, Thumbnail, contact_sheet, encode_png,
};
use ich::ct_preprocess::{HuSlice, Window, WindowedSlice};
use serde_json::Value;
use tempfile::NamedTempFile;

use crate::args::GalleryArgs;
use crate::fault::Fault;
use crate::input::Input;
use crate::output::{Outputs, exists, folder_of, persist, temporary, write};
use crate::report::NOTICE;

/// Longest side of a slice on the contact sheet, before the sheet makes it smaller still.
const THUMBNAIL_PX: u32 = 192;

/// Windows in which the page shows every slice, beside those the network sees and the file's own.
const PAGE_WINDOWS: [&str; 3] = ["brain", "subdural", "bone"];

/// Both of them, as they grow.
pub(crate) struct Gallery {
    page: Option<Page>,
    sheet: Option<Sheet>,
    replace: bool,
}

struct Page {
    report: HtmlReport<BufWriter<NamedTempFile>>,
    path: PathBuf,
}

struct Sheet {
    thumbnails: Vec<Thumbnail>,
    path: PathBuf,
}

impl Gallery {
    /// Begins what the arguments ask for. `facts` are true of the whole run.
    pub(crate) fn begin(
        args: &GalleryArgs,
        replace: bool,
        facts: &[(&str, &str)],
    ) -> Result<Self, Fault> {
        for path in [&args.html, &args.sheet].into_iter().flatten() {
            if !replace && path.symlink_metadata().is_ok() {
                return Err(exists(path));
            }
        }
        let page = match &args.html {
            Some(path) => {
                let folder = folder_of(path);
                let file = temporary(folder).map_err(|error| Fault::in_file(folder, error))?;
                let head = ReportHead {
                    title: "Hemorrhage predictions explained",
                    notice: NOTICE,
                    facts,
                    limits: Limits::default(),
                    colormap: Colormap::default(),
                    legend: SCORE_LEGEND,
                };
                Some(Page {
                    report: HtmlReport::begin(BufWriter::new(file), &head)?,
                    path: path.clone(),
                })
            }
            None => None,
        };
        let sheet = args.sheet.as_ref().map(|path| Sheet {
            thumbnails: Vec::new(),
            path: path.clone(),
        });
        Ok(Self {
            page,
            sheet,
            replace,
        })
    }

    /// Adds an explained slice by its results, whether they are of this run or of an earlier one.
    pub(crate) fn add(&mut self, input: &Input, outputs: &Outputs) -> Result<(), Fault> {
        if self.page.is_none() && self.sheet.is_none() {
            return Ok(());
        }
        // An `.npy` of finite numbers, as a slice is.
        let map = HuSlice::read(&outputs.saliency)?;
        let dims = (map.rows(), map.cols());
        let map = Saliency::new(map.values_hu(), dims)?;
        let result = ResultOf::read(&outputs.report)?;
        if let Some(page) = &mut self.page {
            page.add(input, &map, &result)?;
        }
        if let Some(sheet) = &mut self.sheet {
            let slice = SheetSlice {
                grey: grey(input.grey())?,
                saliency: Some(map),
                against: None,
                number: sheet.thumbnails.len() + 1,
                probability: result.probability,
                prediction: result.prediction,
            };
            sheet
                .thumbnails
                .push(Thumbnail::draw(&slice, THUMBNAIL_PX)?);
        }
        Ok(())
    }

    /// Lists a slice without results, with the reason.
    pub(crate) fn fail(&mut self, source: &str, fault: &Fault) -> Result<(), Fault> {
        if let Some(page) = &mut self.page {
            page.report
                .add_failure(source, source, &fault.to_string())?;
        }
        Ok(())
    }

    /// Gives both their names.
    pub(crate) fn finish(self) -> Result<(), Fault> {
        if let Some(Page { report, path }) = self.page {
            let file = report
                .finish()?
                .into_inner()
                .map_err(|error| Fault::in_file(&path, error.into_error()))?;
            persist(file, &path, self.replace)?;
        }
        if let Some(Sheet { thumbnails, path }) = self.sheet
            && !thumbnails.is_empty()
        {
            let config = SheetConfig {
                footer: Some(NOTICE.to_owned()),
                ..SheetConfig::default()
            };
            let sheet = contact_sheet(&thumbnails, &config)?;
            write(&path, &encode_png(&sheet.image)?, self.replace)?;
        }
        Ok(())
    }
}

impl Page {
    fn add(&mut self, input: &Input, map: &Saliency<'_>, result: &ResultOf) -> Result<(), Fault> {
        let mut windows = vec![("as the network sees it".to_owned(), input.grey().clone())];
        for name in PAGE_WINDOWS {
            windows.push((name.to_owned(), Window::named(name)?.apply(&input.hu)));
        }
        for window in &input.own_windows {
            let name = format!("file {}:{}", window.level_hu(), window.width_hu());
            windows.push((name, window.apply(&input.hu)));
        }
        let windows: Vec<_> = windows
            .iter()
            .map(|(name, windowed)| Ok((name.as_str(), grey(windowed)?)))
            .collect::<Result<_, Fault>>()?;
        let evaluations = result.evaluations.to_string();
        let seconds = format!("{:.1}", result.seconds);
        self.report.add(&ReportSlice {
            id: &input.name,
            source: &input.source,
            probability: result.probability,
            prediction: result.prediction,
            windows: &windows,
            saliency: Some(*map),
            against: None,
            note: None,
            boxes: &input.boxes,
            regions: &[],
            facts: &[("Evaluations", &evaluations), ("Seconds", &seconds)],
        })?;
        Ok(())
    }
}

fn grey(slice: &WindowedSlice) -> Result<GreySlice<'_>, Fault> {
    Ok(GreySlice::new(
        slice.values(),
        (slice.rows(), slice.cols()),
    )?)
}

/// What the report of a slice says of its result.
struct ResultOf {
    probability: f32,
    prediction: u8,
    evaluations: u64,
    seconds: f64,
}

impl ResultOf {
    fn read(path: &Path) -> Result<Self, Fault> {
        let bytes = std::fs::read(path).map_err(|error| Fault::in_file(path, error))?;
        let report: Value =
            serde_json::from_slice(&bytes).map_err(|error| Fault::in_file(path, error))?;
        let number = |field: &str| {
            report[field]
                .as_f64()
                .ok_or_else(|| Fault::new(format!("{}: no number {field}", path.display())))
        };
        Ok(Self {
            probability: number("probability")? as f32,
            prediction: number("prediction")? as u8,
            evaluations: number("evaluations")? as u64,
            seconds: number("seconds")?,
        })
    }
}
