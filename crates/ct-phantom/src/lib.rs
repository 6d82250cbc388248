//! Synthetic axial head-CT slices whose hemorrhages are known to the pixel.
//!
//! A [`Phantom`] is drawn from a seed, in one of two ways:
//!
//! - [`Phantom::generate`] draws a simple one, for demonstrations and tests: a skull under a scalp on
//!   a head holder, a brain cut at one of four levels with its sulci, ventricles and deep nuclei,
//!   harmless look-alikes (calcifications, infarcts, bone reaching into the slice).
//! - [`Phantom::anatomical`] draws a whole head of bodies in millimetres and cuts it anywhere from the
//!   jaws to the crown ([`Cut`], [`HeadLevel`]), tilted and turned: face, sinuses, orbits, skull base,
//!   posterior fossa, dense vessels, falx and tentorium, partial volume. Its statistics in a brain
//!   window agree with those of real slices (`tests/realism.rs`), so it is the one to train on.
//!
//! On request, both hold up to five kinds of [`Bleed`], and a scanner adds beam hardening, blur, noise,
//! streaks and the padding outside its round field of view.
//!
//! Pixels are Hounsfield units on a [`SIDE`] by [`SIDE`] grid, row-major, the face upwards. A slice
//! belongs to no volume and no file format, and only an anatomical one has a pixel spacing
//! ([`Phantom::pixel_mm`]). Half of the simple slices are mirrored, and the sides of an anatomical one
//! are drawn alike, so left and right carry no meaning.
//!
//! A seed gives the same phantom on every run. Between platforms single pixels may round
//! differently, since sines and exponentials come from the system's mathematical library.
//!
//! **For research and tests only.** The shapes are drawn by eye; no anatomical claim is made, and a
//! method that works on phantoms has not been shown to work on patients.
//!
//! ```
//! use ct_phantom::{Bleed, Cut, HeadLevel, Lesions, Phantom, SIDE};
//!
//! let lesions = Lesions::Exactly(vec![Bleed::Epidural]);
//! let phantom = Phantom::generate(7, &lesions)?;
//! assert_eq!(phantom.hu().len(), SIDE * SIDE);
//! assert_eq!(phantom.bleeds(), [Bleed::Epidural]);
//!
//! let (rows, cols) = phantom.lesion_box().expect("an epidural bleed was asked for");
//! println!("blood in rows {rows:?}, columns {cols:?}");
//!
//! // The same head with and without blood, where the head has room for it.
//! let cut = Cut::At(HeadLevel::Ventricles);
//! let bleeding = Phantom::anatomical(7, cut, &lesions)?;
//! let healthy = Phantom::anatomical(7, cut, &Lesions::Clear)?;
//! assert!(bleeding.lesion_of(Bleed::Epidural).is_some() && healthy.bleeds().is_empty());
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
pub use anatomy::visibility::{
    MIN_BLEED_AREA_MM2, MIN_BLEED_DEPTH_MM, MIN_BLEED_GAIN_HU, MIN_BLEED_MEAN_GAIN_HU,
    MIN_BLEED_SIGNAL_TO_NOISE,
};
pub use bleed::{Bleed, Lesions};
pub use error::PlacementError;
pub use phantom::Phantom;
pub use plane::SIDE;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
