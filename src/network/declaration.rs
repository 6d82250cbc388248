//! How the input of a network is made from a slice, and what its outputs mean. A model's file says
//! neither, and neither can be guessed.
//!
//! [`Sources`] joins what options, a file `NAME.ich.json` beside the model, the model's metadata and
//! configurations of other programs say, each a [`PartialDeclaration`], and [`Sources::resolve`] makes
//! a [`Declaration`] that agrees with the model, or says which field does not.

mod config;
mod error;
mod facts;
mod file;
mod json;
mod outputs;
mod partial;
mod resolve;
mod source;
mod sources;
mod template;

pub use error::DeclarationError;
pub use facts::ModelFacts;
pub use file::METADATA_KEY;
pub use json::declaration_schema;
pub use outputs::Outputs;
pub use partial::{Activation, LabelChoice, Layout, PartialDeclaration, Values};
pub use resolve::Declaration;
pub use source::{Provenance, Source};
pub use sources::Sources;
pub use template::template;
