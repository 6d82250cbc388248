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
    /// Before version 11 of the operators: up where the map becomes smaller, else down. ONNX does
    /// not say; this is what ONNX Runtime does.
    Old,
}

impl Interpolation {
    /// The table from `len` positions to `output_len`. `scale` is the one that the file gives,
    /// which need not be `output_len / len`.
    ///
    /// Coordinates are computed in `f32` and in the order of ONNX Runtime, so that a position that
    /// is half way between two is rounded to the same one.
    pub(crate) fn table(self, len: usize, output_len: usize, scale: f32) -> Axis {
        let last = len.saturating_sub(1);
        let inside = |position: f32| position.clamp(0.0, last as f32) as usize;
        let taps = |output: usize| {
            let at = self.coordinates.of(output, len, output_len, scale);
            if let Some(nearest) = self.nearest {
                return vec![(inside(nearest.round(at, scale)), 1.0)];
            }
            let before = at.floor();
            let share = at - before;
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
    fn of(self, output: usize, len: usize, output_len: usize, scale: f32) -> f32 {
        let at = output as f32;
        let half_pixel = (at + 0.5) / scale - 0.5;
        match self {
            Self::HalfPixel => half_pixel,
            Self::PytorchHalfPixel if output_len > 1 => half_pixel,
            Self::PytorchHalfPixel => 0.0,
            Self::Asymmetric => at / scale,
            Self::AlignCorners if output_len > 1 => {
                at * (len as f32 - 1.0) / (output_len as f32 - 1.0)
            }
            Self::AlignCorners => 0.0,
            Self::HalfPixelSymmetric => {
                let adjustment = output_len as f32 / (len as f32 * scale);
                len as f32 / 2.0 * (1.0 - adjustment) + half_pixel
            }
        }
    }
}

impl Nearest {
    fn round(self, at: f32, scale: f32) -> f32 {
        match self {
            Self::Old if scale < 1.0 => at.ceil(),
            Self::Old => at.floor(),
            Self::RoundPreferFloor => (at - 0.5).ceil(),
            Self::RoundPreferCeil => (at + 0.5).floor(),
            Self::Floor => at.floor(),
            Self::Ceil => at.ceil(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn positions(coordinates: Coordinates, nearest: Nearest, lens: (usize, usize)) -> Vec<usize> {
        let (len, output_len) = lens;
        let nearest = Some(nearest);
        let interpolation = Interpolation {
            coordinates,
            nearest,
        };
        let table = interpolation.table(len, output_len, output_len as f32 / len as f32);
        table.taps.iter().map(|taps| taps[0].0).collect()
    }

    #[test]
    fn the_nearest_position_depends_on_coordinates_and_rounding() {
        use Coordinates::{Asymmetric, HalfPixel};
        use Nearest::{Ceil, Floor, RoundPreferCeil, RoundPreferFloor};
        let doubled = |coordinates, nearest| positions(coordinates, nearest, (3, 6));
        assert_eq!(doubled(HalfPixel, RoundPreferFloor), [0, 0, 1, 1, 2, 2]);
        assert_eq!(doubled(Asymmetric, RoundPreferFloor), [0, 0, 1, 1, 2, 2]);
        assert_eq!(doubled(Asymmetric, RoundPreferCeil), [0, 1, 1, 2, 2, 2]);
        assert_eq!(doubled(HalfPixel, Floor), [0, 0, 0, 1, 1, 2]);
        assert_eq!(doubled(HalfPixel, Ceil), [0, 1, 1, 2, 2, 2]);
        let of_old = |lens| positions(Asymmetric, Nearest::Old, lens);
        assert_eq!(of_old((3, 6)), [0, 0, 1, 1, 2, 2]);
        assert_eq!(of_old((5, 3)), [0, 2, 4]);
    }

    #[test]
    fn weights_of_neighbours_are_linear() {
        let linear = Interpolation {
            coordinates: Coordinates::AlignCorners,
            nearest: None,
        };
        let table = linear.table(3, 5, 5.0 / 3.0);
        let halves = |at| vec![(at, 0.5), (at + 1, 0.5)];
        let one = |at| vec![(at, 1.0)];
        assert_eq!(table.taps, [one(0), halves(0), one(1), halves(1), one(2)]);
    }
}
