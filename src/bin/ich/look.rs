//! What figures, page and contact sheet look like.

use clap::{Args as ClapArgs, ValueEnum};
use ich::ct_figure::{Colormap, Limits};

/// How scores are drawn.
#[derive(Debug, ClapArgs)]
pub(crate) struct LookArgs {
    /// Score at which colours end, the same in every figure [default: of each figure the largest
    /// score that it shows].
    #[arg(long, value_name = "X", value_parser = parse_scale)]
    pub(crate) scale: Option<f32>,
    /// Colours of scores.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) colormap: ColormapName,
    /// Also draw, in blue, the regions that speak against a hemorrhage.
    #[arg(long)]
    pub(crate) against: bool,
}

/// Colours of scores.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColormapName {
    /// Orange for, blue against: transparent at 0, seen on bone, on air and by colour-blind readers.
    #[default]
    OrangeBlue,
    /// Blue, white, red at half opacity, as in the notebook of h-shap.
    Bwr,
}

fn parse_scale(text: &str) -> Result<f32, String> {
    match text.parse() {
        Ok(scale) if f32::is_finite(scale) && scale > 0.0 => Ok(scale),
        _ => Err("expected a finite number above 0".to_owned()),
    }
}

impl LookArgs {
    pub(crate) fn limits(&self, at_least: f32) -> Limits {
        match self.scale {
            Some(scale) => Limits::Fixed(scale),
            None => Limits::Drawn { at_least },
        }
    }

    pub(crate) fn colormap(&self) -> Colormap {
        match self.colormap {
            ColormapName::OrangeBlue => Colormap::OrangeBlue,
            ColormapName::Bwr => Colormap::Bwr,
        }
    }
}
