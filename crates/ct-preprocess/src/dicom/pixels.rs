//! Stored values of a frame, out of native or compressed pixel data.

use std::panic::{AssertUnwindSafe, catch_unwind};

use dicom_core::value::{PrimitiveValue, Value};
use dicom_object::DefaultDicomObject;
use dicom_pixeldata::PixelDecoder;

use super::tags::PIXEL_DATA;
use super::{DicomError, rle};

/// The transfer syntax of run-length encoding.
const RLE: &str = "1.2.840.10008.1.2.5";

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

    /// The stored values of a frame.
    pub(super) fn read(
        &self,
        object: &DefaultDicomObject,
        frame: usize,
    ) -> Result<Vec<i32>, DicomError> {
        let missing = DicomError::Missing {
            attribute: "PixelData (7FE0,0010)",
            expected: "the pixels",
        };
        let element = object.get(PIXEL_DATA).ok_or(missing)?;
        let samples = match element.value() {
            Value::Primitive(native) => self.native(native, frame)?,
            Value::PixelSequence(sequence) if object.meta().transfer_syntax() == RLE => {
                self.run_lengths(sequence.fragments(), frame)?
            }
            Value::PixelSequence(sequence) => {
                for fragment in sequence.fragments() {
                    self.check_codestream(fragment, frame)?;
                }
                self.compressed(object, frame)?
            }
            Value::Sequence(_) => {
                return Err(DicomError::Decode {
                    frame,
                    problem: "a sequence of data sets".to_owned(),
                });
            }
        };
        Ok(samples
            .into_iter()
            .map(|sample| self.value(sample))
            .collect())
    }

    fn native(&self, native: &PrimitiveValue, frame: usize) -> Result<Vec<u16>, DicomError> {
        let bytes: Vec<u8> = match native {
            PrimitiveValue::U8(bytes) => bytes.to_vec(),
            PrimitiveValue::U16(words) => {
                words.iter().flat_map(|word| word.to_le_bytes()).collect()
            }
            _ => Vec::new(),
        };
        let expected = self.n_bytes() * self.n_frames;
        // An odd number of bytes is padded with one.
        if bytes.len() != expected && bytes.len() != expected + expected % 2 {
            return Err(DicomError::PixelLength {
                found: bytes.len(),
                expected,
                frames: self.n_frames,
                rows: self.rows,
                cols: self.cols,
            });
        }
        let bytes = &bytes[frame * self.n_bytes()..][..self.n_bytes()];
        Ok(if self.bits_allocated == 8 {
            bytes.iter().map(|&byte| byte.into()).collect()
        } else {
            let words = bytes.as_chunks::<2>().0;
            words.iter().map(|&word| u16::from_le_bytes(word)).collect()
        })
    }

    /// A frame is one fragment (PS3.5, A.4.2).
    fn run_lengths(&self, fragments: &[Vec<u8>], frame: usize) -> Result<Vec<u16>, DicomError> {
        let fault = |problem: String| DicomError::Decode { frame, problem };
        if fragments.len() != self.n_frames {
            let (found, expected) = (fragments.len(), self.n_frames);
            return Err(fault(format!("{found} fragments, expected {expected}")));
        }
        let bytes_per_sample = self.bits_allocated as usize / 8;
        rle::decode(&fragments[frame], self.n_pixels(), bytes_per_sample).map_err(fault)
    }

    fn compressed(
        &self,
        object: &DefaultDicomObject,
        frame: usize,
    ) -> Result<Vec<u16>, DicomError> {
        let fault = |problem: String| DicomError::Decode { frame, problem };
        let number = u32::try_from(frame).map_err(|error| fault(error.to_string()))?;
        // Codecs are not ours, and some of them panic on corrupt data.
        let decoded = catch_unwind(AssertUnwindSafe(|| object.decode_pixel_data_frame(number)));
        let decoded = decoded
            .map_err(|_| fault("the decoder gave up".to_owned()))?
            .map_err(|error| fault(chain(&error)))?;
        let samples: Vec<u16> = match decoded.bits_allocated() {
            8 => decoded.data().iter().map(|&byte| byte.into()).collect(),
            _ => decoded.data_ow(),
        };
        if samples.len() != self.n_pixels() {
            return Err(fault(format!(
                "{} samples, expected {}",
                samples.len(),
                self.n_pixels()
            )));
        }
        Ok(samples)
    }

    /// Checks the size that a JPEG or JPEG 2000 stream declares, before memory is asked for in its
    /// name. Fragments that begin no stream pass.
    fn check_codestream(&self, fragment: &[u8], frame: usize) -> Result<(), DicomError> {
        match declared_size(fragment) {
            Some(size) if size != (self.rows, self.cols) => Err(DicomError::Decode {
                frame,
                problem: format!(
                    "a stream of {} x {} pixels, expected {} x {}",
                    size.0, size.1, self.rows, self.cols
                ),
            }),
            _ => Ok(()),
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

/// Rows and columns in the header of a JPEG or JPEG 2000 stream.
fn declared_size(stream: &[u8]) -> Option<(usize, usize)> {
    match stream {
        // SOC and SIZ: length, capabilities, then the grid and the offset of the image in it
        // (ISO 15444-1, A.5.1).
        [0xff, 0x4f, 0xff, 0x51, _, _, _, _, siz @ ..] => {
            let number = |at: usize| {
                let four = siz.get(4 * at..)?.first_chunk::<4>()?;
                usize::try_from(u32::from_be_bytes(*four)).ok()
            };
            let side = |at: usize| number(at)?.checked_sub(number(at + 2)?);
            Some((side(1)?, side(0)?))
        }
        // SOI, then segments up to a frame header (ITU-T T.81, B.2.2).
        [0xff, 0xd8, segments @ ..] => {
            let mut rest = segments;
            while let [0xff, marker, high, low, ..] = *rest {
                let length = usize::from(u16::from_be_bytes([high, low]));
                if matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc) {
                    let &[_, row_high, row_low, col_high, col_low] =
                        rest.get(4..)?.first_chunk::<5>()?;
                    let side = |pair| usize::from(u16::from_be_bytes(pair));
                    return Some((side([row_high, row_low]), side([col_high, col_low])));
                }
                rest = rest.get(2 + length..)?;
            }
            None
        }
        _ => None,
    }
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

    #[test]
    fn a_streams_size_is_read_from_its_header() {
        let jpeg = [
            0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xc3, 0, 11, 16, 2, 0, 1, 0, 1,
        ];
        assert_eq!(declared_size(&jpeg), Some((512, 256)));
        let mut j2k = vec![0xff, 0x4f, 0xff, 0x51, 0, 47, 0, 0];
        for number in [300_u32, 200, 44, 100] {
            j2k.extend(number.to_be_bytes());
        }
        assert_eq!(declared_size(&j2k), Some((100, 256)));
        assert_eq!(declared_size(&j2k[..20]), None);
        assert_eq!(declared_size(b"\xff\xd8\xff\xe0\xff\xff"), None);
    }
}
