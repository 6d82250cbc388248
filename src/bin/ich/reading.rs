//! How a slice becomes what the network sees.

use std::fmt;

use clap::ValueEnum;
use ich::ct_preprocess::{
    ChannelStack, ChannelWindows, Grid, HuSlice, NetworkGrid, Placement, ResampleError,
    ResampleFilter, ResampleRule, RsnaRepair, Turn, Warning,
};

use crate::fault::Fault;
use crate::input::SeenOtherwise;
use crate::list::SliceNumbers;
use crate::report::SeenReport;

/// How slices are read.
#[derive(Debug, Clone)]
pub(crate) struct Reading {
    pub(crate) windows: ChannelWindows,
    pub(crate) repair: RsnaRepair,
    pub(crate) resample: Resample,
    pub(crate) filter: Filter,
    /// Of files with many slices, those that are read.
    pub(crate) numbers: Option<SliceNumbers>,
}

/// When slices of another size are brought to the network's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Resample {
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

/// How values between pixels are found; wider where the image becomes smaller.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Filter {
    /// Bilinear; stays within the range of the pixels.
    #[default]
    Triangle,
    /// Catmull-Rom cubic; sharper, and leaves the range of the pixels beside edges.
    Cubic,
}

impl Filter {
    fn as_str(self) -> &'static str {
        match self {
            Filter::Triangle => "triangle",
            Filter::Cubic => "cubic",
        }
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
            self.filter.as_str(),
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
    ) -> Result<(ChannelStack, Option<SeenOtherwise>), Fault> {
        let turned = match turn.is_identity() {
            true => None,
            false => Some(hu.turned(turn)),
        };
        let seen = turned.as_ref().unwrap_or(hu);
        let spacing_mm = spacing_mm.map(|mm| turn.spacing(mm));
        let grid = Grid::of_slice(seen, spacing_mm);
        let placement = self.placement(grid)?;
        if placement.is_none() && self.resample != Resample::Never {
            warnings.extend(NetworkGrid::HEAD_CT.check_field_of_view(&grid));
        }
        let placed = match &placement {
            Some(placement) => Some(placement.apply(seen, self.filter.into())?),
            None => None,
        };
        let stack = self.windows.apply(placed.as_ref().unwrap_or(seen));
        if placement.is_none() && turned.is_none() {
            return Ok((stack, None));
        }
        let report = SeenReport {
            turned: turned.is_some().then(|| turn.to_string()),
            filter: placement.is_some().then(|| self.filter.as_str()),
            rows: stack.grey().rows(),
            cols: stack.grey().cols(),
        };
        let seen = SeenOtherwise {
            grey: self.windows.apply(hu).grey().clone(),
            turn,
            placement,
            report,
        };
        Ok((stack, Some(seen)))
    }

    /// How a slice is brought to the network's grid, if it is to be.
    fn placement(&self, grid: Grid) -> Result<Option<Placement>, Fault> {
        let rule = match self.resample {
            Resample::Never => return Ok(None),
            Resample::Auto => ResampleRule::BySpacing,
            Resample::Force => ResampleRule::Force,
        };
        let side = NetworkGrid::HEAD_CT.side;
        if grid.spacing_mm.is_none() && (grid.rows, grid.cols) == (side, side) {
            return Ok(None);
        }
        let placement = Placement::plan(grid, &NetworkGrid::HEAD_CT, rule).map_err(remedied)?;
        Ok(Some(placement).filter(|placement| !placement.is_identity()))
    }
}

/// Why a slice is not brought to the network's grid, and what can be done about it.
fn remedied(error: ResampleError) -> Fault {
    let force = match error.can_be_forced() {
        true => {
            "--resample force takes the pixels to be square where their size is unknown, and the \
             slice to show a head from edge to edge; "
        }
        false => "",
    };
    Fault::new(format!(
        "{error}; {force}--resample never has the network see the slice as it is"
    ))
}

impl From<Filter> for ResampleFilter {
    fn from(filter: Filter) -> Self {
        match filter {
            Filter::Triangle => ResampleFilter::Triangle,
            Filter::Cubic => ResampleFilter::CatmullRom,
        }
    }
}
