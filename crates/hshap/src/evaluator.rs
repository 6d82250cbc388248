use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

use burn::tensor::activation::softmax;
use burn::tensor::{Bool, Device, Tensor, TensorData};

use crate::region::{PixelCounts, Region, Size};
use crate::{Error, Progress, Shift};

/// Which background a masked image shows, by its position among those of the evaluator.
pub(crate) type BackgroundIndex = usize;

/// One masked image: the region shows the image, the rest the background.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Masked {
    pub(crate) background: BackgroundIndex,
    pub(crate) shown: Region,
}

/// Called after every batch.
pub(crate) type Observer<'a> = dyn FnMut(&Progress) -> ControlFlow<()> + 'a;

/// An image or a background on its way to the device.
pub(crate) struct Pixels {
    values: Vec<f32>,
    n_channels: usize,
    size: Size,
}

impl Pixels {
    pub(crate) fn of(tensor: Tensor<3>) -> Result<Self, Error> {
        let [n_channels, rows, cols] = tensor.dims();
        let data = tensor
            .try_into_data()
            .map_err(|error| Error::Device(error.to_string()))?;
        Ok(Self {
            values: data.iter::<f32>().collect(),
            n_channels,
            size: Size { rows, cols },
        })
    }

    /// Moves every pixel down and to the right, around the border.
    pub(crate) fn rolled(&self, shift: Shift) -> Self {
        let Size { rows, cols } = self.size;
        let down = wrap(shift.rows, rows);
        let right = wrap(shift.cols, cols);
        let mut values = self.values.clone();
        for channel in values.chunks_exact_mut(rows * cols) {
            channel.rotate_right(down * cols);
            for row in channel.chunks_exact_mut(cols) {
                row.rotate_right(right);
            }
        }
        Self { values, ..*self }
    }

    /// Marks the pixels in which two images differ in any channel.
    pub(crate) fn differing(&self, other: &Self) -> PixelCounts {
        let n_pixels = self.size.rows * self.size.cols;
        let mut marked = vec![false; n_pixels];
        let channels = self.values.chunks_exact(n_pixels);
        for (a, b) in channels.zip(other.values.chunks_exact(n_pixels)) {
            for (mark, (a, b)) in marked.iter_mut().zip(a.iter().zip(b)) {
                *mark |= a != b;
            }
        }
        PixelCounts::new(&marked, self.size)
    }

    pub(crate) fn size(&self) -> Size {
        self.size
    }

    fn to_device(&self, device: &Device) -> Tensor<4> {
        let shape = [1, self.n_channels, self.size.rows, self.size.cols];
        Tensor::from_data(TensorData::new(self.values.clone(), shape), device)
    }
}

/// A displacement as an offset from 0 to the side, exclusive.
pub(crate) fn wrap(shift: i64, side: usize) -> usize {
    shift.rem_euclid(side as i64) as usize
}

/// The model on masked versions of one image. Each distinct one is evaluated once.
pub(crate) struct Evaluator<'a, F> {
    pub(crate) model: &'a F,
    pub(crate) label: usize,
    pub(crate) softmax: bool,
    pub(crate) batch_size: usize,
    image: Tensor<4>,
    backgrounds: Vec<Tensor<4>>,
    size: Size,
    worth: HashMap<Masked, f64>,
    pending: Vec<Masked>,
    is_pending: HashSet<Masked>,
}

impl<'a, F: Fn(Tensor<4>) -> Tensor<2>> Evaluator<'a, F> {
    pub(crate) fn new(
        model: &'a F,
        settings: &crate::Settings,
        image: &Pixels,
        backgrounds: &[Pixels],
        device: &Device,
    ) -> Self {
        Self {
            model,
            label: settings.label,
            softmax: settings.softmax,
            batch_size: settings.batch_size,
            image: image.to_device(device),
            backgrounds: backgrounds.iter().map(|b| b.to_device(device)).collect(),
            size: image.size(),
            worth: HashMap::new(),
            pending: Vec::new(),
            is_pending: HashSet::new(),
        }
    }

    /// Asks for a masked image, unless it is known or asked for already.
    pub(crate) fn request(&mut self, masked: Masked) {
        if !self.worth.contains_key(&masked) && self.is_pending.insert(masked.clone()) {
            self.pending.push(masked);
        }
    }

    pub(crate) fn n_pending(&self) -> usize {
        self.pending.len()
    }

    pub(crate) fn n_evaluated(&self) -> usize {
        self.worth.len()
    }

    /// The worth of a masked image that was requested and evaluated.
    pub(crate) fn worth(&self, masked: &Masked) -> f64 {
        self.worth[masked]
    }

    /// Evaluates what was requested, batch by batch; `progress` is completed and handed on.
    pub(crate) fn evaluate_pending(
        &mut self,
        mut progress: Progress,
        observer: &mut Observer<'_>,
    ) -> Result<(), Error> {
        self.is_pending.clear();
        let mut pending = std::mem::take(&mut self.pending);
        pending.sort_by_key(|masked| masked.background);
        for same_background in pending.chunk_by(|a, b| a.background == b.background) {
            for batch in same_background.chunks(self.batch_size) {
                let answers = self.evaluate_batch(batch)?;
                self.worth.extend(batch.iter().cloned().zip(answers));
                progress.n_evaluated = self.worth.len();
                if observer(&progress).is_break() {
                    return Err(Error::Cancelled);
                }
            }
        }
        Ok(())
    }

    /// A batch of masked images over one background.
    fn evaluate_batch(&self, batch: &[Masked]) -> Result<Vec<f64>, Error> {
        let Size { rows, cols } = self.size;
        let n_images = batch.len();
        let mut shown = vec![false; n_images * rows * cols];
        for (mask, masked) in shown.chunks_exact_mut(rows * cols).zip(batch) {
            masked.shown.fill(mask, self.size);
        }
        let shape = [n_images, self.image.dims()[1], rows, cols];
        let device = self.image.device();
        let shown: Tensor<4, Bool> =
            Tensor::from_data(TensorData::new(shown, [n_images, 1, rows, cols]), &device);
        let background = self.backgrounds[batch[0].background].clone();
        let images = background
            .expand(shape)
            .mask_where(shown.expand(shape), self.image.clone().expand(shape));

        let outputs = (self.model)(images);
        let [n_rows, n_outputs] = outputs.dims();
        if n_rows != n_images {
            return Err(Error::OutputRows { n_images, n_rows });
        }
        if self.label >= n_outputs {
            return Err(Error::LabelOutOfRange {
                label: self.label,
                n_outputs,
            });
        }
        if self.softmax && n_outputs == 1 {
            return Err(Error::SoftmaxOverOneOutput);
        }
        let outputs = if self.softmax {
            softmax(outputs, 1)
        } else {
            outputs
        };
        let answers = outputs
            .narrow(1, self.label, 1)
            .try_into_data()
            .map_err(|error| Error::Device(error.to_string()))?;
        let answers: Vec<f64> = answers.iter::<f64>().collect();
        match answers.iter().find(|answer| !answer.is_finite()) {
            None => Ok(answers),
            Some(&value) => Err(Error::OutputNotFinite { value }),
        }
    }
}
