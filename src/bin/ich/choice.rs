//! What a call works on where its arguments leave it open.

use std::path::PathBuf;

use ich::Material;
use ich::ich_model::pretrained;

use crate::args::ChoiceArgs;
use crate::fault::Fault;

/// Files to work with; `None` stands for what is embedded in the program.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Choice {
    /// Empty for the phantom.
    pub(crate) slices: Vec<PathBuf>,
    pub(crate) weights: Option<PathBuf>,
    pub(crate) background: Option<PathBuf>,
    pub(crate) boxes: Option<PathBuf>,
}

impl Choice {
    /// Completes what the arguments name: by the original's material where it was fetched and no
    /// slice is given, or where it is asked for.
    pub(crate) fn complete(self, args: &ChoiceArgs, material: &Material) -> Result<Self, Fault> {
        let is_open = self.slices.is_empty() && !args.demo;
        if !is_open && !args.original {
            return Ok(self);
        }
        let cache = match pretrained::cache(args.cache.cache.as_deref()) {
            Ok(cache) => cache,
            // Without a home folder nothing was fetched.
            Err(_) if !args.original => return Ok(self),
            Err(error) => return Err(error.into()),
        };
        let Some(paths) = material.find(&cache)? else {
            if args.original {
                return Err(Fault::new(format!(
                    "{}: the original's material is not there; `ich fetch` brings it",
                    cache.folder().display()
                )));
            }
            eprintln!("a phantom; `ich fetch` brings the original's weights and slices");
            return Ok(self);
        };
        let slices = if self.slices.is_empty() {
            eprintln!(
                "the original's weights, background and slices, from {}; --demo asks for the phantom",
                cache.folder().display()
            );
            paths.slices
        } else {
            self.slices
        };
        Ok(Self {
            slices,
            weights: self.weights.or(Some(paths.weights)),
            background: self.background.or(Some(paths.background)),
            boxes: self.boxes.or(Some(paths.boxes)),
        })
    }
}
