//! Results that cannot be written, or would be something else.

use std::path::Path;
use std::process::Command;

use test_kit::refusal::assert_refused;

use crate::{golden, ich, write};

#[test]
fn slices_of_the_same_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let copy = folder.path().join("square.npy");
    std::fs::copy(golden("square.npy"), &copy).expect("copied");
    let run = ich(&[
        Path::new("explain"),
        &golden("square.npy"),
        &copy,
        Path::new("--out"),
        &folder.path().join("results"),
    ]);
    assert_refused(&run, &["named after the slice"]);
}

#[test]
fn results_that_cannot_be_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = write(folder.path(), "file", b"");
    let run = ich(&[
        Path::new("explain"),
        &golden("square.npy"),
        Path::new("--out"),
        &file.join("results"),
    ]);
    assert_refused(&run, &["results"]);
}

/// Not even by the superuser.
#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_takes_no_files() {
    let [weights, background] = ["small.pt", "square-background.npy"].map(golden);
    for out in ["/proc/self", "/proc/self/results"] {
        let run = ich(&[
            Path::new("explain"),
            &golden("square.npy"),
            Path::new("--weights"),
            &weights,
            Path::new("--background"),
            &background,
            Path::new("--radii"),
            Path::new("0"),
            Path::new("--out"),
            Path::new(out),
        ]);
        assert_refused(&run, &["/proc/self"]);
    }
    let run = ich(&[
        Path::new("predict"),
        &golden("square.npy"),
        Path::new("--weights"),
        &weights,
        Path::new("--out"),
        Path::new("/proc/self/table.csv"),
    ]);
    assert_refused(&run, &["/proc/self"]);
}

/// A limit on the size of files stands for a disk that is full: the write that exceeds it fails.
#[cfg(unix)]
#[test]
fn a_disk_that_is_full_leaves_no_half_result() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("results");
    let run = Command::new("sh")
        .arg("-c")
        .arg("trap '' XFSZ; ulimit -f 8; exec \"$0\" \"$@\"")
        .arg(env!("CARGO_BIN_EXE_ich"))
        .args([
            "explain",
            "--resample",
            "never",
            "--radii",
            "0",
            "--min-size",
            "32",
            "--out",
        ])
        .arg(&out)
        .arg("--weights")
        .arg(golden("small.pt"))
        .arg("--background")
        .arg(golden("square-background.npy"))
        .arg("--html")
        .arg(folder.path().join("run.html"))
        .arg(golden("square.npy"))
        .output()
        .expect("sh runs");
    assert_refused(&run, &["too large"]);
    let left = std::fs::read_dir(&out).map_or(0, Iterator::count);
    assert_eq!(left, 0, "files in {}", out.display());
    assert!(!folder.path().join("run.html").exists());
}

/// Nothing in the slice differs from the background: a map of zeros, and a figure of it.
#[test]
fn a_constant_map_is_drawn() {
    let folder = tempfile::tempdir().expect("a folder");
    let npy = |descr: &str, data: Vec<u8>| {
        let header =
            format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': (64, 64), }}\n");
        let length = (header.len() as u16).to_le_bytes();
        let magic = b"\x93NUMPY\x01\x00";
        [&magic[..], &length, header.as_bytes(), &data].concat()
    };
    let air = [(-1000_i16).to_le_bytes(); 64 * 64].concat();
    let slice = write(folder.path(), "air.npy", &npy("<i2", air));
    let black = vec![0; 4 * 64 * 64];
    let background = write(folder.path(), "black.npy", &npy("<f4", black));
    let (weights, out) = (golden("small.pt"), folder.path().join("results"));
    let sheet = folder.path().join("sheet.png");
    let page = folder.path().join("page.html");
    let mut args = vec![
        Path::new("explain"),
        &slice,
        Path::new("--weights"),
        &weights,
    ];
    args.extend([Path::new("--background"), &background]);
    args.extend([
        Path::new("--out"),
        &out,
        Path::new("--radii"),
        Path::new("0"),
    ]);
    args.extend([Path::new("--sheet"), &sheet, Path::new("--html"), &page]);
    assert_refused(&ich(&args), &["air.npy: nothing important found"]);
    // Below every score, so that every cell is kept.
    args.extend([Path::new("--threshold=-1"), Path::new("--force")]);
    let run = ich(&args);
    let stderr = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{stderr}");
    let map = test_kit::read_npy(out.join("air.saliency.npy"));
    assert!(map.iter().all(|&value| value == 0.0));
    for drawn in [out.join("air.png"), sheet, page] {
        assert!(drawn.is_file(), "{}", drawn.display());
    }
}
