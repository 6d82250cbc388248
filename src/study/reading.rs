//! How a slice becomes what the network sees.

use std::fmt;

use ct_io::{HuSlice, RsnaRepair, Turn, Warning};
use ct_preprocess::{
    ChannelStack, ChannelWindows, Grid, NetworkGrid, Placement, ResampleError, ResampleFilter,
    ResampleRule, Window,
};

use super::facts::SeenFacts;
use super::numbers::SliceNumbers;
use super::slice::Seen;
use crate::Error;

/// How slices are read.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Reading {
    /// Windows of the network's channels; the brain window for all three by default.
    pub windows: ChannelWindows,
    /// Whether the 12-bit values of some RSNA 2019 files are unwrapped; off by default.
    pub repair: RsnaRepair,
    /// When slices of another size are brought to the network's.
    pub resample: Resample,
    /// How values between pixels are found then.
    pub filter: ResampleFilter,
    /// Of files with many slices, those that are read; all by default.
    pub numbers: Option<SliceNumbers>,
}

impl Default for Reading {
    fn default() -> Self {
        Self {
            windows: ChannelWindows::repeat(Window::BRAIN),
            repair: RsnaRepair::Off,
            resample: Resample::Auto,
            filter: ResampleFilter::Triangle,
            numbers: None,
        }
    }
}

/// When slices of another size are brought to the network's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Resample {
    /// Where the file says how large its pixels are; otherwise it is an error.
    #[default]
    Auto,
    /// Also where the size of pixels is unknown, or is not that of a head CT.
    Force,
    /// Never: the network sees the slice as it is.
    Never,
}

impl Resample {
    fn as_str(self) -> &'static str {
        match self {
            Resample::Auto => "auto",
            Resample::Force => "force",
            Resample::Never => "never",
        }
    }
}

/// The name of a filter in options and reports.
fn filter_name(filter: ResampleFilter) -> &'static str {
    match filter {
        ResampleFilter::Triangle => "triangle",
        ResampleFilter::CatmullRom => "cubic",
    }
}

/// What of the reading the network's answer depends on, as options say it.
impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "windows {}; resample {}; filter {}; rsna-repair {}",
            self.windows,
            self.resample.as_str(),
            filter_name(self.filter),
            match self.repair {
                RsnaRepair::On => "on",
                RsnaRepair::Off => "off",
            }
        )
    }
}

impl Reading {
    /// What the network sees of a slice, and how that differs from the slice, if it does.
    ///
    /// `turn` lays the slice as a radiologist sees it. What a user should know is added to
    /// `warnings`.
    pub(crate) fn see(
        &self,
        hu: &HuSlice,
        spacing_mm: Option<(f64, f64)>,
        turn: Turn,
        warnings: &mut Vec<Warning>,
    ) -> Result<(ChannelStack, Option<Seen>), Error> {
        let turned = match turn.is_identity() {
            true => None,
            false => Some(hu.turned(turn)),
        };
        let seen = turned.as_ref().unwrap_or(hu);
        let spacing_mm = spacing_mm.map(|mm| turn.spacing(mm));
        let grid = Grid::of_slice(seen, spacing_mm);
        let placement = match self.placement(grid) {
            Ok(placement) => placement,
            Err(reason) => {
                let doubts = warnings.clone();
                return Err(Error::NotOnGrid { reason, doubts });
            }
        };
        if placement.is_none() && self.resample != Resample::Never {
            warnings.extend(NetworkGrid::HEAD_CT.check_field_of_view(&grid));
        }
        let placed = match &placement {
            Some(placement) => Some(placement.apply(seen, self.filter)?),
            None => None,
        };
        let stack = self.windows.apply(placed.as_ref().unwrap_or(seen));
        if placement.is_none() && turned.is_none() {
            return Ok((stack, None));
        }
        let facts = SeenFacts {
            turned: turned.is_some().then(|| turn.to_string()),
            filter: placement.is_some().then(|| filter_name(self.filter)),
            rows: stack.grey().rows(),
            cols: stack.grey().cols(),
        };
        let seen = Seen {
            grey: self.windows.apply(hu).grey().clone(),
            turn,
            placement,
            facts,
        };
        Ok((stack, Some(seen)))
    }

    /// How a slice is brought to the network's grid, if it is to be.
    fn placement(&self, grid: Grid) -> Result<Option<Placement>, ResampleError> {
        let rule = match self.resample {
            Resample::Never => return Ok(None),
            Resample::Auto => ResampleRule::BySpacing,
            Resample::Force => ResampleRule::Force,
        };
        let side = NetworkGrid::HEAD_CT.side;
        if grid.spacing_mm.is_none() && (grid.rows, grid.cols) == (side, side) {
            return Ok(None);
        }
        let placement = Placement::plan(grid, &NetworkGrid::HEAD_CT, rule)?;
        Ok(Some(placement).filter(|placement| !placement.is_identity()))
    }
}
