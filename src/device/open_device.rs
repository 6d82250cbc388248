use std::fmt;

use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Tensor};

use super::error::DeviceError;
use super::name::DeviceName;

/// A device that was opened and answers right.
#[derive(Debug, Clone)]
pub struct OpenDevice {
    /// To make tensors on.
    pub device: Device,
    /// Its name, with the number of the adapter.
    pub name: DeviceName,
    /// The graphics adapter, where it is one.
    pub adapter: Option<Adapter>,
}

/// A graphics adapter.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Adapter {
    /// What it is called.
    pub name: String,
    /// Name and version of its driver.
    pub driver: String,
    /// Graphics API, such as Vulkan.
    pub api: String,
    /// True of software that stands in for a GPU.
    pub is_software: bool,
    /// Bytes of the largest buffer that it gives. How much memory it has in all, drivers do not say.
    pub max_buffer_bytes: u64,
}

/// Most images given to a device at once, whatever its memory: enough to keep one busy.
const MAX_BATCH: u64 = 32;

impl OpenDevice {
    /// How many images to give to the device at once, each of which takes `image_bytes` in one
    /// piece somewhere in the network.
    ///
    /// # Errors
    ///
    /// [`DeviceError::TooLarge`] where one is too many.
    pub fn batch_size(&self, image_bytes: u64) -> Result<usize, DeviceError> {
        let Some(adapter) = &self.adapter else {
            // On a CPU more images are no faster, and memory is shared with all else.
            return Ok(hshap::Settings::default().batch_size);
        };
        match adapter.max_buffer_bytes / image_bytes.max(1) {
            0 => Err(DeviceError::TooLarge {
                device: self.name,
                bytes: image_bytes,
                limit: adapter.max_buffer_bytes,
            }),
            fitting => Ok(fitting.min(MAX_BATCH) as usize),
        }
    }

    /// True of the CPU of this process.
    pub fn is_cpu(&self) -> bool {
        matches!(self.name, DeviceName::Flex | DeviceName::Ndarray)
    }

    /// Has the device multiply and convolve small whole numbers.
    pub(super) fn try_out(self) -> Result<Self, DeviceError> {
        let failed = |error: &dyn fmt::Display| DeviceError::Failed {
            device: self.name,
            problem: error.to_string(),
        };
        let matrix = Tensor::<2>::from_floats([[1.0, 2.0], [3.0, 4.0]], &self.device);
        let product = matrix.clone().matmul(matrix.clone());
        let image: Tensor<4> = matrix.unsqueeze();
        let kernel = Tensor::<4>::ones([1, 1, 3, 3], &self.device);
        let options = ConvOptions::new([1, 1], [1, 1], [1, 1], 1);
        let sums = conv2d(image, kernel, None, options);
        let mut found = Vec::new();
        for data in [product.try_into_data(), sums.try_into_data()] {
            found.extend(data.map_err(|error| failed(&error))?.iter::<f32>());
        }
        let expected = vec![7.0, 10.0, 15.0, 22.0, 10.0, 10.0, 10.0, 10.0];
        if found == expected {
            Ok(self)
        } else {
            Err(DeviceError::WrongAnswer {
                device: self.name,
                found,
                expected,
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_fits_into_the_largest_buffer() {
        let mut open = DeviceName::default().open().expect("a device");
        assert_eq!(open.batch_size(1 << 40).expect("a size"), 8);
        open.adapter = Some(Adapter {
            name: String::new(),
            driver: String::new(),
            api: String::new(),
            is_software: true,
            max_buffer_bytes: 1000,
        });
        for (image_bytes, expected) in [(1000, 1), (300, 3), (1, 32), (0, 32)] {
            assert_eq!(open.batch_size(image_bytes).expect("a size"), expected);
        }
        let error = open.batch_size(1001).expect_err("too large");
        assert!(matches!(error, DeviceError::TooLarge { limit: 1000, .. }));
    }
}
