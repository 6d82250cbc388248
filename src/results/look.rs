use ct_figure::{Colormap, Limits};

/// What figures, page and contact sheet look like.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Look {
    /// Score at which colours end; by default, of each figure the largest score that it shows.
    pub scale: Option<f32>,
    /// Colours of scores.
    pub colormap: Colormap,
    /// Whether regions that speak against a hemorrhage are drawn too.
    pub against: bool,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            scale: None,
            colormap: Colormap::OrangeBlue,
            against: false,
        }
    }
}

impl Look {
    pub(crate) fn limits(&self, at_least: f32) -> Limits {
        match self.scale {
            Some(scale) => Limits::Fixed(scale),
            None => Limits::Drawn { at_least },
        }
    }
}
