//! Draws a map over a slice, a pixel for each of its own.
//!
//! `cargo run --release --example overlay -- SLICE.npy MAP.npy OVERLAY.png`; the map of `ich explain` is
//! `NAME.saliency.npy`. Research use only.

use ich::ct_figure::{Colormap, GreySlice, Heat, Limits, Saliency, encode_png, overlay};
use ich::ct_io::{Image, SliceFile};
use ich::ct_preprocess::Window;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    let [slice, map, out] = &paths[..] else {
        return Err("expected SLICE MAP OVERLAY".into());
    };
    let (grey, map) = (
        Window::BRAIN.apply(&SliceFile::open(slice)?.slice(0)?.hu),
        Image::read_npy(map)?,
    );
    let grey = GreySlice::new(grey.values(), (grey.rows(), grey.cols()))?;
    let heat = Heat::new(Saliency::new(map.values(), (map.rows(), map.cols()))?);
    let figure = overlay(&grey, &heat, Limits::default(), Colormap::default())?;
    std::fs::write(out, encode_png(&figure.image)?)?;
    Ok(())
}
