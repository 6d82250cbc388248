//! What a file is that is no file of weights, and how its weights can be had.

use std::fmt;
use std::path::Path;

/// A file that holds no weights which are read here, told by its content.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Foreign {
    /// A file of no bytes.
    Empty,
    /// What git keeps in place of a large file.
    GitLfsPointer,
    /// A page of the web, in place of a download.
    HtmlPage,
    /// An archive of `torch.export.save`.
    TorchExport,
    /// An archive of PyTorch before 0.1.10, or another tar archive.
    Tar,
    /// A pickle that `torch.save` did not write, with the class it holds.
    Pickle(Option<String>),
    /// HDF5, in which Keras keeps models.
    Hdf5,
    /// A `.keras` archive.
    Keras,
    /// A model of TensorFlow Lite.
    TfLite,
    /// A folder or a graph of TensorFlow.
    TensorFlow,
    /// A model of Apple's Core ML.
    CoreMl,
    /// A model of OpenVINO.
    OpenVino,
    /// ONNX Runtime's own format.
    OrtFormat,
    /// A model of llama.cpp and its kin.
    Gguf,
    /// One array of NumPy.
    Npy,
    /// Several arrays of NumPy.
    Npz,
    /// A zip archive of anything else, with the name of one of its entries.
    Zip(Option<String>),
    /// A compressed file.
    Gzip,
    /// A slice or an image.
    Image,
}

impl Foreign {
    /// What the bytes of a file are, as far as they tell.
    pub(crate) fn of_bytes(bytes: &[u8]) -> Option<Self> {
        let at = |place: usize, magic: &[u8]| {
            let rest = bytes.get(place..);
            rest.is_some_and(|rest| rest.starts_with(magic))
        };
        let start = &bytes[..bytes.len().min(4096)];
        let text = String::from_utf8_lossy(start).trim_start().to_lowercase();
        Some(if bytes.is_empty() {
            Self::Empty
        } else if text.starts_with("version https://git-lfs") {
            Self::GitLfsPointer
        } else if text.starts_with("<!doctype html") || text.starts_with("<html") {
            Self::HtmlPage
        } else if text.starts_with("<?xml") && text.contains("<net ") {
            Self::OpenVino
        } else if at(0, b"\x89HDF\r\n\x1a\n") {
            Self::Hdf5
        } else if at(4, b"TFL3") {
            Self::TfLite
        } else if at(4, b"ORTM") {
            Self::OrtFormat
        } else if at(0, b"GGUF") {
            Self::Gguf
        } else if at(0, b"\x93NUMPY") {
            Self::Npy
        } else if at(0, &[0x1f, 0x8b]) {
            Self::Gzip
        } else if at(257, b"ustar") {
            Self::Tar
        } else if at(128, b"DICM") || at(0, b"\x89PNG") || at(0, &[0xff, 0xd8, 0xff]) {
            Self::Image
        } else {
            return None;
        })
    }

    /// What a zip archive without a pickle of PyTorch is, by the names of its entries.
    pub(crate) fn of_archive<'n>(names: impl Iterator<Item = &'n String> + Clone) -> Self {
        let any = |is: &dyn Fn(&str) -> bool| names.clone().any(|name| is(name));
        if any(&|name| {
            name.ends_with("models/model.json")
                || name.ends_with("serialized_exported_program.json")
        }) {
            Self::TorchExport
        } else if any(&|name| name.ends_with("model.weights.h5")) {
            Self::Keras
        } else if any(&|name| name.ends_with("saved_model.pb")) {
            Self::TensorFlow
        } else if any(&|name| name.ends_with(".mlmodel")) {
            Self::CoreMl
        } else if any(&|name| name.ends_with(".npy")) {
            Self::Npz
        } else {
            Self::Zip(names.min().cloned())
        }
    }

    /// What a folder is, by what lies in it.
    pub(crate) fn of_folder(path: &Path) -> Option<Self> {
        let has = |name: &str| path.join(name).exists();
        if has("saved_model.pb") {
            Some(Self::TensorFlow)
        } else if has("Manifest.json") && has("Data/com.apple.CoreML") {
            Some(Self::CoreMl)
        } else {
            None
        }
    }
}

/// How the weights of a model in PyTorch are saved.
const SAVE: &str = "save its weights with torch.save(model.state_dict(), \"weights.pt\")";

/// How those of another framework come here.
const EXPORT: &str = "export the network to ONNX, in f32";

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "it is empty"),
            Self::GitLfsPointer => write!(
                f,
                "it is a git-LFS pointer; fetch the file itself with `git lfs pull`"
            ),
            Self::HtmlPage => write!(f, "it is an HTML page, perhaps of a log-in"),
            Self::TorchExport => write!(f, "it is an archive of torch.export; {SAVE}"),
            Self::Tar => write!(f, "it is a tar archive; unpack it, or {SAVE}"),
            Self::Pickle(Some(class)) => write!(
                f,
                "it is a pickle of {class} that torch.save did not write; of a network in PyTorch, {SAVE}"
            ),
            Self::Pickle(None) => write!(
                f,
                "it is a pickle that torch.save did not write; of a network in PyTorch, {SAVE}"
            ),
            Self::Hdf5 => write!(f, "it is HDF5, perhaps a model of Keras; {EXPORT}"),
            Self::Keras => write!(f, "it is a model of Keras; {EXPORT}"),
            Self::TfLite => write!(f, "it is a model of TensorFlow Lite; {EXPORT}"),
            Self::TensorFlow => write!(f, "it is a model of TensorFlow; {EXPORT}"),
            Self::CoreMl => write!(f, "it is a model of Core ML; {EXPORT}"),
            Self::OpenVino => write!(f, "it is a model of OpenVINO; {EXPORT}"),
            Self::OrtFormat => write!(
                f,
                "it is a model in ONNX Runtime's own format; use the ONNX file that it was made of"
            ),
            Self::Gguf => write!(f, "it is a GGUF file, which holds language models"),
            Self::Npy => write!(f, "it is one array of NumPy"),
            Self::Npz => write!(
                f,
                "it is a collection of NumPy arrays; save them as safetensors"
            ),
            Self::Zip(Some(entry)) => write!(
                f,
                "it is a zip archive that torch.save did not write, with {entry:?}; unpack it"
            ),
            Self::Zip(None) => write!(f, "it is a zip archive without entries"),
            Self::Gzip => write!(f, "it is compressed by gzip; unpack it"),
            Self::Image => write!(f, "it is a slice or an image"),
        }
    }
}
