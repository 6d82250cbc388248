//! Synthetic axial head-CT slices whose hemorrhages are known to the pixel.
//!
//! A [`Phantom`] is drawn from a seed: a skull under a scalp on a head holder, a brain cut at one
//! of four levels with its sulci, ventricles and deep nuclei, harmless look-alikes (calcifications,
//! infarcts, bone reaching into the slice), and, on request, up to five kinds of [`Bleed`]. The
//! scanner then adds beam hardening, blur, noise, streaks and the padding outside its round field
//! of view.
//!
//! Pixels are Hounsfield units on a [`SIDE`] by [`SIDE`] grid, row-major, the face upwards. The
//! slice has no pixel spacing and no position: it belongs to no volume and no file format. Half of
//! the slices are mirrored, so left and right carry no meaning.
//!
//! A seed gives the same phantom on every run. Between platforms single pixels may round
//! differently, since sines and exponentials come from the system's mathematical library.
//!
//! **For research and tests only.** The shapes are drawn by eye; no anatomical claim is made, and a
//! method that works on phantoms has not been shown to work on patients.
//!
//! ```
//! use ct_phantom::{Bleed, Lesions, Phantom, SIDE};
//!
//! let lesions = Lesions::Exactly(vec![Bleed::Epidural]);
//! let phantom = Phantom::generate(7, &lesions)?;
//! assert_eq!(phantom.hu().len(), SIDE * SIDE);
//! assert_eq!(phantom.bleeds(), [Bleed::Epidural]);
//!
//! let (rows, cols) = phantom.lesion_box().expect("an epidural bleed was asked for");
//! println!("blood in rows {rows:?}, columns {cols:?}");
//! # Ok::<(), ct_phantom::PlacementError>(())
//! ```

mod phantom;

mod bleed;
mod error;

mod anatomy;

mod head;
mod level;
mod skull;

mod brain;
mod csf;

mod confounder;
mod lesion;

mod scanner;

mod blur;
mod dice;
mod field;
mod plane;

#[cfg(test)]
mod closeness;

pub use anatomy::level::{Cut, HeadLevel};
pub use bleed::{Bleed, Lesions};
pub use error::PlacementError;
pub use phantom::Phantom;
pub use plane::SIDE;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
