use image::imageops::{self, FilterType};
use image::{Luma, Rgb, RgbImage};

use crate::heat::Sides;
use crate::overlay::{check_same_dims, luma};
use crate::panel::enlarge;
use crate::size::{MAX_PIXELS, check_size, image_size};
use crate::{Colormap, Error, GreySlice, Heat, probability_text};

/// Sides thumbnails may have.
pub(crate) const SIDES_PX: std::ops::RangeInclusive<u32> = 32..=1024;

/// One slice of a contact sheet.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct SheetSlice<'a> {
    /// The slice.
    pub grey: GreySlice<'a>,
    /// What is drawn of its map, of the same size; without one the slice is drawn in grey.
    pub heat: Option<Heat<'a>>,
    /// Number of the slice in its series, the first half of its caption.
    pub number: usize,
    /// Probability of the class, the second half; see [`probability_text`].
    pub probability: f32,
    /// The class: 1 gets a red frame.
    pub prediction: u8,
}

impl<'a> SheetSlice<'a> {
    /// A slice, its number, its probability and its class, without a map.
    #[must_use]
    pub fn new(
        grey: GreySlice<'a>,
        number: usize,
        probability: f32,
        prediction: u8,
    ) -> SheetSlice<'a> {
        SheetSlice {
            grey,
            heat: None,
            number,
            probability,
            prediction,
        }
    }

    /// With its map.
    #[must_use]
    pub fn with_heat(self, heat: Heat<'a>) -> SheetSlice<'a> {
        SheetSlice {
            heat: Some(heat),
            ..self
        }
    }
}

/// A slice drawn small, so that a long series fits in memory. It is coloured with its sheet, because all
/// slices of a sheet have one scale.
#[derive(Debug, Clone)]
pub struct Thumbnail {
    /// Not colours: the grey, then what is drawn for and against, as 255ths of the largest magnitude drawn.
    channels: RgbImage,
    largest: f32,
    /// None without a map.
    sides: Option<Sides>,
    pub(crate) caption: String,
    pub(crate) is_framed: bool,
}

impl Thumbnail {
    /// Draws a slice with its longest side at most `side_px` pixels, from 32 to 1024; a value beyond is
    /// the nearest of these.
    ///
    /// A larger slice is averaged down; a smaller one is enlarged by the largest whole factor that fits.
    /// The map is kept to a 255th of its largest magnitude.
    ///
    /// # Errors
    ///
    /// [`Error::Dims`] if the map has another size than the slice, and [`Error::FigureTooLarge`] for a slice
    /// above 2^26 pixels.
    pub fn draw(slice: &SheetSlice<'_>, side_px: u32) -> Result<Thumbnail, Error> {
        let (width, height) = image_size(&slice.grey)?;
        check_size(width.into(), height.into(), MAX_PIXELS)?;
        let heat = slice.heat.as_ref();
        if let Some(heat) = heat {
            check_same_dims(&slice.grey, heat)?;
        }
        let largest = heat.map_or(0.0, Heat::largest);
        let mut channels = RgbImage::new(width, height);
        for (pixel, Luma([grey])) in channels.pixels_mut().zip(luma(&slice.grey)?.pixels()) {
            pixel.0[0] = *grey;
        }
        if let Some(heat) = heat.filter(|_| largest > 0.0) {
            for (pixel, value) in channels.pixels_mut().zip(heat.values()) {
                let magnitude = (255.0 * (value.abs() / largest)).round() as u8;
                pixel.0[if value > 0.0 { 1 } else { 2 }] = magnitude;
            }
        }
        let side_px = side_px.clamp(*SIDES_PX.start(), *SIDES_PX.end());
        let factor = (side_px / width.max(height)).max(1);
        Ok(Thumbnail {
            channels: reduce(&enlarge(channels, factor), side_px),
            largest,
            sides: heat.map(Heat::sides),
            caption: format!("{}  {}", slice.number, probability_text(slice.probability)),
            is_framed: slice.prediction == 1,
        })
    }

    /// The longer side, in pixels.
    pub(crate) fn side(&self) -> u32 {
        longest(&self.channels)
    }

    /// The largest magnitude that was drawn before anything was averaged.
    pub(crate) fn largest(&self) -> f32 {
        self.largest
    }

    pub(crate) fn sides(&self) -> Option<Sides> {
        self.sides
    }

    /// The slice in its colours, its longest side at most `side` pixels.
    pub(crate) fn image(&self, side: u32, scale: f32, colormap: Colormap) -> RgbImage {
        let mut image = reduce(&self.channels, side);
        for pixel in image.pixels_mut() {
            let Rgb([grey, positive, negative]) = *pixel;
            let part = if positive >= negative {
                f32::from(positive)
            } else {
                -f32::from(negative)
            };
            *pixel = colormap.over(grey, part / 255.0 * (self.largest / scale));
        }
        image
    }
}

fn longest(image: &RgbImage) -> u32 {
    image.width().max(image.height())
}

/// Averages an image down until its longest side is at most `side` pixels.
fn reduce(image: &RgbImage, side: u32) -> RgbImage {
    let longest = longest(image);
    if longest <= side {
        return image.clone();
    }
    let scaled = |length: u32| {
        let length = u64::from(length) * u64::from(side) / u64::from(longest);
        (length as u32).max(1)
    };
    let (width, height) = (scaled(image.width()), scaled(image.height()));
    imageops::resize(image, width, height, FilterType::Triangle)
}
