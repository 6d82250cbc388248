//! Writing what was found, whole or not at all.
//!
//! A file gets its name when all of it is on the disk. [`Writer`] writes the files of one slice,
//! [`Gallery`] a page and a contact sheet of all, [`Table`] a table of predictions, and
//! [`volume_maps`] the maps of a volume on its grid.

mod drawing;
mod earlier_result;
pub mod files;
mod gallery;
mod look;
mod made_with;
mod notice;
mod npy;
mod outputs;
mod plan;
mod report;
mod report_parts;
mod resume;
mod row;
mod run_report;
mod settings_report;
mod table;
mod table_format;
pub mod temporary;
pub mod volume_maps;
mod writer;

pub use drawing::note_of_unexplored;
pub use gallery::{Gallery, GalleryOptions};
pub use look::Look;
pub use made_with::MadeWith;
pub use notice::NOTICE;
pub use outputs::{OutputOptions, Outputs};
pub use plan::plan;
pub use report::{Report, report_schema};
pub use resume::Earlier;
pub use row::{ByLabel, MadeBy, Row};
pub use table::{EarlierTable, Table};
pub use writer::Writer;
