use std::fmt;
use std::str::FromStr;

use burn::tensor::{Device, Tensor, TensorData};
use ct_io::HuSlice;

use crate::windowed_slice::normalise;
use crate::{Error, Window, WindowFunction, WindowedSlice};

/// What the three channels of the network's input show: one window each.
///
/// Written as names of presets or `LEVEL:WIDTH`, separated by commas; a single one stands for all
/// three.
///
/// ```
/// use ct_preprocess::{ChannelWindows, Window};
///
/// let repeat: ChannelWindows = "brain".parse()?;
/// assert_eq!(repeat, ChannelWindows::repeat(Window::BRAIN));
/// let stack: ChannelWindows = "brain,subdural,40:380".parse()?;
/// assert_eq!(stack, ChannelWindows::BRAIN_SUBDURAL_SOFT);
/// # Ok::<(), ct_preprocess::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChannelWindows([Window; 3]);

impl ChannelWindows {
    /// Brain, subdural and soft tissue: the channels of the second place in the RSNA 2019
    /// challenge.
    pub const BRAIN_SUBDURAL_SOFT: Self =
        Self([Window::BRAIN, Window::SUBDURAL, Window::SOFT_TISSUE]);

    /// The windows of the three channels.
    pub fn new(windows: [Window; 3]) -> Self {
        Self(windows)
    }

    /// The same window three times, as the network was trained.
    pub const fn repeat(window: Window) -> Self {
        Self([window; 3])
    }

    /// The windows in the order of the channels.
    pub fn windows(&self) -> [Window; 3] {
        self.0
    }

    /// True where all channels show the same.
    pub fn is_repeat(&self) -> bool {
        let [first, second, third] = self.0;
        first == second && second == third
    }

    /// Windows a slice.
    pub fn apply(&self, slice: &HuSlice) -> ChannelStack {
        ChannelStack(self.0.map(|window| window.apply(slice)))
    }
}

impl FromStr for ChannelWindows {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let windows: Vec<Window> = text
            .split(',')
            .map(|item| parse_window(item.trim()))
            .collect::<Result<_, _>>()?;
        match windows[..] {
            [window] => Ok(Self::repeat(window)),
            [first, second, third] => Ok(Self([first, second, third])),
            _ => Err(Error::ChannelCount {
                found: windows.len(),
            }),
        }
    }
}

impl fmt::Display for ChannelWindows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.map(|w| format!("{}:{}", w.level_hu(), w.width_hu()));
        if self.is_repeat() {
            f.write_str(&text[0])
        } else {
            f.write_str(&text.join(","))
        }
    }
}

/// A preset's name, or `LEVEL:WIDTH` in Hounsfield units.
fn parse_window(text: &str) -> Result<Window, Error> {
    let numbers = text
        .split_once(':')
        .and_then(|(level, width)| Some((level.parse().ok()?, width.parse().ok()?)));
    match numbers {
        Some((level_hu, width_hu)) => Window::new(level_hu, width_hu, WindowFunction::Notebook),
        None => Window::named(text),
    }
}

/// A slice under three windows: the channels of the network's input.
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelStack([WindowedSlice; 3]);

impl ChannelStack {
    /// The first channel, which figures show.
    pub fn grey(&self) -> &WindowedSlice {
        let [first, ..] = &self.0;
        first
    }

    /// The network's input as numbers `[3, rows, cols]`, row by row: each channel normalised with
    /// its mean and standard deviation, as [`WindowedSlice::normalised`] does with one grey image.
    pub fn normalised(&self) -> Vec<f32> {
        normalise(self.0.each_ref().map(WindowedSlice::values))
    }

    /// The network's input as a tensor: [`ChannelStack::normalised`] on a device.
    ///
    /// # Shapes
    ///
    /// - output: `[3, rows, cols]`
    pub fn to_tensor(&self, device: &Device) -> Tensor<3> {
        let shape = [3, self.grey().rows(), self.grey().cols()];
        Tensor::from_data(TensorData::new(self.normalised(), shape), device)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slice() -> HuSlice {
        HuSlice::new(vec![-1000.0, 0.0, 40.0, 75.0, 130.0, 900.0], 2, 3).expect("a slice")
    }

    #[test]
    fn a_repeated_window_is_the_grey_image_three_times() {
        let stack = ChannelWindows::repeat(Window::BRAIN).apply(&slice());
        assert_eq!(
            stack.normalised(),
            Window::BRAIN.apply(&slice()).normalised()
        );
    }

    /// (clip(x, c - w/2, c + w/2) - (c - w/2)) / w, then (grey - mean) / std, by hand at 75 HU.
    #[test]
    fn every_channel_has_its_own_window() {
        let stack = ChannelWindows::BRAIN_SUBDURAL_SOFT.apply(&slice());
        let values = stack.normalised();
        let expected = [
            (75.0_f32 / 80.0 - 0.485) / 0.229,
            ((75.0 + 20.0) / 200.0 - 0.456) / 0.224,
            ((75.0 + 150.0) / 380.0 - 0.406) / 0.225,
        ];
        for (channel, expected) in expected.into_iter().enumerate() {
            let value = values[channel * 6 + 3];
            assert!((value - expected).abs() < 1e-6, "{value} {expected}");
        }
        assert_eq!(stack.grey(), &Window::BRAIN.apply(&slice()));
        assert_eq!(stack.to_tensor(&Device::flex()).dims(), [3, 2, 3]);
    }

    #[test]
    fn what_is_written_is_read_again() {
        for windows in [
            ChannelWindows::repeat(Window::STROKE),
            ChannelWindows::BRAIN_SUBDURAL_SOFT,
        ] {
            assert_eq!(
                windows.to_string().parse::<ChannelWindows>().ok(),
                Some(windows)
            );
        }
    }

    #[test]
    fn rejects_other_numbers_of_windows_and_what_is_no_window() {
        for text in ["brain,bone", "brain,bone,stroke,brain"] {
            let error = text.parse::<ChannelWindows>().expect_err("an error");
            assert!(matches!(error, Error::ChannelCount { .. }), "{error}");
        }
        for text in ["", "brains", "40", "40:1", "40:x,brain,brain", "nan:80"] {
            assert!(text.parse::<ChannelWindows>().is_err(), "{text:?}");
        }
    }
}
