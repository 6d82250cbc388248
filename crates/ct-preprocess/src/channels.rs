use std::fmt;
use std::str::FromStr;

use crate::{Channel, Error};

/// What the channels of a network's input show, in their order; a single one stands for all.
///
/// Written as names of presets, `LEVEL:WIDTH` or `hu:LOW:HIGH`, separated by commas; `brain@-1` is
/// that of the neighbouring slice nearer to the feet.
///
/// ```
/// use ct_preprocess::{Channel, Channels, Window};
///
/// let repeated: Channels = "brain".parse()?;
/// assert_eq!(repeated, Channels::from(Channel::window(Window::BRAIN)));
/// // The channels of the second place in the RSNA 2019 challenge.
/// let three: Channels = "brain,subdural,soft-tissue".parse()?;
/// assert_eq!(three.to_string(), "40:80,80:200,40:380");
/// // Hounsfield units, clipped.
/// let units: Channels = "hu:-100:300".parse()?;
/// assert_eq!(units.to_string(), "hu:-100:300");
/// # Ok::<(), ct_preprocess::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Channels(Vec<Channel>);

impl Channels {
    /// The most channels of an input.
    pub const MAX: usize = 128;

    /// One channel or more, in their order.
    ///
    /// # Errors
    ///
    /// [`Error::Channels`] for none, and for more than [`Channels::MAX`].
    pub fn new(channels: Vec<Channel>) -> Result<Self, Error> {
        check_count(channels.len())?;
        Ok(Self(channels))
    }

    /// The channels in their order; one that is alone stands for all.
    pub fn as_slice(&self) -> &[Channel] {
        &self.0
    }

    /// The same of the slice itself.
    pub(crate) fn of_slice_itself(&self) -> Self {
        Self(self.0.iter().map(|c| c.of_slice_itself()).collect())
    }

    /// For an input of this many channels: a single one where all show the same.
    pub(crate) fn of_input(&self, n_channels: usize) -> Result<Self, Error> {
        check_count(n_channels)?;
        let n_listed = self.0.len();
        if n_listed != 1 && n_listed != n_channels {
            return Err(Error::ChannelCount {
                found: n_listed,
                expected: n_channels,
            });
        }
        let first = self.0[0];
        let is_same = self.0.iter().all(|channel| *channel == first);
        Ok(if is_same { first.into() } else { self.clone() })
    }
}

fn check_count(found: usize) -> Result<(), Error> {
    match (1..=Channels::MAX).contains(&found) {
        true => Ok(()),
        false => Err(Error::Channels {
            found,
            limit: Channels::MAX,
        }),
    }
}

impl From<Channel> for Channels {
    fn from(channel: Channel) -> Self {
        Self(vec![channel])
    }
}

impl FromStr for Channels {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let channels = text.split(',').map(|item| item.trim().parse());
        Self::new(channels.collect::<Result<_, _>>()?)
    }
}

impl fmt::Display for Channels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, channel) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "," };
            write!(f, "{separator}{channel}")?;
        }
        Ok(())
    }
}
