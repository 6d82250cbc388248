use ct_io::HuSlice;

use crate::{Error, WindowedSlice};

/// Within these limits an `f32` still tells `level - 1` from `level + 1`.
pub(crate) const MAX_LEVEL_HU: f32 = 1e5;
const MAX_WIDTH_HU: f32 = 1e6;

/// How Hounsfield units inside a window become grey values from 0 to 1.
///
/// With level c, width w and value x; below the window the result is 0, above it 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum WindowFunction {
    /// `lo = c - floor(w / 2)`, `hi = c + floor(w / 2)`, `(clip(x, lo, hi) - lo) / (hi - lo)`, in
    /// `f32`: the form in which the network's training slices were windowed. Needs w >= 2.
    #[default]
    Notebook,
    /// DICOM `LINEAR` (PS3.3 C.11.2.1.2.1): `(x - (c - 0.5)) / (w - 1) + 0.5`. Needs w >= 1.
    Linear,
    /// DICOM `LINEAR_EXACT` (PS3.3 C.11.2.1.3.2): `(x - c) / w + 0.5`. Needs w > 0.
    LinearExact,
    /// DICOM `SIGMOID` (PS3.3 C.11.2.1.3.1): `1 / (1 + exp(-4 (x - c) / w))`. Needs w > 0.
    Sigmoid,
}

/// A display window: level (centre) and width in Hounsfield units, and the function inside it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    level_hu: f32,
    width_hu: f32,
    function: WindowFunction,
}

impl Window {
    /// Level 40, width 80: brain parenchyma and fresh blood; what the network was trained on.
    pub const BRAIN: Window = Window::preset(40.0, 80.0);
    /// Level 80, width 200: blood beside bone.
    pub const SUBDURAL: Window = Window::preset(80.0, 200.0);
    /// Level 32, width 8: the narrow stroke window.
    pub const STROKE: Window = Window::preset(32.0, 8.0);
    /// Level 40, width 40: the wide stroke window.
    pub const STROKE_WIDE: Window = Window::preset(40.0, 40.0);
    /// Level 600, width 2800.
    pub const BONE: Window = Window::preset(600.0, 2800.0);
    /// Level 40, width 380.
    pub const SOFT_TISSUE: Window = Window::preset(40.0, 380.0);

    /// The named presets, with the names that [`Window::named`] understands.
    pub const PRESETS: [(&'static str, Window); 6] = [
        ("brain", Window::BRAIN),
        ("subdural", Window::SUBDURAL),
        ("stroke", Window::STROKE),
        ("stroke-wide", Window::STROKE_WIDE),
        ("bone", Window::BONE),
        ("soft-tissue", Window::SOFT_TISSUE),
    ];

    const fn preset(level_hu: f32, width_hu: f32) -> Self {
        Self {
            level_hu,
            width_hu,
            function: WindowFunction::Notebook,
        }
    }

    /// A window of any level within 100,000 HU of zero and any width up to 1,000,000 HU.
    ///
    /// # Errors
    ///
    /// [`Error::WindowLevel`] and [`Error::WindowWidth`] for values outside these limits (NaN
    /// included), and for a width too small for the function.
    pub fn new(level_hu: f32, width_hu: f32, function: WindowFunction) -> Result<Self, Error> {
        if !(-MAX_LEVEL_HU..=MAX_LEVEL_HU).contains(&level_hu) {
            return Err(Error::WindowLevel { level_hu });
        }
        let (valid, expected) = match function {
            WindowFunction::Notebook => (width_hu >= 2.0, "of at least 2"),
            WindowFunction::Linear => (width_hu >= 1.0, "of at least 1"),
            WindowFunction::LinearExact | WindowFunction::Sigmoid => (width_hu > 0.0, "above 0"),
        };
        if !valid || width_hu > MAX_WIDTH_HU {
            return Err(Error::WindowWidth { width_hu, expected });
        }
        Ok(Self {
            level_hu,
            width_hu,
            function,
        })
    }

    /// The preset of this name, one of those in [`Window::PRESETS`].
    ///
    /// # Errors
    ///
    /// [`Error::WindowName`], which lists the names.
    pub fn named(name: &str) -> Result<Self, Error> {
        Self::PRESETS
            .into_iter()
            .find(|(preset, _)| *preset == name)
            .map(|(_, window)| window)
            .ok_or_else(|| Error::WindowName {
                name: name.to_owned(),
                expected: Self::PRESETS.map(|(preset, _)| preset).join(", "),
            })
    }

    /// Level (centre) in Hounsfield units.
    pub fn level_hu(&self) -> f32 {
        self.level_hu
    }

    /// Width in Hounsfield units.
    pub fn width_hu(&self) -> f32 {
        self.width_hu
    }

    /// The function inside the window.
    pub fn function(&self) -> WindowFunction {
        self.function
    }

    /// Windows a slice.
    pub fn apply(&self, slice: &HuSlice) -> WindowedSlice {
        let values = slice.values_hu().iter();
        let values = match self.function {
            WindowFunction::Notebook => {
                let half = (self.width_hu / 2.0).floor();
                let (lo, hi) = (self.level_hu - half, self.level_hu + half);
                values.map(|x| (x.clamp(lo, hi) - lo) / (hi - lo)).collect()
            }
            WindowFunction::Linear => values.map(|&x| self.linear(x)).collect(),
            WindowFunction::LinearExact => values.map(|&x| self.linear_exact(x)).collect(),
            WindowFunction::Sigmoid => values.map(|&x| self.sigmoid(x)).collect(),
        };
        WindowedSlice::from_window(values, slice.rows(), slice.cols())
    }

    /// PS3.3 C.11.2.1.2.1. A width of 1 is a step: its denominator is never reached.
    fn linear(&self, x: f32) -> f32 {
        let (x, c, w) = (
            f64::from(x),
            f64::from(self.level_hu),
            f64::from(self.width_hu),
        );
        if x <= c - 0.5 - (w - 1.0) / 2.0 {
            0.0
        } else if x > c - 0.5 + (w - 1.0) / 2.0 {
            1.0
        } else {
            ((x - (c - 0.5)) / (w - 1.0) + 0.5) as f32
        }
    }

    /// PS3.3 C.11.2.1.3.2.
    fn linear_exact(&self, x: f32) -> f32 {
        let (x, c, w) = (
            f64::from(x),
            f64::from(self.level_hu),
            f64::from(self.width_hu),
        );
        if x <= c - w / 2.0 {
            0.0
        } else if x > c + w / 2.0 {
            1.0
        } else {
            ((x - c) / w + 0.5) as f32
        }
    }

    /// PS3.3 C.11.2.1.3.1.
    fn sigmoid(&self, x: f32) -> f32 {
        let (x, c, w) = (
            f64::from(x),
            f64::from(self.level_hu),
            f64::from(self.width_hu),
        );
        (1.0 / (1.0 + (-4.0 * (x - c) / w).exp())) as f32
    }
}
