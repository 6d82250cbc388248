//! A model that is asked about masked versions of one image, in full or in part.

use burn::tensor::{Bool, Device, Tensor, TensorData};
use masked_cnn::{Mask, MaskedImage, Region, Size, whole_groups};

use crate::Error;
use crate::pixels::Pixels;

/// Which background a masked image shows, by its position among those of the model.
pub(crate) type BackgroundIndex = usize;

/// One masked image: the region shows the image, the rest the background.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Masked {
    pub(crate) background: BackgroundIndex,
    pub(crate) shown: Region,
}

/// A masked image that is asked for. Images of a group follow each other and have edges in common.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) masked: Masked,
    pub(crate) group: usize,
}

/// The model's outputs for some images, image by image.
pub(crate) struct Outputs {
    pub(crate) values: Vec<f64>,
    pub(crate) n_outputs: usize,
}

pub(crate) trait MaskedModel {
    /// How many of the first requests to ask about in one call.
    fn batch(&self, requests: &[Request]) -> usize;

    /// The outputs for masked images, all over the same background.
    fn outputs(&mut self, requests: &[Request]) -> Result<Outputs, Error>;
}

/// A model on a Burn device, called with every masked image in full.
pub(crate) struct Dense<'a> {
    forward: &'a dyn Fn(Tensor<4>) -> Tensor<2>,
    image: Tensor<4>,
    backgrounds: Vec<Tensor<4>>,
    size: Size,
    batch_size: usize,
}

impl<'a> Dense<'a> {
    pub(crate) fn new(
        forward: &'a dyn Fn(Tensor<4>) -> Tensor<2>,
        image: &Pixels,
        backgrounds: &[Pixels],
        device: &Device,
        batch_size: usize,
    ) -> Self {
        Self {
            forward,
            image: image.to_device(device),
            backgrounds: backgrounds.iter().map(|b| b.to_device(device)).collect(),
            size: image.size,
            batch_size,
        }
    }
}

impl MaskedModel for Dense<'_> {
    fn batch(&self, requests: &[Request]) -> usize {
        self.batch_size.min(requests.len())
    }

    fn outputs(&mut self, requests: &[Request]) -> Result<Outputs, Error> {
        let Size { rows, cols } = self.size;
        let n_images = requests.len();
        let mut shown = vec![false; n_images * rows * cols];
        for (mask, request) in shown.chunks_exact_mut(rows * cols).zip(requests) {
            request.masked.shown.fill(mask, self.size);
        }
        let shape = [n_images, self.image.dims()[1], rows, cols];
        let device = self.image.device();
        let shown: Tensor<4, Bool> =
            Tensor::from_data(TensorData::new(shown, [n_images, 1, rows, cols]), &device);
        let background = self.backgrounds[requests[0].masked.background].clone();
        let images = background
            .expand(shape)
            .mask_where(shown.expand(shape), self.image.clone().expand(shape));

        let outputs = (self.forward)(images);
        let [n_rows, n_outputs] = outputs.dims();
        if n_rows != n_images {
            return Err(Error::OutputRows { n_images, n_rows });
        }
        let values = outputs
            .try_into_data()
            .map_err(|error| Error::Device(error.to_string()))?;
        Ok(Outputs {
            values: values.iter::<f64>().collect(),
            n_outputs,
        })
    }
}

/// A network on the CPU that computes only what a mask's edge reaches.
pub(crate) struct Partial<'a> {
    pub(crate) image: MaskedImage<'a>,
    pub(crate) n_outputs: usize,
}

impl Partial<'_> {
    /// Enough to keep cores busy, few enough for a sign of life several times a second.
    const BATCH_SIZE: usize = 56;
}

impl MaskedModel for Partial<'_> {
    /// Whole groups, which share what they have in common.
    fn batch(&self, requests: &[Request]) -> usize {
        whole_groups(requests, |request| request.group, Self::BATCH_SIZE)
    }

    fn outputs(&mut self, requests: &[Request]) -> Result<Outputs, Error> {
        let masks: Vec<Mask<'_>> = requests
            .iter()
            .map(|request| Mask {
                background: request.masked.background,
                shown: &request.masked.shown,
                group: request.group,
            })
            .collect();
        let values = self.image.evaluate(&masks).map_err(Error::Network)?;
        Ok(Outputs {
            values: values.into_iter().map(f64::from).collect(),
            n_outputs: self.n_outputs,
        })
    }
}
