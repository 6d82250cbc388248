//! One number for every pixel of the slice.

use std::ops::{Deref, DerefMut};

/// Rows and columns of every phantom.
pub const SIDE: usize = 512;

/// A full slice of `f32`, row-major: Hounsfield units, a coordinate, or the share of each pixel
/// that a structure covers (0 to 1). Dereferences to its pixels.
#[derive(Clone)]
pub(crate) struct Plane(Vec<f32>);

impl Plane {
    pub(crate) fn filled(value: f32) -> Self {
        Self(vec![value; SIDE * SIDE])
    }

    /// From the index of each pixel, to combine other planes.
    pub(crate) fn from_pixels(value: impl FnMut(usize) -> f32) -> Self {
        Self((0..SIDE * SIDE).map(value).collect())
    }

    /// From the row and column of each pixel.
    pub(crate) fn from_positions(mut value: impl FnMut(f32, f32) -> f32) -> Self {
        Self::from_pixels(|i| value((i / SIDE) as f32, (i % SIDE) as f32))
    }

    /// Lays `value` over the plane where `cover` is 1, and in proportion where it is less.
    pub(crate) fn paint(&mut self, cover: &Plane, value: impl Fn(usize) -> f32) {
        for (i, (pixel, &share)) in self.0.iter_mut().zip(cover.iter()).enumerate() {
            *pixel = *pixel * (1.0 - share) + share * value(i);
        }
    }

    /// Adds `factor` times another plane.
    pub(crate) fn add(&mut self, other: &Plane, factor: f32) {
        for (pixel, &term) in self.0.iter_mut().zip(other.iter()) {
            *pixel += factor * term;
        }
    }

    /// Raises every pixel to that of the other plane where that is larger.
    pub(crate) fn raise_to(&mut self, other: &Plane) {
        for (pixel, &floor) in self.0.iter_mut().zip(other.iter()) {
            *pixel = pixel.max(floor);
        }
    }

    /// Mean and population standard deviation.
    pub(crate) fn mean_and_sd(&self) -> (f32, f32) {
        let n_pixels = self.0.len() as f64;
        let mean = self.0.iter().map(|&x| f64::from(x)).sum::<f64>() / n_pixels;
        let variance = self
            .0
            .iter()
            .map(|&x| (f64::from(x) - mean).powi(2))
            .sum::<f64>()
            / n_pixels;
        (mean as f32, variance.sqrt() as f32)
    }
}

impl From<Vec<f32>> for Plane {
    fn from(pixels: Vec<f32>) -> Self {
        debug_assert_eq!(pixels.len(), SIDE * SIDE);
        Self(pixels)
    }
}

impl Deref for Plane {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.0
    }
}

impl DerefMut for Plane {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.0
    }
}

/// Cuts `x` to 0..=1: turns a signed distance into the share of a pixel that is covered.
pub(crate) fn saturate(x: f32) -> f32 {
    x.clamp(0.0, 1.0)
}

/// The Gaussian bump exp(-x²), without the half.
pub(crate) fn bump(x: f32) -> f32 {
    (-x * x).exp()
}
