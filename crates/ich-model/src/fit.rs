//! How the tensors of a file compare with those of the network.

use std::collections::BTreeMap;

use crate::entry::Entry;
use crate::layout::{Layout, STEM};
use crate::net::MAX_WIDTH;
use crate::selection::Selected;

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
    /// Tensors among those of the network that it does not have, as the file names them.
    pub unexpected: Vec<String>,
    /// Tensors of another shape than the network's.
    pub misshapen: Vec<Misshapen>,
    /// Tensors that would be unexpected and that the [`Selection`](crate::Selection) leaves out.
    pub excluded: Vec<String>,
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

/// Compares names and shapes with those of the network, whose width is that of the file.
pub(crate) fn compare(selected: &Selected<'_>) -> Fit {
    let found: BTreeMap<&str, &Entry<'_>> = selected
        .entries
        .iter()
        .map(|entry| (entry.name.as_str(), entry))
        .collect();
    let stem = found.get(STEM).map(|entry| &entry.shape[..]);
    let width = match stem {
        Some(&[width, ..]) => width,
        _ => 0,
    };
    let mut fit = Fit {
        width,
        prefix: selected.prefix.clone(),
        unexpected: selected.surplus.clone(),
        excluded: selected.excluded.clone(),
        ignored: selected.beside.clone(),
        ..Fit::default()
    };
    // Of no width, or of one that is out of range, names alone are compared with sense.
    let layout = Layout::of_width(width.clamp(1, MAX_WIDTH));
    for (name, expected) in layout.tensors(selected.naming) {
        match found.get(name.as_str()) {
            None => fit.missing.push(name),
            Some(entry) if entry.shape != expected => fit.misshapen.push(Misshapen {
                name,
                found: entry.shape.clone(),
                expected,
            }),
            Some(_) => {}
        }
    }
    fit
}
