use crate::{Colormap, Limits, SCORE_LEGEND};

/// Where the two panels of a slice stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Arrangement {
    /// One column a slice: the prediction above, the explanation below, as in the notebook.
    #[default]
    Columns,
    /// One row a slice: the prediction on the left, the explanation on the right.
    Rows,
}

/// How a figure is drawn.
///
/// | field | default | purpose | invalid |
/// | --- | --- | --- | --- |
/// | `arrangement` | `Columns` | where the two panels of a slice stand | |
/// | `limits` | largest drawn | how far the colours reach, one scale for all slices | see [`Limits::scale`] |
/// | `colormap` | `OrangeBlue` | the colours | |
/// | `legend` | [`SCORE_LEGEND`] | name and unit of the map's numbers | |
/// | `explanation_title` | `Explanation` | title of the explanation panels | |
/// | `footer` | none | small print below the panels | |
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct FigureConfig {
    /// Where the two panels of a slice stand.
    pub arrangement: Arrangement,
    /// How far the colours reach.
    pub limits: Limits,
    /// The colours.
    pub colormap: Colormap,
    /// Name and unit of the map's numbers, above the colour bar.
    pub legend: String,
    /// Title of the explanation panels.
    pub explanation_title: String,
    /// Small print below the panels.
    pub footer: Option<String>,
}

impl Default for FigureConfig {
    fn default() -> Self {
        FigureConfig {
            arrangement: Arrangement::default(),
            limits: Limits::default(),
            colormap: Colormap::default(),
            legend: SCORE_LEGEND.to_owned(),
            explanation_title: "Explanation".to_owned(),
            footer: None,
        }
    }
}

impl FigureConfig {
    /// With the panels arranged like this.
    #[must_use]
    pub fn with_arrangement(self, arrangement: Arrangement) -> FigureConfig {
        FigureConfig {
            arrangement,
            ..self
        }
    }

    /// With colours that reach so far.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> FigureConfig {
        FigureConfig { limits, ..self }
    }

    /// With these colours.
    #[must_use]
    pub fn with_colormap(self, colormap: Colormap) -> FigureConfig {
        FigureConfig { colormap, ..self }
    }

    /// With a name of the map's numbers, for maps of another kind.
    #[must_use]
    pub fn with_legend(self, legend: impl Into<String>) -> FigureConfig {
        FigureConfig {
            legend: legend.into(),
            ..self
        }
    }

    /// With a title of the explanation panels.
    #[must_use]
    pub fn with_explanation_title(self, title: impl Into<String>) -> FigureConfig {
        FigureConfig {
            explanation_title: title.into(),
            ..self
        }
    }

    /// With small print below the panels.
    #[must_use]
    pub fn with_footer(self, footer: impl Into<String>) -> FigureConfig {
        FigureConfig {
            footer: Some(footer.into()),
            ..self
        }
    }
}
