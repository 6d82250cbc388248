//! Values in files beside the model, each of which is read once.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use super::model::{Attribute, Data, Model, Tensor};
use crate::Error;
use crate::checkpoint::{self, MAX_FILE_BYTES};

/// The files in which a model keeps values, by the names that it gives them.
#[derive(Debug)]
pub(crate) struct ExternalData {
    files: BTreeMap<String, Result<DataFile, String>>,
}

#[derive(Debug)]
struct DataFile {
    bytes: Vec<u8>,
    sha256: String,
}

/// A file beside an ONNX model that holds values of its tensors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalFile {
    /// Its name in the model, relative to the model's folder.
    pub name: String,
    /// The hash of the bytes that were read, in hexadecimal.
    pub sha256: String,
}

impl ExternalData {
    /// Reads all files that the model names from the folder it is in and from nowhere else. A file
    /// that may not or cannot be read is an error where its values are asked for.
    pub(crate) fn read(model: &[u8], path: Option<&Path>) -> Self {
        let mut data = Self {
            files: BTreeMap::new(),
        };
        // A model that is malformed is refused where its graph is asked for.
        let Ok(model) = Model::read(model) else {
            return data;
        };
        let mut left = MAX_FILE_BYTES;
        for location in locations(&model) {
            if data.files.contains_key(location) {
                continue;
            }
            let file = allowed_path(location, path).and_then(|path| {
                let bytes = checkpoint::read_file(&path).map_err(|error| error.with_causes())?;
                let n_bytes = bytes.len() as u64;
                left = left.checked_sub(n_bytes).ok_or_else(|| {
                    format!("the files beside the model have more than {MAX_FILE_BYTES} bytes")
                })?;
                let sha256 = checkpoint::sha256(&bytes);
                Ok(DataFile { bytes, sha256 })
            });
            data.files.insert(location.to_owned(), file);
        }
        data
    }

    /// The files that were read.
    pub(crate) fn files(&self) -> Vec<ExternalFile> {
        let files = self.files.iter();
        files
            .filter_map(|(name, file)| {
                let file = file.as_ref().ok()?;
                Some(ExternalFile {
                    name: name.clone(),
                    sha256: file.sha256.clone(),
                })
            })
            .collect()
    }

    /// The bytes of a tensor, of which its shape asks for `n_bytes`.
    pub(super) fn values(
        &self,
        tensor: &Tensor<'_>,
        entries: &[(&str, &str)],
        n_bytes: usize,
    ) -> Result<Vec<u8>, Error> {
        let location = value_of(entries, "location").unwrap_or_default();
        let fault = |reason: String| Error::ExternalData {
            tensor: tensor.name.to_owned(),
            location: location.to_owned(),
            reason,
        };
        let number = |key: &str| match value_of(entries, key) {
            None => Ok(None),
            Some(text) => text
                .parse::<u64>()
                .map(Some)
                .map_err(|_| fault(format!("its {key} is {text:?}, expected a whole number"))),
        };
        let offset = number("offset")?.unwrap_or(0);
        if let Some(length) = number("length")?
            && length != n_bytes as u64
        {
            return Err(fault(format!(
                "its length is {length} bytes, its shape asks for {n_bytes}"
            )));
        }
        let file = match self.files.get(location) {
            Some(Ok(file)) => &file.bytes,
            Some(Err(reason)) => return Err(fault(reason.clone())),
            None => return Err(fault("it was not read with the model".to_owned())),
        };
        let start = usize::try_from(offset).ok();
        start
            .and_then(|start| file.get(start..start.checked_add(n_bytes)?))
            .map(<[u8]>::to_vec)
            .ok_or_else(|| {
                fault(format!(
                    "it has {} bytes, {n_bytes} from byte {offset} are expected",
                    file.len()
                ))
            })
    }
}

/// The places of all values that are not in the model itself.
fn locations<'m>(model: &'m Model<'_>) -> impl Iterator<Item = &'m str> {
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
fn allowed_path(location: &str, model: Option<&Path>) -> Result<PathBuf, String> {
    let is_below = Path::new(location)
        .components()
        .all(|component| matches!(component, Component::Normal(_) | Component::CurDir));
    let outside = || Err("only a file in the folder of the model is read".to_owned());
    if !is_below || location.is_empty() {
        return outside();
    }
    let folder = match model.map(|model| model.parent()) {
        // A bare name is in the current folder.
        Some(Some(folder)) if folder == Path::new("") => Path::new("."),
        Some(Some(folder)) => folder,
        Some(None) | None => return Err("the model is not a file with a folder".to_owned()),
    };
    let folder = folder.canonicalize().map_err(|error| error.to_string())?;
    let path = folder.join(location).canonicalize();
    let path = path.map_err(|error| error.to_string())?;
    match path.starts_with(&folder) {
        true => Ok(path),
        false => outside(),
    }
}
