use std::io::Write;

use crate::escape::{fill, html, json_in_script};
use crate::heat::Sides;
use crate::levels::Levels;
use crate::overlay::{check_same_dims, luma};
use crate::page_data::{FailureData, ImageData, Settings, SliceData};
use crate::png::data_uri;
use crate::region::foremost;
use crate::{Error, Heat, Limits, ReportHead, ReportSlice, probability_text};

const PAGE: &str = include_str!("html/page.html");
const STYLE: &str = include_str!("html/style.css");
const SCRIPTS: &str = concat!(
    include_str!("html/data.js"),
    include_str!("html/heat.js"),
    include_str!("html/legend.js"),
    include_str!("html/regions.js"),
    include_str!("html/table.js"),
    include_str!("html/viewer.js"),
    include_str!("html/page.js"),
);

/// A page of HTML in which the slices of a run are sorted and looked at, written slice by slice.
///
/// The page is one file without any connection: images are data URIs, fonts those of the system, and its
/// content security policy forbids the browser to load anything else. A browser decodes the images of a
/// slice when it is selected. What is shown stands in the fragment of the address, so that a view can be
/// linked: `#slice=ID&window=NAME&opacity=50&boxes=1&against=1&scale=0.5&sort=-probability`, where a minus
/// sorts downwards and a column of facts is `fact:NAME`.
///
/// All slices have one scale, which the page finds by [`Limits`] when it is opened; the reader may set
/// another. A map is kept to a 4095th of its largest magnitude.
///
/// Nothing is kept in memory but the slice being added. A page without [`finish`](Self::finish), as after a
/// crash, shows the slices written so far and says that it is incomplete.
///
/// ```
/// use ct_figure::{GreySlice, HtmlReport, ReportHead, ReportSlice};
///
/// let head = ReportHead::new("Twelve slices", "Research use only. Not a medical device.")
///     .with_facts(&[("network", "ResNet-18")]);
/// let mut report = HtmlReport::begin(Vec::new(), &head)?;
/// let windows = [("brain", GreySlice::new(&[0.4; 24], (4, 6))?)];
/// let slice = ReportSlice::new("1.2.3", "slice.dcm", 0.93, 1, &windows);
/// report.add(&slice.with_facts(&[("evaluations", "120")]))?;
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
    limits: Limits,
    /// The largest magnitude drawn so far; none without a map.
    largest: Option<f32>,
}

impl<W: Write> HtmlReport<W> {
    /// Writes the page up to its first slice.
    ///
    /// # Errors
    ///
    /// The errors of [`Limits::scale`], and [`Error::Write`] if the writer fails.
    pub fn begin(writer: W, head: &ReportHead<'_>) -> Result<HtmlReport<W>, Error> {
        head.limits.scale(0.0)?;
        let settings = json_in_script(&Settings::new(head))?;
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
            ("settings", settings),
        ];
        let mut values: Vec<(&str, &str)> = values
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        values.extend([("style", STYLE), ("scripts", SCRIPTS)]);

        let mut report = HtmlReport {
            writer,
            n_slices: 0,
            limits: head.limits,
            largest: None,
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
    /// [`Error::Png`]; and [`Error::Write`] if the writer fails.
    pub fn add(&mut self, slice: &ReportSlice<'_>) -> Result<(), Error> {
        let dims = check(slice)?;
        let heat = slice.heat.as_ref();
        if let (Some(heat), [(_, grey), ..]) = (heat, slice.windows) {
            check_same_dims(grey, heat)?;
        }
        let largest = heat.map(Heat::largest);
        let regions = foremost(slice.regions);
        let data = json_in_script(&SliceData {
            id: slice.id,
            source: slice.source,
            probability: slice.probability,
            probability_text: probability_text(slice.probability),
            prediction: slice.prediction,
            note: slice.note,
            dims,
            largest,
            signed: heat.is_some_and(|heat| heat.sides() == Sides::Both),
            boxes: slice.boxes,
            more_regions: slice.regions.len() - regions.len(),
            regions,
            facts: slice.facts,
        })?;
        let windows = slice.windows.iter();
        let images = json_in_script(&ImageData {
            windows: windows
                .map(|(name, grey)| Ok((*name, data_uri(&luma(grey)?)?)))
                .collect::<Result<_, Error>>()?,
            map: heat.map(|heat| Levels::encode(heat.map_values())),
            against: heat
                .filter(|heat| heat.has_against())
                .map(|heat| Levels::encode(heat.against_values())),
        })?;
        self.write_json("slice", &data)?;
        self.write_json("images", &images)?;
        self.n_slices += 1;
        self.largest = match (self.largest, largest) {
            (Some(before), Some(now)) => Some(before.max(now)),
            (before, now) => before.or(now),
        };
        Ok(())
    }

    /// The scale of the slices added so far: full colour stands for plus and minus this score. None
    /// without a map.
    #[must_use]
    pub fn scale(&self) -> Option<f32> {
        // `begin` has checked the limits.
        self.largest
            .and_then(|largest| self.limits.scale(largest).ok())
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
    Ok(first)
}
