//! Figures of CT slices and of what a classifier saw in them.
//!
//! [`draw_figure`] draws the two panels of the h-Shap tutorial for each slice:
//!
//! - **prediction**: the slice in grey, a title, the ground truth as outlines seen on bone, air and heat;
//! - **explanation**: the same slice with what is drawn of its map ([`Heat`]) over it: the pixels above the
//!   [`otsu`] threshold and, where a map against is given, what speaks against the class. Colours are
//!   transparent at 0 and grow more opaque with the magnitude ([`Colormap`]), up to the scale, which is by
//!   default the largest magnitude drawn ([`Limits`]). A legend names the numbers and their unit.
//!
//! What is drawn together, the slices of a figure, a sheet or a page, has one scale, and the caller is
//! told which. A flat map has no pixel above its threshold, and is drawn as the slice alone.
//! [`energy_in_boxes`] gives the share of a map within boxes.
//!
//! [`overlay`] is the image of the explanation alone, a pixel for each pixel of the slice. [`encode_png`] gives
//! the bytes of a file.
//!
//! [`contact_sheet`] puts a whole series on one image, and [`HtmlReport`] writes a run as one page of HTML
//! without any connection, slice by slice, in which the slices are sorted and looked at.
//!
//! The crate knows no network and no tensor, reads no file and writes none: `ct-labels` reads tables of boxes.
//! It does not window: a slice comes as grey values from 0 to 1, a map as finite numbers, each a slice of `f32`
//! that stays where it is. Images are row-major with `(rows, cols)`; boxes are in pixels, a whole coordinate the
//! middle of one. The font is embedded.
//!
//! ```
//! use ct_figure::{BoundingBox, FigureConfig, FigureSlice, GreySlice, Heat, Saliency};
//!
//! // Four rows, six columns; the model looked at the right half.
//! let dims = (4, 6);
//! let grey = [0.4; 24];
//! let map: Vec<f32> = (0..24).map(|at| if at % 6 < 3 { 0.0 } else { 0.1 }).collect();
//!
//! let bleed = BoundingBox {
//!     column: 2.0,
//!     row: 1.0,
//!     width: 2.0,
//!     height: 1.0,
//!     label: "Subdural".to_owned(),
//! };
//!
//! let title = format!("Probability {}, prediction 1", ct_figure::probability_text(0.9995));
//! let slice = FigureSlice::new(GreySlice::new(&grey, dims)?, &title)
//!     .with_heat(Heat::new(Saliency::new(&map, dims)?))
//!     .with_boxes(std::slice::from_ref(&bleed));
//! let config = FigureConfig::default().with_footer("Research use only.");
//! let figure = ct_figure::draw_figure(&[slice], &config)?;
//! assert_eq!(figure.scale, Some(0.1));
//! let png = ct_figure::encode_png(&figure.image)?;
//! assert!(png.starts_with(b"\x89PNG"));
//! # Ok::<(), ct_figure::Error>(())
//! ```

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test fails by panicking"))]

mod error;
mod raster;

mod heat;
mod limits;
mod otsu;

mod colormap;
mod figure;
mod overlay;
mod size;

mod boxes;
mod contact_sheet;
mod figure_config;
mod figure_slice;
mod legend;
mod metrics;
mod panel;
mod panels;
mod png;
mod probability;
mod text;
mod thumbnail;

mod escape;
mod levels;
mod page_data;
mod region;
mod report;
mod report_head;
mod report_slice;

mod energy;

#[cfg(test)]
mod fixture;

pub use colormap::Colormap;
pub use contact_sheet::{SheetConfig, contact_sheet};
pub use ct_labels::BoundingBox;
pub use energy::energy_in_boxes;
pub use error::Error;
pub use figure::Figure;
pub use figure_config::{Arrangement, FigureConfig};
pub use figure_slice::FigureSlice;
pub use heat::Heat;
pub use image::RgbImage;
pub use legend::SCORE_LEGEND;
pub use limits::Limits;
pub use otsu::otsu;
pub use overlay::overlay;
pub use panels::draw_figure;
pub use png::encode_png;
pub use probability::probability_text;
pub use raster::{GreySlice, Saliency};
pub use region::Region;
pub use report::HtmlReport;
pub use report_head::ReportHead;
pub use report_slice::ReportSlice;
pub use thumbnail::{SheetSlice, Thumbnail};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
