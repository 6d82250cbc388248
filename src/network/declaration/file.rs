use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::error::DeclarationError;
use super::partial::PartialDeclaration;

/// The key of a model's metadata under which a declaration is.
pub const METADATA_KEY: &str = "ich.model";

/// Longest declaration or configuration; one of a thousand labels has some 50 kB.
const MAX_BYTES: usize = 1 << 20;

impl PartialDeclaration {
    /// Reads a declaration.
    ///
    /// # Errors
    ///
    /// As [`PartialDeclaration::from_bytes`], and for a file that cannot be read; each names the file.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, DeclarationError> {
        let path = path.as_ref();
        read_text(path)
            .and_then(|text| Self::from_json(&text))
            .map_err(|error| error.at(path.display()))
    }

    /// Reads the declaration beside a model, `NAME.ich.json` beside `NAME.onnx`, if there is one.
    ///
    /// # Errors
    ///
    /// As [`PartialDeclaration::read`], but for a file that is not there.
    pub fn read_beside(
        model: impl AsRef<Path>,
    ) -> Result<Option<(PathBuf, Self)>, DeclarationError> {
        let path = beside(model.as_ref());
        match path.try_exists() {
            Ok(false) => Ok(None),
            _ => Self::read(&path).map(|declared| Some((path, declared))),
        }
    }

    /// The declaration in a model's metadata, of keys and values, if there is one.
    ///
    /// # Errors
    ///
    /// As [`PartialDeclaration::from_bytes`].
    pub fn from_metadata(metadata: &[(&str, &str)]) -> Result<Option<Self>, DeclarationError> {
        let found = metadata.iter().find(|(key, _)| *key == METADATA_KEY);
        let Some((key, text)) = found else {
            return Ok(None);
        };
        Self::from_bytes(text.as_bytes())
            .map(Some)
            .map_err(|error| error.at(format!("the model's metadata {key}")))
    }

    /// Decodes a declaration.
    ///
    /// # Errors
    ///
    /// [`DeclarationError::TooLong`], and those of [`PartialDeclaration::from_json`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DeclarationError> {
        text(bytes.to_vec()).and_then(|text| Self::from_json(&text))
    }
}

/// `NAME.ich.json` for a model `NAME.onnx`.
fn beside(model: &Path) -> PathBuf {
    let mut name: OsString = model.file_stem().unwrap_or_default().to_owned();
    name.push(".ich.json");
    model.with_file_name(name)
}

pub(super) fn read_text(path: &Path) -> Result<String, DeclarationError> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes))
        .map_err(DeclarationError::Read)?;
    text(bytes)
}

fn text(bytes: Vec<u8>) -> Result<String, DeclarationError> {
    if bytes.len() > MAX_BYTES {
        return Err(DeclarationError::TooLong { limit: MAX_BYTES });
    }
    String::from_utf8(bytes)
        .map_err(|error| DeclarationError::Read(io::Error::new(io::ErrorKind::InvalidData, error)))
}
