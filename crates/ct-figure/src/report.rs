use std::io::Write;

use serde::Serialize;

use crate::escape::{fill, html, json_in_script};
use crate::limits::check_vmax;
use crate::overlay::{check_same_dims, heat, luma};
use crate::png::data_uri;
use crate::{BoundingBox, Error, GreySlice, Saliency};

const PAGE: &str = include_str!("html/page.html");
const STYLE: &str = include_str!("html/style.css");
const SCRIPTS: &str = concat!(
    include_str!("html/data.js"),
    include_str!("html/table.js"),
    include_str!("html/viewer.js"),
    include_str!("html/page.js"),
);

/// What stands at the top of a report.
#[derive(Debug, Clone, Copy)]
pub struct ReportHead<'a> {
    /// Title of the page.
    pub title: &'a str,
    /// A line that nobody should miss, such as `Research use only. Not a medical device.`
    pub notice: &'a str,
    /// What is true of the whole run, as `(name, value)`.
    pub facts: &'a [(&'a str, &'a str)],
}

/// One slice of a report.
#[derive(Debug, Clone, Copy)]
pub struct ReportSlice<'a> {
    /// Name of the slice, in the table and in links.
    pub id: &'a str,
    /// Where it comes from, such as a file name.
    pub source: &'a str,
    /// Probability of the class, from 0 to 1.
    pub probability: f32,
    /// The class: 1 stands out in the table.
    pub prediction: u8,
    /// The slice as `(name, image)`, one for each grey window; all of one size, the first one shown first.
    pub windows: &'a [(&'a str, GreySlice<'a>)],
    /// Its map, of the same size.
    pub saliency: Option<Saliency<'a>>,
    /// Where the colours of the map end; see [`Limits::vmax`](crate::Limits::vmax). Without a map it is
    /// not looked at.
    pub vmax: f32,
    /// Ground truth.
    pub boxes: &'a [BoundingBox],
    /// What else is known, as `(name, value)`: each name is a column of the table.
    pub facts: &'a [(&'a str, &'a str)],
}

/// A page of HTML in which the slices of a run are sorted and looked at, written slice by slice.
///
/// The page is one file without any connection: images are data URIs, fonts those of the system, and its
/// content security policy forbids the browser to load anything else. A browser decodes the images of a
/// slice when it is selected. What is shown stands in the fragment of the address, so that a view can be
/// linked: `#slice=ID&window=NAME&opacity=50&boxes=1&sort=-probability`, where a minus sorts downwards and
/// a column of facts is `fact:NAME`.
///
/// Nothing is kept in memory but the slice being added. A page without [`finish`](Self::finish), as after a
/// crash, shows the slices written so far and says that it is incomplete.
///
/// ```
/// use ct_figure::{GreySlice, HtmlReport, ReportHead, ReportSlice};
///
/// let head = ReportHead {
///     title: "Twelve slices",
///     notice: "Research use only. Not a medical device.",
///     facts: &[("network", "ResNet-18")],
/// };
/// let mut report = HtmlReport::begin(Vec::new(), &head)?;
/// report.add(&ReportSlice {
///     id: "1.2.3",
///     source: "slice.dcm",
///     probability: 0.93,
///     prediction: 1,
///     windows: &[("brain", GreySlice::new(&[0.4; 24], (4, 6))?)],
///     saliency: None,
///     vmax: 1.0,
///     boxes: &[],
///     facts: &[("evaluations", "120")],
/// })?;
/// report.add_failure("1.2.4", "other.dcm", "no pixel data")?;
/// let page = report.finish()?;
/// assert!(page.starts_with(b"<!DOCTYPE html>"));
/// # Ok::<(), ct_figure::Error>(())
/// ```
#[derive(Debug)]
#[must_use = "a report is complete after `finish`"]
pub struct HtmlReport<W: Write> {
    writer: W,
    n_slices: usize,
}

impl<W: Write> HtmlReport<W> {
    /// Writes the page up to its first slice.
    ///
    /// # Errors
    ///
    /// [`Error::Write`] if the writer fails.
    pub fn begin(writer: W, head: &ReportHead<'_>) -> Result<HtmlReport<W>, Error> {
        let facts: String = head
            .facts
            .iter()
            .map(|(name, value)| {
                format!(
                    "<div><dt>{}</dt><dd>{}</dd></div>\n",
                    html(name),
                    html(value)
                )
            })
            .collect();
        let values = [
            ("title", html(head.title)),
            ("notice", html(head.notice)),
            ("facts", facts),
        ];
        let mut values: Vec<(&str, &str)> = values
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        values.extend([("style", STYLE), ("scripts", SCRIPTS)]);

        let mut report = HtmlReport {
            writer,
            n_slices: 0,
        };
        report.write(&fill(PAGE, &values))?;
        Ok(report)
    }

    /// Writes one slice. After an error of the slice, rather than of the writer, nothing of it is written,
    /// and the report goes on.
    ///
    /// # Errors
    ///
    /// [`Error::Probability`] outside `[0, 1]`; [`Error::NoWindows`] without a window,
    /// [`Error::WindowDims`] if windows have different sizes, [`Error::Dims`] if the map has another one;
    /// [`Error::FixedLimit`] unless the `vmax` of a map is finite and positive; [`Error::Png`]; and
    /// [`Error::Write`] if the writer fails.
    pub fn add(&mut self, slice: &ReportSlice<'_>) -> Result<(), Error> {
        let dims = check(slice)?;
        let data = json_in_script(&SliceData {
            id: slice.id,
            source: slice.source,
            probability: slice.probability,
            prediction: slice.prediction,
            dims,
            vmax: slice.saliency.map(|_| slice.vmax),
            boxes: slice.boxes.iter().map(BoxData::new).collect(),
            facts: slice.facts,
        })?;
        let windows = slice.windows.iter();
        let images = json_in_script(&ImageData {
            windows: windows
                .map(|(name, grey)| Ok((*name, data_uri(&luma(grey)?)?)))
                .collect::<Result<_, Error>>()?,
            heat: match &slice.saliency {
                Some(map) => Some(data_uri(&heat(map, slice.vmax)?)?),
                None => None,
            },
        })?;
        self.write_json("slice", &data)?;
        self.write_json("images", &images)?;
        self.n_slices += 1;
        Ok(())
    }

    /// Lists a slice that could not be classified, with the reason in place of images.
    ///
    /// # Errors
    ///
    /// [`Error::Write`] if the writer fails.
    pub fn add_failure(&mut self, id: &str, source: &str, message: &str) -> Result<(), Error> {
        let data = json_in_script(&FailureData {
            id,
            source,
            error: message,
        })?;
        self.write_json("slice", &data)?;
        self.n_slices += 1;
        Ok(())
    }

    /// Ends the page, flushes the writer and gives it back.
    ///
    /// # Errors
    ///
    /// [`Error::Write`] if the writer fails.
    pub fn finish(mut self) -> Result<W, Error> {
        let end = json_in_script(&self.n_slices)?;
        self.write_json("end", &end)?;
        self.write("</body>\n</html>\n")?;
        self.writer.flush().map_err(Error::Write)?;
        Ok(self.writer)
    }

    fn write_json(&mut self, class: &str, json: &str) -> Result<(), Error> {
        self.write(&format!(
            "<script type=\"application/json\" class=\"{class}\">"
        ))?;
        self.write(json)?;
        self.write("</script>\n")
    }

    fn write(&mut self, text: &str) -> Result<(), Error> {
        self.writer.write_all(text.as_bytes()).map_err(Error::Write)
    }
}

/// `(rows, cols)` of the images of a slice in which everything fits together.
fn check(slice: &ReportSlice<'_>) -> Result<(usize, usize), Error> {
    if !(0.0..=1.0).contains(&slice.probability) {
        return Err(Error::Probability {
            id: slice.id.to_owned(),
            value: slice.probability,
        });
    }
    let Some((_, grey)) = slice.windows.first() else {
        return Err(Error::NoWindows {
            id: slice.id.to_owned(),
        });
    };
    let first = grey.dims();
    if let Some((window, other)) = slice
        .windows
        .iter()
        .find(|(_, other)| other.dims() != first)
    {
        return Err(Error::WindowDims {
            id: slice.id.to_owned(),
            window: (*window).to_owned(),
            dims: other.dims(),
            first,
        });
    }
    if let Some(map) = &slice.saliency {
        check_same_dims(grey, map)?;
        check_vmax(slice.vmax)?;
    }
    Ok(first)
}

/// A slice as the table needs it.
#[derive(Serialize)]
struct SliceData<'a> {
    id: &'a str,
    source: &'a str,
    probability: f32,
    prediction: u8,
    dims: (usize, usize),
    vmax: Option<f32>,
    boxes: Vec<BoxData<'a>>,
    facts: &'a [(&'a str, &'a str)],
}

/// A rectangle; JSON has no number for NaN and infinity, and `null` is not drawn.
#[derive(Serialize)]
struct BoxData<'a> {
    column: f64,
    row: f64,
    width: f64,
    height: f64,
    label: &'a str,
}

impl<'a> BoxData<'a> {
    fn new(bounds: &'a BoundingBox) -> BoxData<'a> {
        BoxData {
            column: bounds.column,
            row: bounds.row,
            width: bounds.width,
            height: bounds.height,
            label: &bounds.label,
        }
    }
}

/// The images of a slice, apart from the rest so that a browser reads them only when they are shown.
#[derive(Serialize)]
struct ImageData<'a> {
    windows: Vec<(&'a str, String)>,
    heat: Option<String>,
}

#[derive(Serialize)]
struct FailureData<'a> {
    id: &'a str,
    source: &'a str,
    error: &'a str,
}
