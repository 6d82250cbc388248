use std::fmt;
use std::str::FromStr;

use ct_io::HuSlice;

use crate::window::MAX_LEVEL_HU;
use crate::{Error, Window, WindowFunction, WindowedSlice};

/// What one channel of a network's input shows of a slice.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Channel {
    shows: Shows,
    /// Of which slice, this many places nearer to the head.
    slice: i32,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Shows {
    Window(Window),
    Hounsfield { low: f32, high: f32 },
}

impl Channel {
    /// The slice under a window: values from 0 to 1, brought to the input's range.
    pub const fn window(window: Window) -> Self {
        Self {
            shows: Shows::Window(window),
            slice: 0,
        }
    }

    /// Hounsfield units as they are, but for those outside of these limits, which become the limits.
    ///
    /// # Errors
    ///
    /// [`Error::HounsfieldRange`] for limits beyond 100,000 HU (NaN included), and where the first is
    /// not below the second.
    pub fn hounsfield(low_hu: f32, high_hu: f32) -> Result<Self, Error> {
        let known = -MAX_LEVEL_HU..=MAX_LEVEL_HU;
        match known.contains(&low_hu) && known.contains(&high_hu) && low_hu < high_hu {
            true => Ok(Self {
                shows: Shows::Hounsfield {
                    low: low_hu,
                    high: high_hu,
                },
                slice: 0,
            }),
            false => Err(Error::HounsfieldRange { low_hu, high_hu }),
        }
    }

    /// The same of another slice of the series or the volume: 1 is the neighbour nearer to the head, -1
    /// that nearer to the feet.
    ///
    /// # Errors
    ///
    /// [`Error::SliceOffset`] for one that is more than [`Channel::MAX_OFFSET`] away.
    pub fn of_slice(self, offset: i32) -> Result<Self, Error> {
        match offset.unsigned_abs() <= Self::MAX_OFFSET {
            true => Ok(Self {
                slice: offset,
                ..self
            }),
            false => Err(Error::SliceOffset {
                offset,
                limit: Self::MAX_OFFSET,
            }),
        }
    }

    /// The farthest neighbour of a slice that a channel may show.
    pub const MAX_OFFSET: u32 = 16;

    /// Which slice the channel shows: 0 is the slice itself, 1 the neighbour nearer to the head.
    pub fn slice_offset(&self) -> i32 {
        self.slice
    }

    /// The same of the slice itself.
    pub(crate) fn of_slice_itself(self) -> Self {
        Self { slice: 0, ..self }
    }

    /// The window, unless the channel holds Hounsfield units.
    pub fn as_window(&self) -> Option<Window> {
        match self.shows {
            Shows::Window(window) => Some(window),
            Shows::Hounsfield { .. } => None,
        }
    }

    /// The channel as a picture: under its window, or Hounsfield units over their limits.
    pub fn grey(&self, slice: &HuSlice) -> WindowedSlice {
        match self.shows {
            Shows::Window(window) => window.apply(slice),
            Shows::Hounsfield { low, high } => {
                let values = slice.values_hu().iter();
                let values = values.map(|x| (x.clamp(low, high) - low) / (high - low));
                WindowedSlice::from_window(values.collect(), slice.rows(), slice.cols())
            }
        }
    }

    /// What the channel holds before it is normalised. `range` is what 0 and 1 of a window become.
    pub(crate) fn values(&self, slice: &HuSlice, range: (f32, f32)) -> Vec<f32> {
        match self.shows {
            Shows::Window(window) => self.of_grey(&window.apply(slice), range),
            Shows::Hounsfield { low, high } => {
                let values = slice.values_hu().iter();
                values.map(|x| x.clamp(low, high)).collect()
            }
        }
    }

    /// The same of a picture of the channel, as [`Channel::grey`] makes it.
    pub(crate) fn of_grey(&self, grey: &WindowedSlice, range: (f32, f32)) -> Vec<f32> {
        let (low, high) = match self.shows {
            Shows::Window(_) => range,
            Shows::Hounsfield { low, high } => (low, high),
        };
        // For the range from 0 to 1 both operations are exact.
        let values = grey.values().iter();
        values.map(|value| low + value * (high - low)).collect()
    }
}

/// The text of a window function behind `LEVEL:WIDTH`.
const FUNCTIONS: [(&str, WindowFunction); 3] = [
    ("linear", WindowFunction::Linear),
    ("linear-exact", WindowFunction::LinearExact),
    ("sigmoid", WindowFunction::Sigmoid),
];

impl FromStr for Channel {
    type Err = Error;

    /// A preset's name, `LEVEL:WIDTH`, `LEVEL:WIDTH:FUNCTION` or `hu:LOW:HIGH`; behind it `@-1` for that
    /// of a neighbouring slice.
    fn from_str(text: &str) -> Result<Self, Error> {
        if let Some((channel, offset)) = text.rsplit_once('@')
            && let Ok(offset) = offset.parse()
        {
            return channel.parse::<Self>()?.of_slice(offset);
        }
        let number = |text: &str| text.parse::<f32>().ok();
        let parts: Vec<&str> = text.split(':').collect();
        let window = |level: &str, width: &str, function| {
            let (level_hu, width_hu) = (number(level)?, number(width)?);
            Some(Window::new(level_hu, width_hu, function).map(Channel::window))
        };
        let found = match parts[..] {
            ["hu", low, high] => number(low)
                .zip(number(high))
                .map(|(low, high)| Self::hounsfield(low, high)),
            [level, width] => window(level, width, WindowFunction::Notebook),
            [level, width, name] => FUNCTIONS
                .iter()
                .find(|(function, _)| *function == name)
                .and_then(|&(_, function)| window(level, width, function)),
            _ => None,
        };
        found.unwrap_or_else(|| Window::named(text).map(Channel::window))
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.shows {
            Shows::Window(window) => {
                write!(f, "{}:{}", window.level_hu(), window.width_hu())?;
                let mut named = FUNCTIONS.iter();
                if let Some((name, _)) = named.find(|(_, f)| *f == window.function()) {
                    write!(f, ":{name}")?;
                }
            }
            Shows::Hounsfield { low, high } => write!(f, "hu:{low}:{high}")?,
        }
        match self.slice {
            0 => Ok(()),
            offset => write!(f, "@{offset}"),
        }
    }
}
