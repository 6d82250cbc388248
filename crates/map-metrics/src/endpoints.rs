use crate::error::Error;
use crate::map::Map;
use crate::undefined::Undefined;

/// The least rise of the output from background to image for which curves of it are normalised. Of a
/// probability: a slice below is not called positive, and its curves show noise.
pub const LEAST_RISE: f64 = 0.05;

/// The network's outputs for the whole image and for nothing of it: `f1 = f(x)` and `f0 = f(b)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Endpoints {
    image: f64,
    background: f64,
}

/// How far the sum of a map is from what the output rises.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct CompletenessGap {
    /// `sum of a - (f1 - f0)`, in units of the output.
    pub absolute: f64,
    /// The magnitude of the gap, divided by that of `f1 - f0`.
    pub relative: Result<f64, Undefined>,
}

impl Endpoints {
    /// Takes the outputs for the image and for the background.
    ///
    /// # Errors
    ///
    /// [`Error::Output`] if one of them is NaN or infinite.
    pub fn new(image: f64, background: f64) -> Result<Endpoints, Error> {
        expect_outputs(2, &[image, background])?;
        Ok(Endpoints { image, background })
    }

    /// `f1`, the output for the image.
    #[must_use]
    pub fn image(&self) -> f64 {
        self.image
    }

    /// `f0`, the output for the background.
    #[must_use]
    pub fn background(&self) -> f64 {
        self.background
    }

    /// `f1 - f0`.
    #[must_use]
    pub fn rise(&self) -> f64 {
        self.image - self.background
    }

    /// `N(v) = (v - f0) / (f1 - f0)`: 0 at the background's output, 1 at the image's. Other outputs may
    /// be outside.
    ///
    /// # Errors
    ///
    /// [`Undefined::NotDetected`] if the output rises by less than [`LEAST_RISE`].
    pub fn normalised(&self, output: f64) -> Result<f64, Undefined> {
        match self.rise() >= LEAST_RISE {
            true => Ok((output - self.background) / self.rise()),
            false => Err(Undefined::NotDetected),
        }
    }

    /// How far the sum of a map is from `f1 - f0`. Only for maps whose sum over a region is in units of
    /// the output: Shapley and Owen values, integrated gradients. Maps of other kinds have no such sum.
    #[must_use]
    pub fn completeness_gap(&self, map: &Map<'_>) -> CompletenessGap {
        let absolute = map.sum() - self.rise();
        CompletenessGap {
            absolute,
            relative: match self.rise() == 0.0 {
                true => Err(Undefined::NoDifference),
                false => Ok((absolute / self.rise()).abs()),
            },
        }
    }
}

/// An error unless there are so many outputs, all of them finite.
pub(crate) fn expect_outputs(n_masks: usize, outputs: &[f64]) -> Result<(), Error> {
    if outputs.len() != n_masks {
        return Err(Error::OutputCount {
            n_masks,
            n_outputs: outputs.len(),
        });
    }
    match outputs.iter().position(|output| !output.is_finite()) {
        Some(index) => Err(Error::Output {
            index,
            value: outputs[index],
        }),
        None => Ok(()),
    }
}
