//! Windows that slide over a map: output sizes and what each position reads.

use pixel_region::Size;

use crate::limits::{MAX_PAD, MAX_SIDE, MAX_WINDOW};
use crate::problem::{Problem, expect_at_most, expect_parameter};

/// A window that slides over a map, in the terms of ONNX.
///
/// Output position `o` along a side reads the input at `o * stride - begin + t * dilation` for
/// `0 <= t < kernel`, where `begin` is the padding before the first row or column. Padding may be
/// wider than the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Rows and columns of the window.
    pub kernel_shape: [usize; 2],
    /// Steps between windows, `[rows, cols]`.
    pub strides: [usize; 2],
    /// Padding at the top, the left, the bottom and the right.
    pub pads: [usize; 4],
    /// Steps between what a window reads, `[rows, cols]`; 1 reads neighbours.
    pub dilations: [usize; 2],
}

impl Window {
    /// A window of stride 1 without padding and dilation.
    pub fn new(kernel_shape: [usize; 2]) -> Self {
        Self {
            kernel_shape,
            strides: [1, 1],
            pads: [0; 4],
            dilations: [1, 1],
        }
    }

    /// The window along the rows of a map, which is its vertical extent.
    pub fn rows(&self) -> WindowSide {
        self.side(0)
    }

    /// The window along the columns of a map, which is its horizontal extent.
    pub fn cols(&self) -> WindowSide {
        self.side(1)
    }

    fn side(&self, at: usize) -> WindowSide {
        WindowSide {
            kernel: self.kernel_shape[at],
            stride: self.strides[at],
            begin: self.pads[at],
            end: self.pads[at + 2],
            dilation: self.dilations[at],
        }
    }

    /// Number of windows along the rows and the columns of a map. With `ceil_mode` a last window may
    /// reach beyond the padding, where it starts in the map or in the padding before it.
    ///
    /// # Errors
    ///
    /// [`Problem::Parameter`] if the window or a step is 0, [`Problem::TooLarge`] if one of them, the
    /// padding or the map is beyond [`crate::limits`], [`Problem::NoOutput`] if the padded map is
    /// smaller than a window.
    pub fn output_size(&self, size: Size, ceil_mode: bool) -> Result<Size, Problem> {
        Ok(Size {
            rows: self.rows().output_len(size.rows, ceil_mode)?,
            cols: self.cols().output_len(size.cols, ceil_mode)?,
        })
    }
}

/// A [`Window`] along one axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WindowSide {
    /// Positions that a window reads.
    pub kernel: usize,
    /// Step between windows.
    pub stride: usize,
    /// Padding before the first position.
    pub begin: usize,
    /// Padding behind the last position.
    pub end: usize,
    /// Step between the positions that a window reads.
    pub dilation: usize,
}

impl WindowSide {
    /// Positions from the first to the last that a window reads.
    pub fn extent(self) -> usize {
        self.dilation * self.kernel.saturating_sub(1) + 1
    }

    /// The positions of an input of `len` that output `output` reads, each with the index of its
    /// weight; those in the padding are left out.
    pub fn taps(self, output: usize, len: usize) -> impl Iterator<Item = (usize, usize)> + Clone {
        let first = self.n_taps_before(output, self.begin);
        let end = self.n_taps_before(output, self.begin + len);
        let padded = move |t| self.start(output) + t * self.dilation;
        (first..end).map(move |t| (t, padded(t) - self.begin))
    }

    /// How many positions output `output` reads that lie in an input of `len` or in its padding.
    /// With `ceil_mode` a window may reach beyond both.
    pub fn n_padded_taps(self, output: usize, len: usize) -> usize {
        self.n_taps_before(output, self.begin + len + self.end)
    }

    /// Where output `output` starts to read, counted from the beginning of the padding.
    fn start(self, output: usize) -> usize {
        output * self.stride
    }

    /// How many positions output `output` reads before a position of the padded input.
    fn n_taps_before(self, output: usize, padded: usize) -> usize {
        let room = padded.saturating_sub(self.start(output));
        room.div_ceil(self.dilation).min(self.kernel)
    }

    /// Number of windows along an input of `len`: with `r = (len + begin + end - extent) / stride`,
    /// `floor(r) + 1`; with `ceil_mode` `ceil(r) + 1`, less the last window if it starts at or
    /// behind `len + begin`. ONNX, operators Conv and MaxPool; the rule for the last window is
    /// PyTorch's, which ONNX Runtime follows.
    fn output_len(self, len: usize, ceil_mode: bool) -> Result<usize, Problem> {
        self.expect_valid()?;
        expect_at_most("side of a map", len as u64, MAX_SIDE as u64)?;
        let padded = len + self.begin + self.end;
        let extent = self.extent();
        // ceil(a / b) is floor((a + b - 1) / b), also where a window is longer than the padded input.
        let beyond = if ceil_mode { self.stride - 1 } else { 0 };
        let Some(room) = (padded + beyond).checked_sub(extent) else {
            return Err(Problem::NoOutput { extent, padded });
        };
        let last = room / self.stride;
        let starts_behind = ceil_mode && self.start(last) >= len + self.begin;
        Ok(if starts_behind { last } else { last + 1 })
    }

    fn expect_valid(self) -> Result<(), Problem> {
        for (what, value) in [
            ("kernel_shape", self.kernel),
            ("strides", self.stride),
            ("dilations", self.dilation),
        ] {
            expect_parameter(value > 0, what, value, "1 or more")?;
            expect_at_most(what, value as u64, MAX_WINDOW as u64)?;
        }
        for pad in [self.begin, self.end] {
            expect_at_most("pads", pad as u64, MAX_PAD as u64)?;
        }
        Ok(())
    }
}
