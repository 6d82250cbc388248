//! Figures of CT slices and of what a classifier saw in them.
//!
//! [`draw_figure`] draws the two panels of the h-Shap tutorial for each slice:
//!
//! - **prediction**: the slice in grey, a title, the ground truth as red rectangles one pixel wide;
//! - **explanation**: the same slice with the saliency map above its [`otsu`] threshold in blue (negative),
//!   white and red (positive) at half opacity, the rectangles, and a colour bar with numbers. The limits are
//!   symmetric, so white is zero: a percentile of each map's magnitudes, or fixed for figures that are to be
//!   compared ([`Limits`]).
//!
//! A flat map has no pixel above its threshold, and is drawn as the slice alone. [`GroundTruth`] reads the
//! rectangles from the CSV of the BHX annotations. [`encode_png`] gives the bytes of a file.
//!
//! [`contact_sheet`] puts a whole series on one image, and [`HtmlReport`] writes a run as one page of HTML
//! without any connection, slice by slice, in which the slices are sorted and looked at.
//!
//! The crate knows no network and no tensor, reads no file but that table, and writes none. It does not
//! window: a slice comes as grey values from 0 to 1. Images are row-major with `(rows, cols)`; in a table,
//! `x` is a column and `y` a row. The font is embedded.
//!
//! ```
//! use ct_figure::{FigureConfig, FigureSlice, GreySlice, GroundTruth, Saliency};
//!
//! let table = "SOPInstanceUID,data,labelName\n\
//!     1.2.3,\"{'x': 2.0, 'y': 1.0, 'width': 2.0, 'height': 1.0}\",Subdural\n";
//! let truth = GroundTruth::from_bytes(table.as_bytes())?;
//!
//! // Four rows, six columns; the model looked at the right half.
//! let dims = (4, 6);
//! let grey = [0.4; 24];
//! let map: Vec<f32> = (0..24).map(|at| if at % 6 < 3 { 0.0 } else { 0.1 }).collect();
//!
//! let slice = FigureSlice {
//!     grey: GreySlice::new(&grey, dims)?,
//!     saliency: Some(Saliency::new(&map, dims)?),
//!     boxes: truth.boxes("1.2.3"),
//!     title: "Prediction: 1",
//!     caption: Some("1.2.3"),
//! };
//! let figure = ct_figure::draw_figure(&[slice], &FigureConfig::default())?;
//! let png = ct_figure::encode_png(&figure)?;
//! assert!(png.starts_with(b"\x89PNG"));
//! # Ok::<(), ct_figure::Error>(())
//! ```

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test fails by panicking"))]

mod error;
mod raster;

mod limits;
mod otsu;

mod colormap;
mod overlay;

mod color_bar;
mod contact_sheet;
mod figure;
mod metrics;
mod panel;
mod png;
mod text;

mod escape;
mod report;

mod ground_truth;
mod rectangle;

pub use contact_sheet::{SheetConfig, SheetSlice, Thumbnail, contact_sheet};
pub use error::Error;
pub use figure::{Arrangement, FigureConfig, FigureSlice, draw_figure};
pub use ground_truth::GroundTruth;
pub use image::RgbImage;
pub use limits::Limits;
pub use otsu::otsu;
pub use overlay::{heat, overlay};
pub use png::encode_png;
pub use raster::{GreySlice, Saliency};
pub use rectangle::BoundingBox;
pub use report::{HtmlReport, ReportHead, ReportSlice};
