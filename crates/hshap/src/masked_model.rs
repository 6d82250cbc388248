//! A model that is asked about masked versions of one image, in full or in part.

use std::ops::ControlFlow;

use burn::tensor::{Bool, Device, Int, Tensor, TensorData};
use masked_cnn::{Mask, MaskedImage, Region, Size};

use crate::error::device_failed;
use crate::model::{Forward, Model};
use crate::pixels::Pixels;
use crate::{Error, Traffic};

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

/// Takes the outputs of a batch, which are those of the requests behind the batch before; an error
/// ends the evaluation.
pub(crate) type Receiver<'a> = dyn FnMut(&Outputs) -> Result<(), Error> + 'a;

pub(crate) trait MaskedModel {
    /// Evaluates requests, batch by batch. Those over the same background follow each other.
    fn evaluate(&mut self, requests: &[Request], receiver: &mut Receiver<'_>) -> Result<(), Error>;

    /// What went to the device and back, where the model is on one.
    fn traffic(&self) -> Option<Traffic>;
}

impl Model {
    /// The model, ready for masks of an image.
    pub(crate) fn mask<'m>(
        &'m self,
        image: &Pixels,
        backgrounds: &[Pixels],
        batch_size: usize,
        device: &Device,
    ) -> Result<Box<dyn MaskedModel + 'm>, Error> {
        match self {
            Model::Dense(forward) => {
                let dense = Dense::new(&**forward, image, backgrounds, device, batch_size);
                Ok(Box::new(dense))
            }
            Model::Masked(engine) => {
                let shape = |n_channels: usize, size: Size| [n_channels, size.rows, size.cols];
                let n_pixels = image.size.rows * image.size.cols;
                let found = shape(image.values.len() / n_pixels, image.size);
                let expected = shape(engine.n_channels(), engine.size());
                if found != expected {
                    return Err(Error::EngineShape {
                        image: found,
                        engine: expected,
                    });
                }
                let backgrounds: Vec<&[f32]> =
                    backgrounds.iter().map(|b| b.values.as_slice()).collect();
                let image = engine
                    .mask(&image.values, &backgrounds)
                    .map_err(Error::Network)?;
                let n_outputs = engine.n_outputs();
                Ok(Box::new(Partial { image, n_outputs }))
            }
        }
    }
}

/// A model on a Burn device, called with every masked image in full.
///
/// Image and backgrounds lie on the device. A mask is sent as the edges of its rectangles, and what
/// comes back are the model's outputs.
struct Dense<'a> {
    forward: &'a Forward,
    image: Tensor<4>,
    backgrounds: Vec<Tensor<4>>,
    /// `[1, rows]` and `[1, cols]`: 0, 1, 2, ...
    positions: [Tensor<2>; 2],
    size: Size,
    batch_size: usize,
    traffic: Traffic,
}

/// Of a rectangle: its first row, the row behind its last, and the same of its columns.
const EDGES: usize = 4;

impl<'a> Dense<'a> {
    fn new(
        forward: &'a Forward,
        image: &Pixels,
        backgrounds: &[Pixels],
        device: &Device,
        batch_size: usize,
    ) -> Self {
        let positions = |len: usize| {
            Tensor::<1, Int>::arange(0..len as i64, device)
                .float()
                .unsqueeze()
        };
        Self {
            forward,
            image: image.to_device(device),
            backgrounds: backgrounds.iter().map(|b| b.to_device(device)).collect(),
            positions: [positions(image.size.rows), positions(image.size.cols)],
            size: image.size,
            batch_size,
            traffic: Traffic {
                n_calls: 0,
                bytes_to_device: (1 + backgrounds.len()) * size_of_val(image.values.as_slice()),
                bytes_from_device: 0,
            },
        }
    }

    /// Which pixels of each image are shown, `[n, 1, rows, cols]`.
    ///
    /// A pixel is inside a rectangle if its row is and its column is, and the rectangles of a region
    /// do not overlap: the sum over these of products of 0 and 1 is the region, and a product of
    /// matrices.
    fn shown(&mut self, requests: &[Request]) -> Tensor<4, Bool> {
        let n_images = requests.len();
        let n_rects = requests.iter().map(|r| r.masked.shown.rects().count());
        let n_rects = n_rects.max().unwrap_or(0).max(1);
        // Regions of fewer rectangles have empty ones besides.
        let n = n_images * n_rects;
        let mut edges = vec![0.0_f32; EDGES * n];
        for (index, request) in requests.iter().enumerate() {
            for (number, (rows, cols)) in request.masked.shown.rects().enumerate() {
                let ends = [rows.start, rows.end, cols.start, cols.end];
                for (edge, end) in ends.into_iter().enumerate() {
                    edges[edge * n + index * n_rects + number] = end as f32;
                }
            }
        }
        self.traffic.bytes_to_device += size_of_val(edges.as_slice());
        let device = self.image.device();
        let edges = Tensor::<2>::from_data(TensorData::new(edges, [EDGES * n, 1]), &device);
        let inside = |axis: usize| {
            let [_, len] = self.positions[axis].dims();
            let positions = self.positions[axis].clone().expand([n, len]);
            let edge = |number: usize| edges.clone().narrow(0, number * n, n).expand([n, len]);
            let is_behind = positions.clone().greater_equal(edge(2 * axis));
            let is_before = positions.lower(edge(2 * axis + 1));
            is_behind
                .bool_and(is_before)
                .float()
                .reshape([n_images, n_rects, len])
        };
        let Size { rows, cols } = self.size;
        inside(0)
            .swap_dims(1, 2)
            .matmul(inside(1))
            .greater_elem(0.5)
            .reshape([n_images, 1, rows, cols])
    }
}

impl Dense<'_> {
    /// The outputs for masked images over the same background.
    fn outputs(&mut self, requests: &[Request]) -> Result<Outputs, Error> {
        let n_images = requests.len();
        let shown = self.shown(requests);
        let shape = [
            n_images,
            self.image.dims()[1],
            self.size.rows,
            self.size.cols,
        ];
        let background = self.backgrounds[requests[0].masked.background].clone();
        let images = background
            .expand(shape)
            .mask_where(shown.expand(shape), self.image.clone().expand(shape));

        let outputs = (self.forward)(images).map_err(Error::Model)?;
        let [n_rows, n_outputs] = outputs.dims();
        if n_rows != n_images {
            return Err(Error::OutputRows { n_images, n_rows });
        }
        let values = outputs.try_into_data().map_err(device_failed)?;
        self.traffic.n_calls += 1;
        self.traffic.bytes_from_device += values.bytes().len();
        Ok(Outputs {
            values: values.iter::<f64>().collect(),
            n_outputs,
        })
    }
}

impl MaskedModel for Dense<'_> {
    fn evaluate(&mut self, requests: &[Request], receiver: &mut Receiver<'_>) -> Result<(), Error> {
        for same in requests.chunk_by(|a, b| a.masked.background == b.masked.background) {
            for batch in same.chunks(self.batch_size) {
                receiver(&self.outputs(batch)?)?;
            }
        }
        Ok(())
    }

    fn traffic(&self) -> Option<Traffic> {
        Some(self.traffic)
    }
}

/// A network on the CPU that computes only what a mask's edge reaches.
struct Partial<'a> {
    image: MaskedImage<'a>,
    n_outputs: usize,
}

impl MaskedModel for Partial<'_> {
    fn evaluate(&mut self, requests: &[Request], receiver: &mut Receiver<'_>) -> Result<(), Error> {
        let masks: Vec<Mask<'_>> = requests
            .iter()
            .map(|request| Mask {
                background: request.masked.background,
                shown: &request.masked.shown,
                group: request.group,
            })
            .collect();
        let n_outputs = self.n_outputs;
        let mut received = Ok(());
        let evaluated = self.image.evaluate_observed(&masks, |answers| {
            received = receiver(&Outputs {
                values: answers.iter().copied().map(f64::from).collect(),
                n_outputs,
            });
            match received {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            }
        });
        received?;
        evaluated.map_err(Error::Network)?;
        Ok(())
    }

    fn traffic(&self) -> Option<Traffic> {
        None
    }
}
