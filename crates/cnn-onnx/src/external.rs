//! Values in files beside the model, each of which is read once.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use crate::error::Error;
use crate::proto::{Attribute, Data, ModelProto, Tensor};

/// Bytes of all files beside a model together; the largest classifiers have 2 GB.
const MAX_BYTES: u64 = 4 << 30;

/// The files in which a model keeps values, by the names that it gives them.
#[derive(Debug)]
pub(crate) struct ExternalData {
    files: BTreeMap<String, Result<Vec<u8>, (io::ErrorKind, String)>>,
}

impl ExternalData {
    /// Reads all files that the model names from its folder and from nowhere else. A file that may
    /// not or cannot be read is an error where its values are asked for.
    pub(crate) fn read(model: &ModelProto<'_>, folder: Option<&Path>) -> Self {
        let mut files = BTreeMap::new();
        let mut left = MAX_BYTES;
        for location in locations(model) {
            if files.contains_key(location) {
                continue;
            }
            let file = allowed_path(location, folder)
                .and_then(|path| read_file(&path, &mut left))
                .map_err(|error| (error.kind(), error.to_string()));
            files.insert(location.to_owned(), file);
        }
        Self { files }
    }

    /// The files that were read: their names in the model, and their bytes.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let files = self.files.iter();
        files.filter_map(|(name, file)| Some((name.as_str(), file.as_deref().ok()?)))
    }

    /// Number of bytes of all files.
    pub(crate) fn n_bytes(&self) -> usize {
        self.files().map(|(_, bytes)| bytes.len()).sum()
    }

    /// The bytes of a tensor, of which its shape asks for `n_bytes`.
    pub(crate) fn values(
        &self,
        tensor: &Tensor<'_>,
        entries: &[(&str, &str)],
        n_bytes: usize,
    ) -> Result<&[u8], Error> {
        let location = value_of(entries, "location").unwrap_or_default();
        let bytes = self.part(location, entries, n_bytes);
        bytes.map_err(|source| Error::ExternalData {
            tensor: tensor.name.to_owned(),
            location: location.to_owned(),
            source,
        })
    }

    fn part(
        &self,
        location: &str,
        entries: &[(&str, &str)],
        n_bytes: usize,
    ) -> Result<&[u8], io::Error> {
        let number = |key: &str| match value_of(entries, key) {
            None => Ok(None),
            Some(text) => text
                .parse::<u64>()
                .map(Some)
                .map_err(|_| invalid(format!("its {key} is {text:?}, expected a whole number"))),
        };
        let offset = number("offset")?.unwrap_or(0);
        if let Some(length) = number("length")?
            && length != n_bytes as u64
        {
            return Err(invalid(format!(
                "its length is {length} bytes, its shape asks for {n_bytes}"
            )));
        }
        let file = match self.files.get(location) {
            Some(Ok(file)) => file,
            Some(Err((kind, message))) => return Err(io::Error::new(*kind, message.clone())),
            None => return Err(invalid("it was not read with the model")),
        };
        let start = usize::try_from(offset).ok();
        start
            .and_then(|start| file.get(start..start.checked_add(n_bytes)?))
            .ok_or_else(|| {
                invalid(format!(
                    "it has {} bytes, {n_bytes} from byte {offset} are expected",
                    file.len()
                ))
            })
    }
}

fn invalid(message: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message.into())
}

/// A regular file of at most `left` bytes, which it takes from them.
fn read_file(path: &Path, left: &mut u64) -> Result<Vec<u8>, io::Error> {
    let metadata = fs::metadata(path)?;
    // A pipe would wait to be written to.
    if !metadata.is_file() {
        return Err(invalid("not a regular file"));
    }
    let too_large = || {
        invalid(format!(
            "the files beside the model have more than {MAX_BYTES} bytes"
        ))
    };
    if metadata.len() > *left {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(metadata.len() as usize)?;
    File::open(path)?.take(*left + 1).read_to_end(&mut bytes)?;
    *left = left.checked_sub(bytes.len() as u64).ok_or_else(too_large)?;
    Ok(bytes)
}

/// The places of all values that are not in the model itself.
fn locations<'m>(model: &'m ModelProto<'_>) -> impl Iterator<Item = &'m str> {
    let attributes = model.nodes.iter().flat_map(|node| &node.attributes);
    let in_nodes = attributes.filter_map(|(_, attribute)| match attribute {
        Attribute::Tensor(tensor) => Some(tensor),
        _ => None,
    });
    let tensors = model.initializers.iter().chain(in_nodes);
    tensors.filter_map(|tensor| match &tensor.data {
        Data::External(entries) => value_of(entries, "location"),
        _ => None,
    })
}

fn value_of<'e>(entries: &[(&str, &'e str)], key: &str) -> Option<&'e str> {
    let mut entries = entries.iter();
    entries.find(|(k, _)| *k == key).map(|(_, value)| *value)
}

/// The file of this name in the folder of the model, out of which no link may lead.
fn allowed_path(location: &str, folder: Option<&Path>) -> Result<PathBuf, io::Error> {
    let is_below = Path::new(location)
        .components()
        .all(|component| matches!(component, Component::Normal(_) | Component::CurDir));
    let outside = || invalid("only a file in the folder of the model is read");
    if !is_below || location.is_empty() {
        return Err(outside());
    }
    let folder = match folder {
        // That of a bare name is the current folder.
        Some(folder) if folder == Path::new("") => Path::new("."),
        Some(folder) => folder,
        None => return Err(invalid("the model is not a file with a folder")),
    };
    let folder = folder.canonicalize()?;
    let path = folder.join(location).canonicalize()?;
    match path.starts_with(&folder) {
        true => Ok(path),
        false => Err(outside()),
    }
}
