//! What stands before the data set: a preamble and the elements of group 2, if the file has them.

use dicom_core::{Tag, VR};
use dicom_encoding::TransferSyntaxIndex;
use dicom_transfer_syntax_registry::TransferSyntaxRegistry;

use super::DicomError;
use super::scan::{Encoding, header, value_of};
use crate::content::starts_data_set;

/// Bytes of the preamble and of `DICM`.
const START: usize = 132;

/// Bytes by which a DICOM file is told from others.
pub(super) const PREFIX_BYTES: u64 = START as u64;

const EXPLICIT_LITTLE: &str = "1.2.840.10008.1.2.1";
const IMPLICIT_LITTLE: &str = "1.2.840.10008.1.2";

/// How the data set is written, and where it is.
#[derive(Debug)]
pub(super) struct Meta {
    /// UID of the transfer syntax.
    pub(super) syntax: String,
    /// `MediaStorageSOPClassUID`.
    pub(super) sop_class: Option<String>,
    pub(super) encoding: Encoding,
    /// Where the data set begins.
    pub(super) start: usize,
}

/// Where the elements of a file begin, by its first bytes, of which [`PREFIX_BYTES`] are enough.
pub(super) fn start_of(prefix: &[u8]) -> Result<usize, DicomError> {
    if prefix.get(128..START) == Some(b"DICM") {
        Ok(START)
    } else if starts_data_set(prefix) {
        Ok(0)
    } else {
        Err(DicomError::NotDicom)
    }
}

/// Reads the start of a file. Only what is needed of group 2 is looked at, and its length is that
/// of its elements, whatever it says.
///
/// Whether the data set is explicit or implicit, its first element tells: some files name no
/// transfer syntax, and some name the other.
pub(super) fn meta(bytes: &[u8]) -> Result<Meta, DicomError> {
    let mut position = start_of(bytes)?;
    let (mut syntax, mut sop_class) = (None, None);
    while bytes.get(position..position + 2) == Some(&[2, 0]) {
        let header = header(bytes, position, Encoding::ExplicitLittle)?;
        let value = value_of(bytes, position, &header)?;
        let text = || {
            let text = String::from_utf8_lossy(&bytes[value.clone()]);
            Some(text.trim_end_matches(['\0', ' ']).to_owned())
        };
        match header.tag {
            Tag(2, 0x02) => sop_class = text(),
            Tag(2, 0x10) => syntax = text(),
            _ => {}
        }
        position = value.end;
    }
    let name = bytes.get(position + 4..).and_then(<[u8]>::first_chunk);
    let name = name.map(|name| name.map(|byte: u8| byte.to_ascii_uppercase()));
    let vr = name.and_then(VR::from_binary);
    let syntax = syntax.unwrap_or_else(|| match vr {
        Some(_) => EXPLICIT_LITTLE.to_owned(),
        None => IMPLICIT_LITTLE.to_owned(),
    });
    let encoding = match (encoding_of(&syntax)?, vr, name) {
        (Encoding::ImplicitLittle, Some(_), _) => Encoding::ExplicitLittle,
        (Encoding::ExplicitLittle, None, Some(name))
            if !name.iter().all(u8::is_ascii_uppercase) =>
        {
            Encoding::ImplicitLittle
        }
        (encoding, ..) => encoding,
    };
    Ok(Meta {
        encoding,
        syntax,
        sop_class,
        start: position,
    })
}

/// The encoding of the data set; transfer syntaxes that are not read are an error.
fn encoding_of(syntax: &str) -> Result<Encoding, DicomError> {
    match syntax {
        IMPLICIT_LITTLE => Ok(Encoding::ImplicitLittle),
        "1.2.840.10008.1.2.2" => Ok(Encoding::ExplicitBig),
        // Explicit, RLE, JPEG Lossless (process 14, first order of it), JPEG 2000 (lossless only,
        // any).
        EXPLICIT_LITTLE
        | "1.2.840.10008.1.2.5"
        | "1.2.840.10008.1.2.4.57"
        | "1.2.840.10008.1.2.4.70"
        | "1.2.840.10008.1.2.4.90"
        | "1.2.840.10008.1.2.4.91" => Ok(Encoding::ExplicitLittle),
        _ => {
            let known = TransferSyntaxRegistry.get(syntax);
            Err(DicomError::TransferSyntax {
                uid: syntax.to_owned(),
                name: known.map_or("unknown", |syntax| syntax.name()).to_owned(),
                hint: match syntax {
                    "1.2.840.10008.1.2.4.80" | "1.2.840.10008.1.2.4.81" => "dcmdjpls IN OUT",
                    "1.2.840.10008.1.2.1.99" => "dcmconv +te IN OUT",
                    _ => "gdcmconv --raw IN OUT",
                },
            })
        }
    }
}
