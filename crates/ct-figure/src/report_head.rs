use crate::{Colormap, Limits, SCORE_LEGEND};

/// What stands at the top of a report.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct ReportHead<'a> {
    /// Title of the page.
    pub title: &'a str,
    /// A line that nobody should miss, such as `Research use only. Not a medical device.`
    pub notice: &'a str,
    /// What is true of the whole run, as `(name, value)`.
    pub facts: &'a [(&'a str, &'a str)],
    /// How far the colours of all slices reach, until the reader changes it.
    pub limits: Limits,
    /// The colours.
    pub colormap: Colormap,
    /// Name and unit of the maps' numbers, such as [`SCORE_LEGEND`].
    pub legend: &'a str,
}

impl<'a> ReportHead<'a> {
    /// A title and a notice, without facts, with the default scale and colours and [`SCORE_LEGEND`].
    #[must_use]
    pub fn new(title: &'a str, notice: &'a str) -> ReportHead<'a> {
        ReportHead {
            title,
            notice,
            facts: &[],
            limits: Limits::default(),
            colormap: Colormap::default(),
            legend: SCORE_LEGEND,
        }
    }

    /// With what is true of the whole run.
    #[must_use]
    pub fn with_facts(self, facts: &'a [(&'a str, &'a str)]) -> ReportHead<'a> {
        ReportHead { facts, ..self }
    }

    /// With colours that reach so far.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> ReportHead<'a> {
        ReportHead { limits, ..self }
    }

    /// With these colours.
    #[must_use]
    pub fn with_colormap(self, colormap: Colormap) -> ReportHead<'a> {
        ReportHead { colormap, ..self }
    }

    /// With a name of the maps' numbers, for maps of another kind.
    #[must_use]
    pub fn with_legend(self, legend: &'a str) -> ReportHead<'a> {
        ReportHead { legend, ..self }
    }
}
