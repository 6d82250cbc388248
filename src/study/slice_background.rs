//! What masked parts show, made from slices.

use std::path::Path;

use burn::tensor::{Device, Tensor, TensorData};
use ct_io::{Content, HuSlice};
use ct_preprocess::{NetworkInput, WindowedSlice};
use ich_model::sha256;

use super::background_kind::BackgroundKind;
use super::listing::Listing;
use super::reader::Reader;
use super::reading::Reading;
use super::slice::Slice;
use crate::Error;
use crate::network::read_background;

/// What masked parts show, for any slice that a network sees.
#[derive(Debug, Clone)]
pub struct SliceBackground {
    image: Image,
    source: String,
    sha256: String,
}

#[derive(Debug, Clone)]
enum Image {
    /// The same for every slice, `[channels, rows, cols]`.
    Fixed(Box<Tensor<3>>),
    /// The slice itself, blurred.
    Blur { sigma_px: Option<f64> },
    /// One value, in Hounsfield units.
    Constant { hu: f32, input: NetworkInput },
}

impl SliceBackground {
    /// Makes a background for a network whose slices are read like this. Slices of a background are
    /// read like those that are explained: turned, on the network's grid, in its input.
    ///
    /// # Errors
    ///
    /// Files that cannot be read; a grey image for channels that show several things;
    /// [`Error::SeveralSlices`] for a file of several slices, and [`Error::NoSlice`] for a folder of
    /// none; [`Error::MeanSize`] for a mean of slices of several sizes.
    pub fn open(kind: &BackgroundKind, reading: &Reading, device: &Device) -> Result<Self, Error> {
        let of_text = |image| {
            let source = kind.to_string();
            Self {
                sha256: sha256(source.as_bytes()),
                source,
                image,
            }
        };
        match kind {
            BackgroundKind::File(path) => of_file(path, reading, device),
            BackgroundKind::Mean(path) => mean(path, reading, device),
            &BackgroundKind::Blur { sigma_px } => Ok(of_text(Image::Blur { sigma_px })),
            &BackgroundKind::Constant { hu } => Ok(of_text(Image::Constant {
                hu,
                input: reading.input.clone(),
            })),
        }
    }

    /// One image for all slices, `[channels, rows, cols]` as the network takes it; `source` is what
    /// reports call it, `sha256` the hash of what it was made from.
    pub fn fixed(image: Tensor<3>, source: String, sha256: String) -> Self {
        Self {
            image: Image::Fixed(Box::new(image)),
            source,
            sha256,
        }
    }

    /// What masked parts of this slice show.
    ///
    /// # Errors
    ///
    /// None for the slices of a reader.
    ///
    /// # Shapes
    ///
    /// - output: `[channels, rows, cols]`
    pub fn image(&self, slice: &Slice, device: &Device) -> Result<Tensor<3>, Error> {
        let (rows, cols) = (slice.stack.grey().rows(), slice.stack.grey().cols());
        match &self.image {
            Image::Fixed(image) => Ok(Tensor::clone(image)),
            Image::Blur { sigma_px } => {
                let sigma_px = sigma_px.unwrap_or_else(|| BackgroundKind::default_sigma_px(rows));
                let values = slice.stack.blurred(sigma_px)?;
                let shape = [slice.stack.n_channels(), rows, cols];
                Ok(Tensor::from_data(TensorData::new(values, shape), device))
            }
            Image::Constant { hu, input } => {
                let flat = HuSlice::new(vec![*hu; rows * cols], rows, cols)?;
                Ok(input.apply(&flat).to_tensor(device))
            }
        }
    }

    /// Where it comes from, as reports say it.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// SHA-256 in hexadecimal: of the file; of a mean that of the hashes of its slices' files, one a
    /// line; where there is no file that of [`SliceBackground::source`].
    pub fn sha256(&self) -> &str {
        &self.sha256
    }
}

fn of_file(path: &Path, reading: &Reading, device: &Device) -> Result<SliceBackground, Error> {
    let source = path.display().to_string();
    let is_of_slices = match Content::read(path)? {
        Content::Dicom | Content::GzippedDicom | Content::Nifti => true,
        // Grey values are those of a background; Hounsfield units are a slice.
        Content::Npy => WindowedSlice::read(path).is_err(),
        _ => false,
    };
    if !is_of_slices {
        let background = read_background(path, &reading.input, device)?;
        return Ok(SliceBackground {
            image: Image::Fixed(Box::new(background.image)),
            source,
            sha256: background.sha256,
        });
    }
    let mut found = slices(path, reading)?;
    let (Some(slice), None) = (found.next(), found.next()) else {
        return Err(Error::in_file(path, Error::SeveralSlices));
    };
    let slice = slice?;
    Ok(SliceBackground {
        image: Image::Fixed(Box::new(slice.stack.to_tensor(device))),
        source,
        sha256: slice.sha256,
    })
}

/// The mean over slices of what the network sees; in `f64`, as a mean of many is.
fn mean(path: &Path, reading: &Reading, device: &Device) -> Result<SliceBackground, Error> {
    let mut sums: Vec<f64> = Vec::new();
    let mut shape = None;
    let mut hashes = String::new();
    let mut n_slices = 0;
    for slice in slices(path, reading)? {
        let slice = slice?;
        let grey = slice.stack.grey();
        let found = [slice.stack.n_channels(), grey.rows(), grey.cols()];
        let expected = *shape.get_or_insert(found);
        if found != expected {
            let error = Error::MeanSize {
                found: (found[1], found[2]),
                expected: (expected[1], expected[2]),
            };
            return Err(Error::about(slice.source, error));
        }
        sums.resize(slice.stack.normalised().len(), 0.0);
        for (sum, value) in sums.iter_mut().zip(slice.stack.normalised()) {
            *sum += f64::from(*value);
        }
        hashes.push_str(&slice.sha256);
        hashes.push('\n');
        n_slices += 1;
    }
    let values: Vec<f32> = sums
        .iter()
        .map(|sum| (sum / f64::from(n_slices)) as f32)
        .collect();
    let shape = shape.unwrap_or_default();
    Ok(SliceBackground {
        image: Image::Fixed(Box::new(Tensor::from_data(
            TensorData::new(values, shape),
            device,
        ))),
        source: format!("mean of {n_slices} slices of {}", path.display()),
        sha256: sha256(hashes.as_bytes()),
    })
}

/// All slices of a file or a folder, at least one.
fn slices(
    path: &Path,
    reading: &Reading,
) -> Result<impl Iterator<Item = Result<Slice, Error>>, Error> {
    let mut listing = Listing::expand(&[path.to_owned()], None, None, |_, _| {})?;
    if let Some((source, error)) = listing.faults.pop() {
        return Err(Error::about(source, error));
    }
    if listing.slices.is_empty() {
        let passed_over = listing.passed_over.lines().collect();
        return Err(Error::in_file(path, Error::NoSlice { passed_over }));
    }
    let mut reader = Reader::new(Reading {
        // Which slices are explained is not which make a background, and one stands for those beside it.
        numbers: None,
        input: reading.input.without_neighbours(),
        ..reading.clone()
    });
    let slices = listing.slices.into_iter();
    Ok(slices.map(move |slice| reader.read(&slice)))
}
