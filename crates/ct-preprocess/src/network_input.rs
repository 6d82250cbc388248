use std::collections::BTreeSet;
use std::fmt;

use burn::tensor::{Device, Tensor};
use ct_io::HuSlice;

use crate::{Channel, ChannelStack, Channels, Error, Window, WindowedSlice};

/// Channel means of the ImageNet normalisation, as torchvision states them.
pub const IMAGENET_MEAN: [f32; 3] = [0.485, 0.456, 0.406];

/// Channel standard deviations of the ImageNet normalisation, as torchvision states them.
pub const IMAGENET_STD: [f32; 3] = [0.229, 0.224, 0.225];

/// Larger values, and smaller deviations, would leave an `f32` without the digits that are seen.
const MAX_VALUE: f32 = 1e6;
const MIN_STD: f32 = 1e-6;

/// How a network's input is made from a slice in Hounsfield units.
///
/// Channel by channel, with value x in Hounsfield units, in `f32` and in this order:
///
/// 1. A channel with a window w holds `low + w(x) (high - low)`, where `(low, high)` is the range
///    and w(x) lies between 0 and 1. One of Hounsfield units holds x, clipped to its limits.
/// 2. `(value - mean) / std`, with the mean and standard deviation of the channel.
///
/// | part | default of [`NetworkInput::new`] | valid | else |
/// | --- | --- | --- | --- |
/// | channels | none | one for all, or as many as the network has | [`Error::ChannelCount`] |
/// | range | 0 to 1 | within 1e6, the first below the second; not with Hounsfield units | [`Error::ValueRange`], [`Error::RangeOfHounsfield`] |
/// | mean | 0 | within 1e6; one for all, or one a channel | [`Error::Mean`], [`Error::NormalisationCount`] |
/// | std | 1 | from 1e-6 to 1e6; likewise | [`Error::Std`], [`Error::NormalisationCount`] |
///
/// [`NetworkInput::default`] is the brain window on three channels with the ImageNet normalisation.
///
/// ```
/// use ct_preprocess::{HuSlice, NetworkInput};
///
/// let slice = HuSlice::new(vec![-1000.0, 0.0, 40.0, 900.0], 1, 4)?;
/// let input = NetworkInput::new(2, &"brain,subdural".parse()?)?
///     .with_range(-1.0, 1.0)?
///     .with_normalisation(&[0.0], &[0.5])?;
/// let stack = input.apply(&slice);
/// assert_eq!(stack.normalised()[..4], [-2.0, -2.0, 0.0, 2.0]);
/// assert_eq!(stack.grey().values(), [0.0, 0.0, 0.5, 1.0]);
/// assert_eq!(input.to_string(), "40:80,80:200; range -1 to 1; mean 0; std 0.5");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkInput {
    /// A single one where all show the same.
    channels: Channels,
    range: (f32, f32),
    /// One a channel of the network, as the standard deviations.
    mean: Vec<f32>,
    std: Vec<f32>,
}

impl NetworkInput {
    /// An input of this many channels that is not normalised.
    ///
    /// # Errors
    ///
    /// [`Error::ChannelCount`] where there are several channels and another number of them, and
    /// [`Error::Channels`] for no or too many.
    pub fn new(n_channels: usize, channels: &Channels) -> Result<Self, Error> {
        Ok(Self {
            channels: channels.of_input(n_channels)?,
            range: (0.0, 1.0),
            mean: vec![0.0; n_channels],
            std: vec![1.0; n_channels],
        })
    }

    /// The same range and normalisation with other channels.
    ///
    /// # Errors
    ///
    /// [`Error::ChannelCount`] as for [`NetworkInput::new`], and [`Error::RangeOfHounsfield`].
    pub fn with_channels(self, channels: &Channels) -> Result<Self, Error> {
        Self {
            channels: channels.of_input(self.n_channels())?,
            ..self
        }
        .checked()
    }

    /// What 0 and 1 of a window become.
    ///
    /// # Errors
    ///
    /// [`Error::ValueRange`], and [`Error::RangeOfHounsfield`] where a channel has no window and the
    /// range is not that from 0 to 1.
    pub fn with_range(self, low: f32, high: f32) -> Result<Self, Error> {
        let known = -MAX_VALUE..=MAX_VALUE;
        if !(known.contains(&low) && known.contains(&high) && low < high) {
            return Err(Error::ValueRange { low, high });
        }
        Self {
            range: (low, high),
            ..self
        }
        .checked()
    }

    /// Mean and standard deviation, one of all channels or one of each, in units of the range or in
    /// Hounsfield units.
    ///
    /// # Errors
    ///
    /// [`Error::NormalisationCount`], [`Error::Mean`] and [`Error::Std`].
    pub fn with_normalisation(self, mean: &[f32], std: &[f32]) -> Result<Self, Error> {
        let known = -MAX_VALUE..=MAX_VALUE;
        if let Some(&value) = mean.iter().find(|mean| !known.contains(mean)) {
            return Err(Error::Mean { value });
        }
        let valid = MIN_STD..=MAX_VALUE;
        if let Some(&value) = std.iter().find(|std| !valid.contains(std)) {
            return Err(Error::Std { value });
        }
        let n_channels = self.n_channels();
        let of_each = |values: &[f32], what| match values {
            [value] => Ok(vec![*value; n_channels]),
            _ if values.len() == n_channels => Ok(values.to_vec()),
            _ => Err(Error::NormalisationCount {
                what,
                found: values.len(),
                expected: n_channels,
            }),
        };
        Ok(Self {
            mean: of_each(mean, "means")?,
            std: of_each(std, "standard deviations")?,
            ..self
        })
    }

    fn checked(self) -> Result<Self, Error> {
        let listed = self.channels.as_slice();
        let is_of_units = listed.iter().any(|c| c.as_window().is_none());
        match is_of_units && self.range != (0.0, 1.0) {
            true => Err(Error::RangeOfHounsfield),
            false => Ok(self),
        }
    }

    /// Number of channels.
    pub fn n_channels(&self) -> usize {
        self.mean.len()
    }

    /// What each channel shows; a single one where all show the same.
    pub fn channels(&self) -> &Channels {
        &self.channels
    }

    /// What all channels show, where it is the same, of whichever slice.
    pub fn shown_by_all(&self) -> Option<Channel> {
        let listed = self.channels.as_slice();
        let first = listed[0].of_slice_itself();
        let is_same = listed
            .iter()
            .all(|channel| channel.of_slice_itself() == first);
        is_same.then_some(first)
    }

    /// Which slices beside the slice itself the channels show, each once, from the feet to the head.
    pub fn neighbours(&self) -> Vec<i32> {
        let listed = self.channels.as_slice().iter();
        let offsets: BTreeSet<i32> = listed.map(Channel::slice_offset).collect();
        offsets.into_iter().filter(|offset| *offset != 0).collect()
    }

    /// The same input with every channel of the slice itself.
    pub fn without_neighbours(&self) -> Self {
        Self {
            channels: self.channels.of_slice_itself(),
            ..self.clone()
        }
    }

    /// Makes the input from a slice, which stands for its neighbours too.
    pub fn apply(&self, slice: &HuSlice) -> ChannelStack {
        self.stack(self.picture(slice), |channel, _| {
            channel.values(slice, self.range)
        })
    }

    /// Makes the input from a slice and those beside it, each with its [`Channel::slice_offset`].
    ///
    /// # Errors
    ///
    /// [`Error::Neighbour`] where a neighbour that a channel shows is not there, or of another size.
    pub fn apply_to_series(
        &self,
        slice: &HuSlice,
        beside: &[(i32, HuSlice)],
    ) -> Result<ChannelStack, Error> {
        let shape = (slice.rows(), slice.cols());
        let find = |offset| {
            let found = beside.iter().find(|(place, _)| *place == offset);
            found.map(|(_, neighbour)| neighbour)
        };
        for offset in self.neighbours() {
            let found = find(offset).map(|neighbour| (neighbour.rows(), neighbour.cols()));
            if found != Some(shape) {
                return Err(Error::Neighbour { offset });
            }
        }
        Ok(self.stack(self.picture(slice), |channel, _| {
            let shown = find(channel.slice_offset()).unwrap_or(slice);
            channel.values(shown, self.range)
        }))
    }

    /// The first channel of the slice itself as a picture, which figures show.
    pub fn picture(&self, slice: &HuSlice) -> WindowedSlice {
        let listed = self.channels.as_slice();
        let own = listed.iter().find(|channel| channel.slice_offset() == 0);
        own.unwrap_or(&listed[0]).grey(slice)
    }

    /// Makes the input from a picture that stands for every channel, such as a mean of slices under
    /// the window that all of them show.
    pub fn of_grey(&self, grey: &WindowedSlice) -> ChannelStack {
        self.stack(grey.clone(), |channel, grey| {
            channel.of_grey(grey, self.range)
        })
    }

    fn stack(
        &self,
        grey: WindowedSlice,
        values: impl Fn(&Channel, &WindowedSlice) -> Vec<f32>,
    ) -> ChannelStack {
        let mut normalised = Vec::with_capacity(self.n_channels() * grey.values().len());
        let channels = self.channels.as_slice().iter().cycle();
        for ((channel, mean), std) in channels.zip(&self.mean).zip(&self.std) {
            let values = values(channel, &grey);
            normalised.extend(values.iter().map(|value| (value - mean) / std));
        }
        ChannelStack::new(grey, self.n_channels(), normalised)
    }

    /// What differs from the default beside the channels; nothing for the default.
    fn differences(&self) -> Vec<String> {
        let default = Self::default();
        let list = |values: &[f32]| {
            let is_one = values.iter().all(|value| *value == values[0]);
            let shown = if is_one { &values[..1] } else { values };
            let texts: Vec<String> = shown.iter().map(ToString::to_string).collect();
            texts.join(",")
        };
        let mut texts = Vec::new();
        if self.shown_by_all().is_some() && self.n_channels() != default.n_channels() {
            texts.push(format!("channels {}", self.n_channels()));
        }
        if self.range != default.range {
            texts.push(format!("range {} to {}", self.range.0, self.range.1));
        }
        if (&self.mean, &self.std) != (&default.mean, &default.std) {
            texts.push(format!("mean {}", list(&self.mean)));
            texts.push(format!("std {}", list(&self.std)));
        }
        texts
    }
}

impl Default for NetworkInput {
    fn default() -> Self {
        Self {
            channels: Channel::window(Window::BRAIN).into(),
            range: (0.0, 1.0),
            mean: IMAGENET_MEAN.to_vec(),
            std: IMAGENET_STD.to_vec(),
        }
    }
}

impl WindowedSlice {
    /// The input of a network that takes [`NetworkInput::default`], as numbers `[3, rows, cols]`,
    /// row by row: the grey values on three channels, normalised with [`IMAGENET_MEAN`] and
    /// [`IMAGENET_STD`].
    ///
    /// `f32` throughout, `(value - mean) / std` in that order, as
    /// `torchvision.transforms.Normalize` computes it.
    pub fn normalised(&self) -> Vec<f32> {
        NetworkInput::default().of_grey(self).normalised().to_vec()
    }

    /// The same input as a tensor: [`WindowedSlice::normalised`] on a device.
    ///
    /// # Shapes
    ///
    /// - output: `[3, rows, cols]`
    pub fn to_tensor(&self, device: &Device) -> Tensor<3> {
        NetworkInput::default().of_grey(self).to_tensor(device)
    }
}

/// The channels, and what else is not as in the default, separated by semicolons.
impl fmt::Display for NetworkInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.channels.fmt(f)?;
        self.differences()
            .iter()
            .try_for_each(|text| write!(f, "; {text}"))
    }
}
