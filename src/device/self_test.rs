use std::error::Error;
use std::time::Instant;

use burn::tensor::{DType, Tensor};
use ich_model::RsnaHemorrhageNetConfig;
use masked_cnn::{Settings, Size};

use super::error::DeviceError;
use super::open_device::OpenDevice;
use crate::message;
use crate::network::DefaultNetworkError;

/// Side of the image, the middle of the shipped background.
const SIDE: usize = 128;

/// Largest difference of a probability on a device that works. Measured: 2e-8 at most.
pub const SELF_TEST_TOLERANCE: f32 = 1e-4;

/// What a device did with one image.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct SelfTest {
    /// How far its probability is from that of the reference, the masked engine on the CPU.
    pub difference: f32,
    /// Seconds of one forward, transfers included, after a first one that is not counted.
    pub seconds: f64,
    /// Whether it computes in half precision.
    pub has_f16: bool,
}

/// Runs a network on an image of 128 x 128 pixels and compares its answer with the CPU's. It is the
/// demonstration network, or in a build without it one with random weights.
///
/// # Errors
///
/// [`DeviceError::Failed`].
pub fn self_test(open: &OpenDevice) -> Result<SelfTest, DeviceError> {
    let failed = |error: &dyn Error| DeviceError::Failed {
        device: open.name,
        problem: message(error),
    };
    let background = crate::default_background().map_err(|error| failed(&error))?;
    let net = match crate::default_network(&open.device) {
        Err(DefaultNetworkError::NotInBuild) => RsnaHemorrhageNetConfig::new()
            .init(&open.device)
            .map_err(|error| failed(&error))?,
        net => net.map_err(|error| failed(&error))?,
    };
    let (row, col) = (
        (background.rows() - SIDE) / 2,
        (background.cols() - SIDE) / 2,
    );
    let image: Tensor<4> = background
        .to_tensor(&open.device)
        .narrow(1, row, SIDE)
        .narrow(2, col, SIDE)
        .unsqueeze();

    let pixels: Vec<f32> = image
        .clone()
        .try_into_data()
        .map_err(|error| failed(&error))?
        .iter()
        .collect();
    let size = Size {
        rows: SIDE,
        cols: SIDE,
    };
    let engine = net
        .to_masked(size, &Settings::default())
        .map_err(|error| failed(&error))?;
    let expected = engine.forward(&pixels).map_err(|error| failed(&error))?[0];

    let mut seconds = 0.0;
    let mut difference = 0.0;
    for _ in 0..2 {
        let start = Instant::now();
        let found = net.predict(image.clone()).map_err(|error| failed(&error))?;
        seconds = start.elapsed().as_secs_f64();
        difference = (found[0].probability - expected).abs();
    }
    Ok(SelfTest {
        difference,
        seconds,
        has_f16: open.device.supports_dtype(DType::F16),
    })
}
