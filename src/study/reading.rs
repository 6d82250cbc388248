//! How a slice becomes what the network sees.

use std::fmt;

use ct_io::{HuSlice, RsnaRepair, Turn, Warning};
use ct_preprocess::{
    ChannelStack, Grid, NetworkGrid, NetworkInput, Placement, ResampleError, ResampleFilter,
    ResampleRule,
};

use super::facts::SeenFacts;
use super::numbers::SliceNumbers;
use super::seen::Seen;
use crate::Error;

/// How slices are read.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Reading {
    /// How the network's input is made; the brain window on three channels by default.
    pub input: NetworkInput,
    /// The network's grid; 512 x 512 by default.
    pub grid: NetworkGrid,
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
            input: NetworkInput::default(),
            grid: NetworkGrid::HEAD_CT,
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
            "windows {}{}; resample {}; filter {}; rsna-repair {}",
            self.input,
            match self.grid.side {
                side if side == NetworkGrid::HEAD_CT.side => String::new(),
                side => format!("; size {side} x {side}"),
            },
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
    /// `turn` lays the slice as a radiologist sees it, and those beside it. What a user should know is
    /// added to `warnings`.
    pub(crate) fn see(
        &self,
        hu: &HuSlice,
        beside: &[(i32, HuSlice)],
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
        let is_as_it_is = placement.is_none() && self.resample == Resample::Force;
        if is_as_it_is || self.resample == Resample::Auto {
            warnings.extend(self.grid.check_field_of_view(&grid));
        }
        let place = |slice: &HuSlice| match &placement {
            Some(placement) => placement.apply(slice, self.filter),
            None => Ok(slice.clone()),
        };
        let beside = beside.iter().map(|(offset, neighbour)| {
            let neighbour = match turn.is_identity() {
                true => place(neighbour),
                false => place(&neighbour.turned(turn)),
            };
            Ok((*offset, neighbour?))
        });
        let beside = beside.collect::<Result<Vec<_>, ct_preprocess::Error>>()?;
        let stack = self.input.apply_to_series(&place(seen)?, &beside)?;
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
            grey: self.input.picture(hu),
            turn,
            placement,
            facts,
        };
        Ok((stack, Some(seen)))
    }

    /// How a slice is brought to the network's grid, if it is to be. One that a network of
    /// [`NetworkGrid::HEAD_CT`] would see as it is shows as much to a network of another side.
    fn placement(&self, grid: Grid) -> Result<Option<Placement>, ResampleError> {
        let rule = match self.resample {
            Resample::Never => return Ok(None),
            Resample::Auto if is_on(&NetworkGrid::HEAD_CT, grid) => ResampleRule::Force,
            Resample::Auto => ResampleRule::BySpacing,
            Resample::Force => ResampleRule::Force,
        };
        let side = self.grid.side;
        if grid.spacing_mm.is_none() && (grid.rows, grid.cols) == (side, side) {
            return Ok(None);
        }
        let placement = Placement::plan(grid, &self.grid, rule)?;
        Ok(Some(placement).filter(|placement| !placement.is_identity()))
    }
}

fn is_on(network: &NetworkGrid, grid: Grid) -> bool {
    let placement = Placement::plan(grid, network, ResampleRule::BySpacing);
    placement.is_ok_and(|placement| placement.is_identity())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(side: usize) -> Reading {
        let mut reading = Reading::default();
        reading.grid.side = side;
        reading
    }

    /// Everywhere 40 HU, the middle of the brain window.
    fn slice(rows: usize, cols: usize) -> HuSlice {
        HuSlice::new(vec![40.0; rows * cols], rows, cols).expect("a slice")
    }

    fn see(
        reading: &Reading,
        shape: (usize, usize),
        spacing_mm: Option<f64>,
    ) -> Result<(ChannelStack, Option<Seen>, Vec<Warning>), Error> {
        let mut warnings = Vec::new();
        let spacing_mm = spacing_mm.map(|mm| (mm, mm));
        let slice = slice(shape.0, shape.1);
        let (stack, seen) = reading.see(&slice, &[], spacing_mm, Turn::default(), &mut warnings)?;
        Ok((stack, seen, warnings))
    }

    #[test]
    fn what_is_as_by_default_is_not_said() {
        let text = reading(512).to_string();
        assert_eq!(
            text,
            "windows 40:80; resample auto; filter triangle; rsna-repair off"
        );
        let mut other = reading(224);
        other.input = NetworkInput::new(1, &"hu:0:100".parse().expect("units")).expect("one");
        assert_eq!(
            other.to_string(),
            "windows hu:0:100; channels 1; mean 0; std 1; size 224 x 224; resample auto; filter \
             triangle; rsna-repair off"
        );
    }

    #[test]
    fn another_side_sees_the_same_field_of_view() {
        for (shape, spacing_mm) in [((512, 512), None), ((512, 512), Some(0.45))] {
            let (stack, seen, warnings) = see(&reading(224), shape, spacing_mm).expect("seen");
            assert_eq!((stack.grey().rows(), stack.grey().cols()), (224, 224));
            assert!(stack.grey().values().iter().all(|grey| *grey == 0.5));
            let placement = seen.and_then(|seen| seen.placement).expect("resampled");
            assert_eq!(placement.to_slice((224.0, 112.0)), (512.0, 256.0));
            assert!(warnings.is_empty(), "{warnings:?}");
        }
        // Half as wide as high: air on both sides, as at 512.
        let (stack, ..) = see(&reading(128), (512, 256), Some(0.45)).expect("seen");
        let row = &stack.grey().values()[..128];
        // The filter mixes what lies within 4 pixels of the slice, 1 of the network.
        assert!(row[..31].iter().chain(&row[97..]).all(|grey| *grey == 0.0));
        assert!(row[34..94].iter().all(|grey| *grey == 0.5), "{row:?}");
    }

    #[test]
    fn another_side_refuses_and_doubts_the_same_slices() {
        for side in [512, 224] {
            let (.., warnings) = see(&reading(side), (512, 512), Some(0.9)).expect("seen");
            assert_eq!(warnings.len(), 1, "{warnings:?}");
            assert_eq!(warnings[0].code(), "field-of-view");
            for (shape, spacing_mm) in [((300, 300), None), ((300, 300), Some(2.0))] {
                let error = see(&reading(side), shape, spacing_mm).expect_err("another size");
                assert!(matches!(error, Error::NotOnGrid { .. }), "{error}");
            }
        }
        // As it is, if it has the side already.
        let (_, seen, _) = see(&reading(224), (224, 224), None).expect("seen");
        assert!(seen.is_none());
    }
}
