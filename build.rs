//! Sets `cfg(embedded_weights)` where the weights of the demonstration network lie beside the source.
//!
//! They do in a checkout of the repository. They are larger than a package of the registry may be, so a
//! package comes without them.

use std::path::Path;

fn main() {
    println!("cargo::rustc-check-cfg=cfg(embedded_weights)");
    println!("cargo::rerun-if-changed=weights");
    if Path::new("weights/ich-demo.safetensors").is_file() {
        println!("cargo::rustc-cfg=embedded_weights");
    }
}
