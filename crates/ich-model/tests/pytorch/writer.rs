//! Files as `torch.save` writes them, made by hand.

use std::collections::BTreeMap;
use std::path::Path;

use flate2::Crc;
use ich_model::{Container, Precision, RsnaHemorrhageNet};
use safetensors::SafeTensors;

/// A pickle under construction, of protocol 2.
#[derive(Clone, Default)]
pub(crate) struct Pickle(pub(crate) Vec<u8>);

impl Pickle {
    pub(crate) fn raw(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.0.extend(bytes.as_ref());
        self
    }

    pub(crate) fn text(self, text: &str) -> Self {
        let length = (text.len() as u32).to_le_bytes();
        self.raw(b"X").raw(length).raw(text)
    }

    pub(crate) fn int(self, value: usize) -> Self {
        self.raw(b"J").raw((value as i32).to_le_bytes())
    }

    pub(crate) fn global(self, module: &str, name: &str) -> Self {
        self.raw(format!("c{module}\n{name}\n"))
    }

    fn sizes(self, sizes: &[usize]) -> Self {
        let all = sizes.iter().fold(self.raw(b"("), |p, &size| p.int(size));
        all.raw(b"t")
    }

    /// A reference to a storage.
    pub(crate) fn storage(self, kind: &str, key: &str, n_values: usize) -> Self {
        let id = self.raw(b"(").text("storage").global("torch", kind);
        id.text(key).text("cpu").int(n_values).raw(b"tQ")
    }

    /// A tensor whose storage is its own.
    pub(crate) fn tensor(self, kind: &str, key: &str, shape: &[usize], strides: &[usize]) -> Self {
        let n_values = shape.iter().product();
        self.view(kind, (key, n_values), shape, strides)
    }

    /// A tensor in a storage of a key and so many values.
    pub(crate) fn view(
        self,
        kind: &str,
        (key, n_values): (&str, usize),
        shape: &[usize],
        strides: &[usize],
    ) -> Self {
        self.global("torch._utils", "_rebuild_tensor_v2")
            .raw(b"(")
            .storage(kind, key, n_values)
            .int(0)
            .sizes(shape)
            .sizes(strides)
            .raw([0x89])
            .global("collections", "OrderedDict")
            .raw(b")RtR")
    }
}

/// Values of a network by their PyTorch names: shape and bytes in f32.
pub(crate) type Tensors = BTreeMap<String, (Vec<usize>, Vec<u8>)>;

/// The tensors of a network.
pub(crate) fn tensors_of(net: &RsnaHemorrhageNet) -> Tensors {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("net.safetensors");
    net.save(&path, Container::Safetensors, Precision::F32)
        .expect("saved");
    let bytes = std::fs::read(path).expect("bytes");
    let tensors = SafeTensors::deserialize(&bytes).expect("safetensors");
    let tensors = tensors.tensors().into_iter();
    tensors
        .map(|(name, view)| (name, (view.shape().to_vec(), view.data().to_vec())))
        .collect()
}

pub(crate) fn row_major(shape: &[usize]) -> Vec<usize> {
    let mut strides = vec![1; shape.len()];
    for index in (1..shape.len()).rev() {
        strides[index - 1] = strides[index] * shape[index];
    }
    strides
}

/// The items of a state dict, and its storages whose keys begin with `prefix`.
pub(crate) fn state_dict(pickle: Pickle, tensors: &Tensors, prefix: &str) -> (Pickle, Blobs) {
    let mut pickle = pickle.global("collections", "OrderedDict").raw(b")R(");
    let mut blobs = Blobs::new();
    for (index, (name, (shape, values))) in tensors.iter().enumerate() {
        let key = format!("{prefix}{index}");
        pickle = pickle
            .text(name)
            .tensor("FloatStorage", &key, shape, &row_major(shape));
        blobs.push((format!("data/{key}"), values.clone()));
    }
    (pickle.raw(b"u"), blobs)
}

/// Entries of an archive by their names behind its root.
pub(crate) type Blobs = Vec<(String, Vec<u8>)>;

/// An archive as PyTorch writes it: stored entries whose bytes begin at a multiple of 64, sizes
/// behind the bytes, and the records of zip64 at the end.
pub(crate) fn archive(stem: &str, pickle: &Pickle, blobs: &Blobs) -> Vec<u8> {
    let pickle = [b"\x80\x02", &pickle.0[..], b"."].concat();
    let mut entries = vec![("data.pkl".to_owned(), pickle)];
    entries.extend(blobs.iter().cloned());
    entries.push(("version".to_owned(), b"3\n".to_vec()));
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    for (name, bytes) in &entries {
        let name = format!("{stem}/{name}");
        let start = file.len() as u32;
        let mut crc = Crc::new();
        crc.update(bytes);
        let sizes = [crc.sum(), bytes.len() as u32, bytes.len() as u32].map(u32::to_le_bytes);
        let padding = 64 - (file.len() + 30 + name.len() + 4) % 64;
        let versions = [0, 0, 8, 8, 0, 0, 0, 0, 0, 0];
        file.extend(b"PK\x03\x04");
        file.extend(versions);
        file.extend(sizes.as_flattened());
        file.extend((name.len() as u16).to_le_bytes());
        file.extend((4 + padding as u16).to_le_bytes());
        file.extend(name.as_bytes());
        file.extend(b"FB");
        file.extend((padding as u16).to_le_bytes());
        file.extend(vec![b'Z'; padding]);
        file.extend(bytes);
        file.extend(b"PK\x07\x08");
        file.extend(sizes.as_flattened());

        directory.extend(b"PK\x01\x02\x00\x00");
        directory.extend(versions);
        directory.extend(sizes.as_flattened());
        directory.extend((name.len() as u16).to_le_bytes());
        // No extra field, no comment, first disk, no attributes.
        directory.extend([0; 12]);
        directory.extend(start.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let (start, length) = (file.len() as u64, directory.len() as u64);
    let n_entries = entries.len() as u64;
    file.extend(directory);
    let record = file.len() as u64;
    file.extend(b"PK\x06\x06");
    file.extend(44_u64.to_le_bytes());
    file.extend([0x1e, 3, 0x2d, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    for number in [n_entries, n_entries, length, start] {
        file.extend(number.to_le_bytes());
    }
    file.extend(b"PK\x06\x07\x00\x00\x00\x00");
    file.extend(record.to_le_bytes());
    file.extend(1_u32.to_le_bytes());
    file.extend(b"PK\x05\x06\x00\x00\x00\x00");
    file.extend((n_entries as u16).to_le_bytes());
    file.extend((n_entries as u16).to_le_bytes());
    file.extend((length as u32).to_le_bytes());
    file.extend((start as u32).to_le_bytes());
    file.extend([0, 0]);
    file
}

/// Writes an archive of this pickle.
pub(crate) fn write(path: &Path, pickle: &Pickle, blobs: &Blobs) {
    let stem = path.file_stem().and_then(|stem| stem.to_str());
    let file = archive(stem.expect("a name"), pickle, blobs);
    std::fs::write(path, file).expect("written");
}
