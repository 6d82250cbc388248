//! Which network: the embedded one, that of the original demonstration, and their backgrounds; of any
//! other network, what its file does not say.

mod background;
pub mod declaration;
mod original;
mod shipped;

pub use background::{Background, BackgroundError, read_background};
pub use original::{Material, MaterialPaths};
pub use shipped::{
    DEFAULT_BACKGROUND, DefaultNetworkError, default_background, default_background_of,
    default_network, default_weights,
};
