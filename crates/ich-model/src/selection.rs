//! Which tensors of a file are those of the network.

use std::collections::BTreeSet;

use glob::Pattern;

use crate::Error;
use crate::entry::Entry;
use crate::layout::{Layout, Naming, STEM};

/// What to take from a file that holds more than one network.
///
/// | field | default | purpose | a bad value gives |
/// | --- | --- | --- | --- |
/// | `key` | `None` | the network below this key, of several | [`Error::NoNetworkAtKey`] |
/// | `ignore` | none | tensors that the network does not use, by their names in the file | no error: patterns never leave out a tensor of the network |
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// The key below which the network's tensors are, such as `model_ema`.
    pub key: Option<String>,
    /// Patterns for the names of surplus tensors, such as `attention_mechanism.*`; `*` stands for
    /// any characters, points among them.
    pub ignore: Vec<Pattern>,
}

/// The tensors of a file, sorted.
pub(crate) struct Selected<'f> {
    pub(crate) naming: Naming,
    pub(crate) prefix: String,
    /// Those of the network's names, under these names.
    pub(crate) entries: Vec<Entry<'f>>,
    /// Those among them that the network does not have; names as the file has them.
    pub(crate) surplus: Vec<String>,
    /// Surplus ones that the selection leaves out.
    pub(crate) excluded: Vec<String>,
    /// Counters of training steps, and what stands beside the network.
    pub(crate) beside: Vec<String>,
}

/// Finds the network in a file: where its stem is, there is the rest.
///
/// What stands below the same first key belongs to the network; what stands beside that key, such
/// as an optimizer's state, does not. Of a network that was chosen by its key, everything outside
/// of the key stands beside it.
pub(crate) fn select<'f>(
    entries: Vec<Entry<'f>>,
    naming: Naming,
    selection: &Selection,
) -> Result<Selected<'f>, Error> {
    let prefixes: Vec<String> = entries
        .iter()
        .filter_map(|entry| entry.name.strip_suffix(STEM))
        .filter(|prefix| prefix.is_empty() || prefix.ends_with('.'))
        .map(str::to_owned)
        .collect();
    let prefix = match (&selection.key, &prefixes[..]) {
        (Some(key), _) => at_key(key, &prefixes)?,
        (None, []) => String::new(),
        (None, [prefix]) => prefix.clone(),
        (None, _) => {
            return Err(Error::SeveralNetworks {
                stems: prefixes.iter().map(|p| format!("{p}{STEM}")).collect(),
                keys: prefixes.iter().map(|p| key_of(p)).collect(),
            });
        }
    };
    let family = match &selection.key {
        Some(_) => prefix.clone(),
        None => prefix.split_inclusive('.').take(1).collect(),
    };
    let own: BTreeSet<String> = own_names(naming);
    let mut selected = Selected {
        naming,
        entries: Vec::new(),
        surplus: Vec::new(),
        excluded: Vec::new(),
        beside: Vec::new(),
        prefix,
    };
    for mut entry in entries {
        let name = &entry.name;
        let short = name.strip_prefix(&selected.prefix);
        if let Some(short) = short.filter(|short| own.contains(*short)) {
            entry.name = short.to_owned();
            selected.entries.push(entry);
        } else if !name.starts_with(&family) || name.ends_with(".num_batches_tracked") {
            selected.beside.push(entry.name);
        } else if selection.ignore.iter().any(|p| p.matches(name)) {
            selected.excluded.push(entry.name);
        } else {
            selected.surplus.push(entry.name);
        }
    }
    Ok(selected)
}

/// Patterns that leave out the surplus tensors, as wide as they can be without the name of any
/// tensor of the network.
pub(crate) fn patterns(surplus: &[String], prefix: &str, naming: Naming) -> Vec<String> {
    let own: Vec<String> = own_names(naming)
        .into_iter()
        .map(|name| format!("{prefix}{name}"))
        .collect();
    let mut patterns: Vec<String> = surplus
        .iter()
        .map(|name| {
            let mut parents = name.match_indices('.').map(|(point, _)| &name[..=point]);
            let parent = parents.find(|parent| !own.iter().any(|own| own.starts_with(parent)));
            match parent {
                Some(parent) => format!("{}*", Pattern::escape(parent)),
                None => Pattern::escape(name),
            }
        })
        .collect();
    patterns.sort_unstable();
    patterns.dedup();
    patterns
}

/// The prefix that a key means: its own, or the one below it.
fn at_key(key: &str, prefixes: &[String]) -> Result<String, Error> {
    let exact = prefixes.iter().find(|prefix| key_of(prefix) == key);
    let below = format!("{key}.");
    let mut inside = prefixes.iter().filter(|prefix| prefix.starts_with(&below));
    match (exact, inside.next(), inside.next()) {
        (Some(prefix), ..) | (None, Some(prefix), None) => Ok(prefix.clone()),
        _ => Err(Error::NoNetworkAtKey {
            key: key.to_owned(),
            keys: prefixes.iter().map(|prefix| key_of(prefix)).collect(),
        }),
    }
}

fn key_of(prefix: &str) -> String {
    prefix.strip_suffix('.').unwrap_or(prefix).to_owned()
}

/// Names of the network's tensors, which are the same whatever its width.
fn own_names(naming: Naming) -> BTreeSet<String> {
    let tensors = Layout::of_width(1).tensors(naming).into_iter();
    tensors.map(|(name, _)| name).collect()
}
