//! A file of weights, looked into before it becomes a network.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use burn::tensor::Device;
use burn_store::burn_pack::Tensor as StoredTensor;

use crate::entry::{Entry, TensorInfo, dtype_name};
use crate::format::Format;
use crate::layout::{Layout, Naming, STEM};
use crate::net::MAX_WIDTH;
use crate::{Error, RsnaHemorrhageNet, RsnaHemorrhageNetConfig, checkpoint, onnx};

/// A file of weights: its format and what tensors it holds, values not read yet.
///
/// ```no_run
/// use ich_model::WeightsFile;
///
/// let file = WeightsFile::open("mine.pt")?;
/// println!("{}", file.format());
/// for tensor in file.tensors()? {
///     println!("{} {} {:?}", tensor.name, tensor.dtype, tensor.shape);
/// }
/// let fit = file.fit()?;
/// println!("missing: {:?}, left over: {:?}", fit.missing, fit.unexpected);
/// # Ok::<(), ich_model::Error>(())
/// ```
#[derive(Debug)]
pub struct WeightsFile {
    path: Option<PathBuf>,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Tensors(Format, Vec<StoredTensor>),
    Onnx(Vec<u8>),
}

/// How the tensors of a file compare with those of the network.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fit {
    /// Channels behind the stem, as the file has them; 0 where it has no stem.
    pub width: usize,
    /// What stands before the network's own names in the file, such as `state_dict.module.`.
    pub prefix: String,
    /// Tensors of the network that the file does not hold.
    pub missing: Vec<String>,
    /// Tensors among those of the network that it does not have.
    pub unexpected: Vec<String>,
    /// Tensors of another shape than the network's.
    pub misshapen: Vec<Misshapen>,
    /// Tensors that are not read: counters of training steps, and what stands beside the network,
    /// such as the state of an optimizer.
    pub ignored: Vec<String>,
}

impl Fit {
    /// True where every tensor of the network is there in its shape, and nothing else is.
    pub fn is_complete(&self) -> bool {
        self.missing.is_empty() && self.unexpected.is_empty() && self.misshapen.is_empty()
    }
}

/// A tensor that has not the shape of the network's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misshapen {
    /// Its name in the network.
    pub name: String,
    /// Its shape in the file.
    pub found: Vec<usize>,
    /// The shape in the network.
    pub expected: Vec<usize>,
}

/// The file's tensors under the names of the network, and those that are none of them.
struct Named<'f> {
    naming: Naming,
    prefix: String,
    entries: Vec<Entry<'f>>,
    ignored: Vec<String>,
}

impl WeightsFile {
    /// Opens a file of any [`Format`], told apart by content.
    ///
    /// A pickle is only parsed, never executed. A PyTorch file is read lazily and must stay as it
    /// is while this value lives; any other format is read whole.
    ///
    /// # Errors
    ///
    /// [`Error::File`], which names the file and holds the cause: [`Error::Io`],
    /// [`Error::NotAFile`], [`Error::FileTooLarge`], [`Error::UnknownFormat`] and
    /// [`Error::Malformed`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let content = || {
            let format = checkpoint::detect(path)?;
            Ok(match format {
                Format::PyTorch | Format::PyTorchLegacy => {
                    Content::Tensors(format, checkpoint::open_pytorch(path)?)
                }
                Format::Safetensors => {
                    Content::Tensors(format, checkpoint::open_safetensors(fs::read(path)?)?)
                }
                Format::Burnpack => {
                    Content::Tensors(format, checkpoint::open_burnpack(fs::read(path)?)?)
                }
                Format::Onnx => Content::Onnx(fs::read(path)?),
            })
        };
        Ok(Self {
            content: content().map_err(|error: Error| error.in_file(path))?,
            path: Some(path.to_owned()),
        })
    }

    /// The bytes of a safetensors file.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`].
    pub fn from_safetensors(bytes: Vec<u8>) -> Result<Self, Error> {
        let tensors = checkpoint::open_safetensors(bytes)?;
        Ok(Self {
            path: None,
            content: Content::Tensors(Format::Safetensors, tensors),
        })
    }

    /// The format of the file.
    pub fn format(&self) -> Format {
        match self.content {
            Content::Tensors(format, _) => format,
            Content::Onnx(_) => Format::Onnx,
        }
    }

    /// All tensors of the file, as it names them.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`], in a file of ONNX.
    pub fn tensors(&self) -> Result<Vec<TensorInfo>, Error> {
        match &self.content {
            Content::Tensors(_, tensors) => Ok(tensors.iter().map(info).collect()),
            Content::Onnx(bytes) => onnx::tensors(bytes).map_err(|error| self.name(error)),
        }
    }

    /// Compares names and shapes with those of the network, whose width is that of the file.
    ///
    /// # Errors
    ///
    /// [`Error::SeveralNetworks`]; in a file of ONNX those of its graph, such as
    /// [`Error::OnnxNode`].
    pub fn fit(&self) -> Result<Fit, Error> {
        let named = self.named().map_err(|error| self.name(error))?;
        Ok(compare(&named))
    }

    /// The network with these weights.
    ///
    /// Values of f16, bf16, f32 and f64 are taken and computed with in `f32`. Every tensor of the
    /// network must be there, with its shape and finite values, and nothing else beside it.
    ///
    /// # Errors
    ///
    /// [`Error::AutodiffDevice`]; all others in [`Error::File`] where the weights are in a file.
    pub fn network(&self, device: &Device) -> Result<RsnaHemorrhageNet, Error> {
        if device.is_autodiff() {
            return Err(Error::AutodiffDevice);
        }
        self.load(device).map_err(|error| self.name(error))
    }

    fn load(&self, device: &Device) -> Result<RsnaHemorrhageNet, Error> {
        let named = self.named()?;
        let fit = compare(&named);
        if let Some(first) = fit.missing.first() {
            return Err(Error::MissingTensors {
                first: first.clone(),
                n_missing: fit.missing.len(),
            });
        }
        if let Some(first) = fit.unexpected.first() {
            return Err(Error::UnexpectedTensors {
                first: first.clone(),
                n_unexpected: fit.unexpected.len(),
            });
        }
        if !(1..=MAX_WIDTH).contains(&fit.width) {
            let stem = fit.misshapen.into_iter().find(|tensor| tensor.name == STEM);
            return Err(Error::Shape {
                tensor: STEM.to_owned(),
                found: stem.map(|stem| stem.found).unwrap_or_default(),
                expected: format!("[width, 3, 7, 7] with a width from 1 to {MAX_WIDTH}"),
            });
        }
        if let Some(first) = fit.misshapen.into_iter().next() {
            return Err(Error::Shape {
                tensor: first.name,
                found: first.found,
                expected: format!("{:?}", first.expected),
            });
        }
        RsnaHemorrhageNetConfig::new()
            .with_width(fit.width)
            .init(device)?
            .with_tensors(&named.entries, named.naming)
    }

    fn named(&self) -> Result<Named<'_>, Error> {
        match &self.content {
            Content::Tensors(Format::Burnpack, tensors) => Ok(Named {
                naming: Naming::Burn,
                prefix: String::new(),
                entries: tensors
                    .iter()
                    .map(|tensor| Entry::stored(tensor.name.clone(), tensor))
                    .collect(),
                ignored: Vec::new(),
            }),
            Content::Tensors(_, tensors) => by_prefix(tensors),
            Content::Onnx(bytes) => {
                let folder = self.path.as_deref().and_then(Path::parent);
                Ok(Named {
                    naming: Naming::PyTorch,
                    prefix: String::new(),
                    entries: onnx::entries(bytes, folder)?,
                    ignored: Vec::new(),
                })
            }
        }
    }

    /// Names the file, where there is one.
    fn name(&self, error: Error) -> Error {
        match &self.path {
            Some(path) => error.in_file(path),
            None => error,
        }
    }
}

fn info(tensor: &StoredTensor) -> TensorInfo {
    TensorInfo {
        name: tensor.name.clone(),
        dtype: dtype_name(tensor.dtype),
        shape: tensor.shape.to_vec(),
    }
}

/// The network in a checkpoint: where its stem is, there is the rest.
///
/// What stands below the same first key belongs to the network; what stands beside that key, such
/// as an optimizer's state, does not.
fn by_prefix(tensors: &[StoredTensor]) -> Result<Named<'_>, Error> {
    let prefixes: Vec<&str> = tensors
        .iter()
        .filter_map(|tensor| tensor.name.strip_suffix(STEM))
        .filter(|prefix| prefix.is_empty() || prefix.ends_with('.'))
        .collect();
    let prefix = match prefixes[..] {
        [] => "",
        [prefix] => prefix,
        [first, second, ..] => {
            return Err(Error::SeveralNetworks {
                first: format!("{first}{STEM}"),
                second: format!("{second}{STEM}"),
            });
        }
    };
    let family = prefix.split_once('.').map(|(first, _)| first);
    let mut named = Named {
        naming: Naming::PyTorch,
        prefix: prefix.to_owned(),
        entries: Vec::new(),
        ignored: Vec::new(),
    };
    for tensor in tensors {
        let name = &tensor.name;
        let is_beside = family.is_some_and(|family| name.split('.').next() != Some(family));
        if is_beside || name.ends_with(".num_batches_tracked") {
            named.ignored.push(name.clone());
        } else {
            // A name outside the prefix stays whole and is none of the network's.
            let short = name.strip_prefix(prefix).unwrap_or(name);
            named.entries.push(Entry::stored(short.to_owned(), tensor));
        }
    }
    Ok(named)
}

fn compare(named: &Named<'_>) -> Fit {
    let found: BTreeMap<&str, &Entry<'_>> = named
        .entries
        .iter()
        .map(|entry| (entry.name.as_str(), entry))
        .collect();
    let stem = found.get(STEM).map(|entry| &entry.shape[..]);
    let width = match stem {
        Some(&[width, ..]) => width,
        _ => 0,
    };
    // Of no width, or of one that is out of range, names alone are compared with sense.
    let layout = Layout::of_width(width.clamp(1, MAX_WIDTH));
    let mut fit = Fit {
        width,
        prefix: named.prefix.clone(),
        ignored: named.ignored.clone(),
        ..Fit::default()
    };
    let mut expected_names = BTreeSet::new();
    for (name, expected) in layout.tensors(named.naming) {
        match found.get(name.as_str()) {
            None => fit.missing.push(name.clone()),
            Some(entry) if entry.shape != expected => fit.misshapen.push(Misshapen {
                name: name.clone(),
                found: entry.shape.clone(),
                expected,
            }),
            Some(_) => {}
        }
        expected_names.insert(name);
    }
    let surplus = found.keys().filter(|name| !expected_names.contains(**name));
    fit.unexpected = surplus.map(|&name| name.to_owned()).collect();
    fit
}
