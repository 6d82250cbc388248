//! Tables of interpolation along one axis. ONNX, operator Resize.

use cnn_graph::Axis;

/// How a side is interpolated.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Interpolation {
    pub(crate) coordinates: Coordinates,
    /// How the nearest position is rounded, or none: then neighbours are mixed.
    pub(crate) nearest: Option<Nearest>,
}

/// Where in the input an output position lies.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Coordinates {
    HalfPixel,
    HalfPixelSymmetric,
    PytorchHalfPixel,
    Asymmetric,
    AlignCorners,
}

/// Rounding to a position.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Nearest {
    RoundPreferFloor,
    RoundPreferCeil,
    Floor,
    Ceil,
}

impl Interpolation {
    /// The table from `len` positions to `output_len`. `scale` is the one that the file gives,
    /// which need not be `output_len / len`.
    pub(crate) fn table(self, len: usize, output_len: usize, scale: f64) -> Axis {
        let last = len.saturating_sub(1);
        let inside = |position: f64| position.clamp(0.0, last as f64) as usize;
        let taps = |output: usize| {
            let at = self.coordinates.of(output, len, output_len, scale);
            if let Some(nearest) = self.nearest {
                return vec![(inside(nearest.round(at)), 1.0)];
            }
            let before = at.floor();
            let share = (at - before) as f32;
            match (inside(before), inside(before + 1.0)) {
                (first, second) if first == second || share == 0.0 => vec![(first, 1.0)],
                (first, second) => vec![(first, 1.0 - share), (second, share)],
            }
        };
        Axis {
            taps: (0..output_len).map(taps).collect(),
        }
    }
}

impl Coordinates {
    fn of(self, output: usize, len: usize, output_len: usize, scale: f64) -> f64 {
        let at = output as f64;
        let len = len as f64;
        let half_pixel = (at + 0.5) / scale - 0.5;
        match self {
            Self::HalfPixel => half_pixel,
            Self::PytorchHalfPixel if output_len > 1 => half_pixel,
            Self::PytorchHalfPixel => 0.0,
            Self::Asymmetric => at / scale,
            Self::AlignCorners if len * scale > 1.0 => at * (len - 1.0) / (len * scale - 1.0),
            Self::AlignCorners => 0.0,
            Self::HalfPixelSymmetric => {
                let adjustment = output_len as f64 / (len * scale);
                len / 2.0 * (1.0 - adjustment) + half_pixel
            }
        }
    }
}

impl Nearest {
    fn round(self, at: f64) -> f64 {
        match self {
            Self::RoundPreferFloor => (at - 0.5).ceil(),
            Self::RoundPreferCeil => (at + 0.5).floor(),
            Self::Floor => at.floor(),
            Self::Ceil => at.ceil(),
        }
    }
}
