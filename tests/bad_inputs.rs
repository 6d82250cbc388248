//! Files and settings that are wrong: each ends with a named error and a status other than 0, with
//! no panic, within a bound on memory, and leaves no result behind.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use test_kit::in_workspace;
use zip::write::SimpleFileOptions;

/// Address space in KiB. The program maps some 150 MB when it is idle.
const MEMORY_KIB: u64 = 1 << 20;

fn golden(file: &str) -> PathBuf {
    in_workspace("tests/golden").join(file)
}

/// Runs the command under the bound.
fn ich(args: &[&Path]) -> Output {
    Command::new("sh")
        .arg("-c")
        .arg(format!("ulimit -v {MEMORY_KIB}; exec \"$0\" \"$@\""))
        .arg(env!("CARGO_BIN_EXE_ich"))
        .args(args)
        .env("RAYON_NUM_THREADS", "2")
        .output()
        .expect("sh runs")
}

/// Asserts that the run ended as a refusal and that its message holds all of `needles`.
#[track_caller]
fn assert_refused(run: &Output, needles: &[&str]) {
    let stderr = String::from_utf8_lossy(&run.stderr);
    assert!(
        matches!(run.status.code(), Some(1 | 2)),
        "{:?}: {stderr}",
        run.status
    );
    assert!(!stderr.contains("panicked"), "{stderr}");
    for needle in needles {
        assert!(stderr.contains(needle), "no {needle:?} in: {stderr}");
    }
    assert!(
        run.stdout.is_empty(),
        "{}",
        String::from_utf8_lossy(&run.stdout)
    );
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).expect("written");
    path
}

#[test]
fn the_bound_leaves_room_for_good_input() {
    let run = ich(&[
        Path::new("predict"),
        &golden("square.npy"),
        Path::new("--weights"),
        &golden("small.pt"),
    ]);
    assert!(
        run.status.success(),
        "{}",
        String::from_utf8_lossy(&run.stderr)
    );
}

#[test]
fn slices() {
    let folder = tempfile::tempdir().expect("a folder");
    let npy = |header: &str, data: &[u8]| {
        let length = (header.len() as u16).to_le_bytes();
        [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), data].concat()
    };
    let header = |descr: &str, shape: &str| {
        format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n")
    };
    let nan = [f32::NAN; 6].map(f32::to_le_bytes).concat();
    let v2 = [b"\x93NUMPY\x02\x00", &u32::MAX.to_le_bytes()[..], b"{}\n"].concat();
    for (name, bytes, says) in [
        ("empty.npy", vec![], "not an .npy file"),
        (
            "picture.npy",
            b"\x89PNG\r\n\x1a\n00000000".to_vec(),
            "not an .npy file",
        ),
        (
            "truncated.npy",
            npy(&header("<i2", "(2, 3)"), &[0; 5]),
            "needs 12 bytes",
        ),
        (
            "surplus.npy",
            npy(&header("<i2", "(2, 3)"), &[0; 14]),
            "needs 12 bytes",
        ),
        (
            "huge.npy",
            npy(&header("<i2", "(1099511627776, 4)"), &[]),
            "needs",
        ),
        (
            "overflow.npy",
            npy(&header("<i2", "(4294967296, 4294967296)"), &[]),
            "needs",
        ),
        (
            "64-gib.npy",
            npy(&header("<i2", "(32768, 1048576)"), &[]),
            "needs",
        ),
        ("header-4-gib.npy", v2, "declared length 4294967295"),
        ("nested.npy", npy(&"(".repeat(9000), &[]), ".npy header"),
        (
            "negative.npy",
            npy(&header("<i2", "(-2, 3)"), &[0; 12]),
            "shape",
        ),
        (
            "no-rows.npy",
            npy(&header("<i2", "(0, 512)"), &[]),
            "at least one row",
        ),
        (
            "object.npy",
            npy(&header("|O", "(2, 3)"), b"\x80\x04."),
            "descr: |O",
        ),
        (
            "bool.npy",
            npy(&header("|b1", "(2, 3)"), &[0; 6]),
            "descr: |b1",
        ),
        (
            "cube.npy",
            npy(&header("<i2", "(1, 2, 3)"), &[0; 12]),
            "two dimensions",
        ),
        (
            "line.npy",
            npy(&header("<i2", "(6,)"), &[0; 12]),
            "two dimensions",
        ),
        (
            "long.npy",
            npy(&header("<i2", "(2049, 1)"), &[0; 4098]),
            "at most 2048 on a side",
        ),
        (
            "nan.npy",
            npy(&header("<f4", "(2, 3)"), &nan),
            "row 0, column 0 is NaN",
        ),
    ] {
        let slice = write(folder.path(), name, &bytes);
        for command in ["predict", "explain"] {
            let out = folder.path().join("results");
            let mut args = vec![Path::new(command), &slice];
            if command == "explain" {
                args.extend([Path::new("--out"), &out]);
            }
            assert_refused(&ich(&args), &[name, says]);
            assert!(!out.exists());
        }
    }
    assert_refused(
        &ich(&[Path::new("predict"), folder.path()]),
        &["not a regular file"],
    );
    let missing = folder.path().join("missing.npy");
    assert_refused(&ich(&[Path::new("predict"), &missing]), &["missing.npy"]);
}

#[cfg(unix)]
#[test]
fn a_pipe_is_refused_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let fifo = folder.path().join("pipe.npy");
    let made = Command::new("mkfifo")
        .arg(&fifo)
        .status()
        .expect("mkfifo runs");
    assert!(made.success());
    assert_refused(
        &ich(&[Path::new("predict"), &fifo]),
        &["pipe.npy", "not a regular file"],
    );
}

#[test]
fn slices_of_another_size_than_the_background() {
    let out = tempfile::tempdir().expect("a folder");
    for slice in ["square.npy", "wide.npy"] {
        let args = [
            Path::new("explain"),
            &golden(slice),
            Path::new("--out"),
            out.path(),
        ];
        assert_refused(&ich(&args), &[slice, "the background [3, 512, 512]"]);
    }
}

/// A PyTorch archive with this pickle and nothing else.
fn archive(folder: &Path, name: &str, pickle: &[u8], more: &[(&str, &[u8])]) -> PathBuf {
    let path = folder.join(name);
    let mut zip = zip::ZipWriter::new(File::create(&path).expect("a file"));
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    for (entry, bytes) in [("archive/data.pkl", pickle)].iter().chain(more) {
        zip.start_file(*entry, stored).expect("an entry");
        zip.write_all(bytes).expect("written");
    }
    zip.finish().expect("an archive");
    path
}

#[test]
fn weights() {
    let folder = tempfile::tempdir().expect("a folder");
    let f = folder.path();
    let canary = f.join("canary");
    // posix.system("touch canary") and the state dict {}, as Python's pickle would run them.
    let command = format!("touch {}", canary.display());
    let mut exploit = b"\x80\x02cposix\nsystem\nX".to_vec();
    exploit.extend((command.len() as u32).to_le_bytes());
    exploit.extend(command.as_bytes());
    exploit.extend(b"\x85R.");
    let nested = [b"\x80\x02".as_slice(), &b"](".repeat(200_000), b"."].concat();
    // A list that holds itself twice, forty times over: 2^40 items once it is spelled out.
    let mut memo = b"\x80\x02]q\x00".to_vec();
    for level in 0..40_u8 {
        memo.extend([b']', b'(', b'h', level, b'h', level, b'e', b'q', level + 1]);
    }
    memo.push(b'.');
    let safetensors = |header: &str, data: &[u8]| {
        let length = (header.len() as u64).to_le_bytes();
        [&length[..], header.as_bytes(), data].concat()
    };
    let entry = |from: usize, to: usize| {
        format!("{{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[{from},{to}]}}")
    };
    let overlap = format!("{{\"a\":{},\"b\":{}}}", entry(0, 4), entry(0, 4));
    let gap = format!("{{\"a\":{},\"b\":{}}}", entry(0, 4), entry(8, 12));
    let files = [
        (archive(f, "exploit.pt", &exploit, &[]), "PyTorch"),
        (write(f, "exploit-legacy.pt", &exploit), "PyTorch"),
        (archive(f, "nested.pt", &nested, &[]), "PyTorch"),
        (archive(f, "memo.pt", &memo, &[]), "PyTorch"),
        (
            archive(f, "bomb.pt", &vec![b'('; 300 << 20], &[]),
            "PyTorch",
        ),
        (
            archive(f, "climb.pt", b"\x80\x02}.", &[("../../escape", b"x")]),
            "missing",
        ),
        (
            write(
                f,
                "lfs.pt",
                b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
            ),
            "git lfs pull",
        ),
        (
            write(
                f,
                "login.pt",
                b"<!DOCTYPE html><html><body>Log in</body></html>",
            ),
            "HTML page",
        ),
        (write(f, "empty.pt", b""), "it is empty"),
        (
            write(
                f,
                "slice.pt",
                &std::fs::read(golden("square.npy")).expect("bytes"),
            ),
            "neither",
        ),
        (
            write(f, "header.safetensors", &safetensors(&"{".repeat(30), b"")),
            "safetensors",
        ),
        (
            write(
                f,
                "long.safetensors",
                &[&(1_u64 << 40).to_le_bytes()[..], b"{}"].concat(),
            ),
            "neither",
        ),
        (
            write(f, "overlap.safetensors", &safetensors(&overlap, &[0; 4])),
            "safetensors",
        ),
        (
            write(f, "gap.safetensors", &safetensors(&gap, &[0; 12])),
            "safetensors",
        ),
        (
            write(
                f,
                "cut.safetensors",
                &std::fs::read(golden("small.safetensors")).expect("bytes")[..90_000],
            ),
            "safetensors",
        ),
        (
            write(
                f,
                "cut.pt",
                &std::fs::read(golden("small.pt")).expect("bytes")[..90_000],
            ),
            "PyTorch",
        ),
    ];
    for (weights, says) in &files {
        let args = [
            Path::new("predict"),
            &golden("square.npy"),
            Path::new("--weights"),
            weights,
        ];
        let name = weights
            .file_name()
            .and_then(|n| n.to_str())
            .expect("a name");
        println!("{name}");
        assert_refused(&ich(&args), &[name, says]);
    }
    assert!(!canary.exists(), "a pickle was executed");
}

#[test]
fn backgrounds() {
    let folder = tempfile::tempdir().expect("a folder");
    let f = folder.path();
    let out = f.join("results");
    for (background, says) in [
        (golden("wide-background.npy"), "the background [3, 48, 80]"),
        (golden("wide-background.pt"), "the background [3, 48, 80]"),
        (golden("square.npy"), "a grey value from 0 to 1"),
        (golden("small.pt"), "exactly one"),
        (golden("small-legacy.pt"), "zip format"),
        (f.join("missing.pt"), "missing.pt"),
        (archive(f, "nothing.pt", b"\x80\x02N.", &[]), "exactly one"),
    ] {
        let run = ich(&[
            Path::new("explain"),
            &golden("square.npy"),
            Path::new("--weights"),
            &golden("small.pt"),
            Path::new("--background"),
            &background,
            Path::new("--out"),
            &out,
        ]);
        assert_refused(&run, &[says]);
    }
}

#[test]
fn boxes() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("results");
    let table = |rows: &str| format!("SOPInstanceUID,data,labelName\n{rows}").into_bytes();
    for (name, bytes, says) in [
        (
            "no-column.csv",
            b"SOPInstanceUID,labelName\n".to_vec(),
            "data",
        ),
        (
            "broken.csv",
            table("square,\"{'x': 1, 'y'\",Subdural\n"),
            "line 2",
        ),
        ("none.csv", table("square,None,Subdural\n"), "line 2"),
        (
            "negative.csv",
            table("square,\"{'x': 1, 'y': 1, 'width': -2, 'height': 3}\",A\n"),
            "width",
        ),
        (
            "nan.csv",
            table("square,\"{'x': NaN, 'y': 1, 'width': 2, 'height': 3}\",A\n"),
            "x",
        ),
        (
            "latin.csv",
            table("square,{},\u{e9}\n")
                .iter()
                .filter(|b| **b != 0xc3)
                .copied()
                .collect(),
            "line 2",
        ),
    ] {
        let csv = write(folder.path(), name, &bytes);
        let run = ich(&[
            Path::new("explain"),
            &golden("square.npy"),
            Path::new("--boxes"),
            &csv,
            Path::new("--out"),
            &out,
        ]);
        assert_refused(&run, &[name, says]);
    }
}

#[test]
fn settings() {
    let out = tempfile::tempdir().expect("a folder");
    for (arguments, says) in [
        (vec!["--min-size", "0"], "min_size"),
        (vec!["--min-size", "65"], "1 to 64 px"),
        (vec!["--min-size=-1"], "--min-size"),
        (vec!["--levels", "0"], "levels"),
        (
            vec!["--levels", "2", "--min-size", "8"],
            "cannot be used with",
        ),
        (vec!["--threshold", "nan"], "threshold"),
        (vec!["--percentile", "101"], "percentile"),
        (vec!["--percentile", "NaN"], "percentile"),
        (
            vec!["--percentile", "50", "--threshold", "0"],
            "cannot be used with",
        ),
        (vec!["--radii", ""], "--radii"),
        (vec!["--radii", "0,x"], "--radii"),
        (vec!["--radii", "1e300"], "radii"),
        (vec!["--angles", "0"], "--angles"),
        (vec!["--radii", "0", "--angles", "1.0"], "shifts"),
        (vec!["--threads", "0"], "--threads"),
        (vec!["--device", "gpu"], "flex, ndarray"),
        (vec!["--engine", "fast"], "masked, dense"),
        (vec!["--memory", "0"], "--memory"),
        (
            vec!["--memory", "1"],
            "square.npy: setting memory_bytes: 1048576",
        ),
    ] {
        let slice = golden("square.npy");
        let (weights, background) = (golden("small.pt"), golden("square-background.npy"));
        let mut args = vec![
            Path::new("explain"),
            &slice,
            Path::new("--weights"),
            &weights,
        ];
        args.extend([Path::new("--background"), &background]);
        args.extend([Path::new("--out"), out.path()]);
        args.extend(arguments.iter().map(Path::new));
        println!("{arguments:?}");
        assert_refused(&ich(&args), &[says]);
    }
}

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
