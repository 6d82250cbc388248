//! Stored values of a frame, out of native or compressed pixel data.

use std::panic::{AssertUnwindSafe, catch_unwind};

use dicom_core::value::{PixelFragmentSequence, PrimitiveValue};
use dicom_core::{DataElement, VR};
use dicom_dictionary_std::tags as tag;
use dicom_object::meta::FileMetaTableBuilder;
use dicom_object::{DefaultDicomObject, InMemDicomObject};
use dicom_pixeldata::PixelDecoder;

use super::frames::frames_of;
use super::scan::{Element, PixelBytes};
use super::stream_size::StreamSize;
use super::{DicomError, rle};
use crate::Warning;

/// The transfer syntax of run-length encoding.
const RLE: &str = "1.2.840.10008.1.2.5";

/// True of a transfer syntax other than the three of uncompressed pixels.
fn is_compressed(syntax: &str) -> bool {
    ![
        "1.2.840.10008.1.2",
        "1.2.840.10008.1.2.1",
        "1.2.840.10008.1.2.2",
    ]
    .contains(&syntax)
}

/// The pixel data of a file, frame by frame as they lie in it.
#[derive(Debug)]
pub(super) struct Pixels {
    samples: Samples,
    syntax: String,
    frames: Frames,
}

#[derive(Debug)]
enum Frames {
    /// One frame after the other.
    Native(Vec<u8>),
    /// The stream of each frame.
    Compressed(Vec<Vec<u8>>),
}

impl Pixels {
    /// Takes the pixel data out of the bytes of a file.
    pub(super) fn of(
        bytes: &[u8],
        pixel_data: &PixelBytes,
        elements: &[Element],
        samples: Samples,
        syntax: &str,
        warnings: &mut Vec<Warning>,
    ) -> Result<Self, DicomError> {
        let frames = match pixel_data {
            PixelBytes::Native(range) => {
                let expected = samples.n_bytes() * samples.n_frames;
                let found = range.len();
                let padded = expected + expected % 2;
                // What is compressed comes in fragments; of a file that was decompressed and still
                // names the compression, all is known only where nothing is left over.
                let is_strange = is_compressed(syntax) && found != expected && found != padded;
                if found < expected || is_strange {
                    return Err(DicomError::PixelLength {
                        found,
                        expected,
                        frames: samples.n_frames,
                        rows: samples.rows,
                        cols: samples.cols,
                    });
                }
                // An odd number of bytes is padded with one.
                if found > padded {
                    warnings.push(Warning::new(
                        "surplus-pixel-data",
                        format!(
                            "{} bytes behind the {expected} of the pixel data, which are ignored",
                            found - expected
                        ),
                    ));
                }
                Frames::Native(bytes[range.start..range.start + expected].to_vec())
            }
            PixelBytes::Fragments(fragments) => {
                let frames = frames_of(bytes, fragments, elements, samples.n_frames)?;
                Frames::Compressed(frames)
            }
        };
        Ok(Self {
            samples,
            syntax: syntax.to_owned(),
            frames,
        })
    }

    pub(super) fn samples(&self) -> &Samples {
        &self.samples
    }

    /// The stored values of a frame.
    pub(super) fn read(&self, frame: usize) -> Result<Vec<i32>, DicomError> {
        let fault = |problem: String| DicomError::Decode { frame, problem };
        let samples = &self.samples;
        let stored = match &self.frames {
            Frames::Native(bytes) => {
                let n_bytes = samples.n_bytes();
                samples.native(&bytes[frame * n_bytes..][..n_bytes])
            }
            Frames::Compressed(frames) if self.syntax == RLE => {
                let bytes_per_sample = samples.bits_allocated as usize / 8;
                rle::decode(&frames[frame], samples.n_pixels(), bytes_per_sample).map_err(fault)?
            }
            Frames::Compressed(frames) => {
                samples.check_codestream(&frames[frame], frame)?;
                self.decompress(&frames[frame], frame)?
            }
        };
        Ok(stored
            .into_iter()
            .map(|sample| samples.value(sample))
            .collect())
    }

    fn decompress(&self, stream: &[u8], frame: usize) -> Result<Vec<u16>, DicomError> {
        let fault = |problem: String| DicomError::Decode { frame, problem };
        let object = self
            .object_of(stream)
            .map_err(|error| fault(error.to_string()))?;
        // Codecs are not ours, and some of them panic on corrupt data.
        let decoded = catch_unwind(AssertUnwindSafe(|| object.decode_pixel_data_frame(0)));
        let decoded = decoded
            .map_err(|_| fault("the decoder gave up".to_owned()))?
            .map_err(|error| fault(chain(&error)))?;
        let bytes = decoded.data();
        let bytes_per_sample = if decoded.bits_allocated() == 8 { 1 } else { 2 };
        let expected = self.samples.n_pixels() * bytes_per_sample;
        if bytes.len() != expected {
            let found = bytes.len();
            return Err(fault(format!("{found} bytes, expected {expected}")));
        }
        Ok(match bytes_per_sample {
            1 => bytes.iter().map(|&byte| byte.into()).collect(),
            _ => {
                let words = bytes.as_chunks::<2>().0;
                words.iter().map(|&word| u16::from_ne_bytes(word)).collect()
            }
        })
    }

    /// The stream of a frame as a file of its own, which is what the library decodes.
    fn object_of(&self, stream: &[u8]) -> Result<DefaultDicomObject, dicom_object::meta::Error> {
        let samples = &self.samples;
        let mut object = InMemDicomObject::new_empty();
        for (tag, number) in [
            (tag::SAMPLES_PER_PIXEL, 1),
            (tag::ROWS, samples.rows as u16),
            (tag::COLUMNS, samples.cols as u16),
            (tag::BITS_ALLOCATED, samples.bits_allocated as u16),
            (tag::BITS_STORED, samples.bits_stored as u16),
            (tag::HIGH_BIT, samples.bits_stored as u16 - 1),
            (tag::PIXEL_REPRESENTATION, samples.is_signed.into()),
        ] {
            object.put(DataElement::new(tag, VR::US, PrimitiveValue::from(number)));
        }
        object.put(DataElement::new(
            tag::PHOTOMETRIC_INTERPRETATION,
            VR::CS,
            PrimitiveValue::from("MONOCHROME2"),
        ));
        object.put(DataElement::new(
            tag::PIXEL_DATA,
            VR::OB,
            PixelFragmentSequence::new(Vec::new(), vec![stream.to_vec()]),
        ));
        let meta = FileMetaTableBuilder::new()
            .transfer_syntax(&self.syntax)
            .media_storage_sop_class_uid("1.2.840.10008.5.1.4.1.1.2")
            .media_storage_sop_instance_uid("1.2.3")
            .build()?;
        Ok(object.with_exact_meta(meta))
    }
}

/// How samples are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Samples {
    pub(super) rows: usize,
    pub(super) cols: usize,
    pub(super) n_frames: usize,
    /// 8 or 16.
    pub(super) bits_allocated: u32,
    /// 1 to `bits_allocated`.
    pub(super) bits_stored: u32,
    pub(super) is_signed: bool,
    /// Of uncompressed samples of 16 bits.
    pub(super) is_big_endian: bool,
}

impl Samples {
    /// The number in the low bits of a sample; bits above may hold anything, an old overlay for
    /// instance (PS3.5, 8.1.1).
    pub(super) fn value(&self, sample: u16) -> i32 {
        let unused = 32 - self.bits_stored;
        let high = u32::from(sample) << unused;
        if self.is_signed {
            high.cast_signed() >> unused
        } else {
            (high >> unused).cast_signed()
        }
    }

    fn n_pixels(&self) -> usize {
        self.rows * self.cols
    }

    fn n_bytes(&self) -> usize {
        self.n_pixels() * self.bits_allocated as usize / 8
    }

    /// The stored values in a frame of uncompressed pixel data.
    fn native(&self, bytes: &[u8]) -> Vec<u16> {
        if self.bits_allocated == 8 {
            bytes.iter().map(|&byte| byte.into()).collect()
        } else {
            let words = bytes.as_chunks::<2>().0;
            words.iter().map(|&word| self.word(word)).collect()
        }
    }

    fn word(&self, word: [u8; 2]) -> u16 {
        match self.is_big_endian {
            true => u16::from_be_bytes(word),
            false => u16::from_le_bytes(word),
        }
    }

    /// Checks the size that a JPEG or JPEG 2000 stream declares, before memory is asked for in its
    /// name.
    fn check_codestream(&self, stream: &[u8], frame: usize) -> Result<(), DicomError> {
        let problem = match StreamSize::of(stream) {
            Some(size) if size == self.stream_size() => return Ok(()),
            Some(size) => format!("a stream of {size}, expected {}", self.stream_size()),
            None => "no stream of JPEG or JPEG 2000 with a size".to_owned(),
        };
        Err(DicomError::Decode { frame, problem })
    }

    fn stream_size(&self) -> StreamSize {
        StreamSize {
            rows: self.rows,
            cols: self.cols,
            n_components: 1,
        }
    }
}

/// An error and its causes in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(bits_stored: u32, is_signed: bool) -> Samples {
        Samples {
            rows: 1,
            cols: 1,
            n_frames: 1,
            bits_allocated: 16,
            bits_stored,
            is_signed,
            is_big_endian: false,
        }
    }

    #[test]
    fn bits_above_those_stored_do_not_count() {
        let twelve = samples(12, false);
        assert_eq!(twelve.value(0xf001), 1);
        assert_eq!(twelve.value(0xffff), 4095);
        let signed = samples(12, true);
        assert_eq!(signed.value(0x0800), -2048);
        assert_eq!(signed.value(0xf7ff), 2047);
        assert_eq!(samples(16, true).value(0x8000), -32768);
        assert_eq!(samples(16, false).value(0x8000), 32768);
        assert_eq!(samples(1, false).value(0xfffe), 0);
    }
}
