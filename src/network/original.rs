//! The material of the original demonstration.

use std::path::PathBuf;

use ich_model::pretrained;
use pinned_fetch::{Cache, PinnedFile, Size};

/// The original's weights, background, slices and ground truth, each pinned by its git blob id.
#[derive(Debug, Clone)]
pub struct Material {
    /// The state dict of the classifier.
    pub weights: PinnedFile,
    /// What masked parts show.
    pub background: PinnedFile,
    /// The table of boxes.
    pub boxes: PinnedFile,
    /// Slices in Hounsfield units.
    pub slices: Vec<PinnedFile>,
}

/// Where the files of a [`Material`] are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MaterialPaths {
    /// The state dict of the classifier.
    pub weights: PathBuf,
    /// What masked parts show.
    pub background: PathBuf,
    /// The table of boxes.
    pub boxes: PathBuf,
    /// Slices in Hounsfield units.
    pub slices: Vec<PathBuf>,
}

/// SOPInstanceUID and blob id of the slices.
const SLICES: [(&str, &str); 4] = [
    (
        "1.2.276.0.7230010.3.1.4.296485376.1.1521713007.1700822",
        "9e9702298965a775e350cb8e99072a2e25905a2c",
    ),
    (
        "1.2.276.0.7230010.3.1.4.296485376.1.1521713021.1704518",
        "27c343f4f127eef290dcc79408e652a56433c88b",
    ),
    (
        "1.2.276.0.7230010.3.1.4.296485376.1.1521713469.1816851",
        "a68cec6fc25ce59d510ca4172a306e9f415e4ce8",
    ),
    (
        "1.2.276.0.7230010.3.1.4.296485376.1.1521713940.1946656",
        "dd6d5056c138b8132889f0b51629540187cb6471",
    ),
];

impl Material {
    /// The files in the folder `demo/RSNA_ICH_detection` of the original's repository.
    ///
    /// # Errors
    ///
    /// None: the pins are well-formed.
    pub fn original() -> Result<Self, ich_model::Error> {
        let image = |name: &str, blob_id: &str, n_bytes| {
            PinnedFile::new(
                format!("images/{name}"),
                blob_id.parse()?,
                Size::Exactly(n_bytes),
            )
        };
        Ok(Self {
            weights: pretrained::weights_file()?,
            background: image(
                "reference.pt",
                "19652dc8066e1f0ad96be05bffbd0a34d225ad28",
                3_146_552,
            )?,
            boxes: image("gt.csv", "4a554e6a71d7192daa863d7424361944d4b7ced5", 1451)?,
            slices: SLICES
                .iter()
                // 512 x 512 values of 16 bits behind a header of 128 bytes.
                .map(|(uid, blob_id)| image(&format!("{uid}.npy"), blob_id, 524_416))
                .collect::<Result<_, _>>()?,
        })
    }

    /// All files, the smallest first.
    pub fn files(&self) -> Vec<PinnedFile> {
        let mut files = vec![self.boxes.clone()];
        files.extend(self.slices.iter().cloned());
        files.extend([self.background.clone(), self.weights.clone()]);
        files
    }

    /// Where the files are, if all of them are in the cache; each is verified.
    ///
    /// # Errors
    ///
    /// [`pinned_fetch::Error::Corrupt`] for a file of another content, and errors of reading.
    pub fn find(&self, cache: &Cache) -> Result<Option<MaterialPaths>, pinned_fetch::Error> {
        for file in self.files() {
            if cache.find(&file)?.is_none() {
                return Ok(None);
            }
        }
        Ok(Some(MaterialPaths {
            weights: cache.path(&self.weights),
            background: cache.path(&self.background),
            boxes: cache.path(&self.boxes),
            slices: self.slices.iter().map(|file| cache.path(file)).collect(),
        }))
    }
}
