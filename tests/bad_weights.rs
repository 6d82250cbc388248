//! Files of weights that are hostile, damaged or of something else: each ends with a named error and
//! a status other than 0, with no panic, within 1 GiB of address space.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Output;

use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use test_kit::in_workspace;
use test_kit::refusal::{assert_refused, run_bounded};
use zip::write::SimpleFileOptions;

fn golden(file: &str) -> PathBuf {
    in_workspace("tests/golden").join(file)
}

fn export(file: &str) -> PathBuf {
    in_workspace("crates/ich-model/tests/exports").join(file)
}

fn bytes_of(path: PathBuf) -> Vec<u8> {
    std::fs::read(path).expect("a file")
}

fn ich(args: &[&Path]) -> Output {
    run_bounded(env!("CARGO_BIN_EXE_ich"), args)
}

/// Writes each file, and asserts that `predict` and `verify` refuse it for the reason given, and
/// that `inspect` says something or refuses it too.
fn assert_all_refused(folder: &Path, files: &[(&str, Vec<u8>, &str)]) {
    for (name, bytes, says) in files {
        println!("{name}");
        let path = folder.join(name);
        std::fs::write(&path, bytes).expect("written");
        assert_weights_refused(&path, says);
    }
}

fn assert_weights_refused(weights: &Path, says: &str) {
    let name = weights.file_name().and_then(|name| name.to_str());
    let needles = [name.expect("a name"), says];
    let [slice, option] = [golden("square.npy"), PathBuf::from("--weights")];
    let small = ["--resample", "never"].map(Path::new);
    let predict = ich(&[
        &[Path::new("predict"), &slice, &option, weights],
        &small[..],
    ]
    .concat());
    assert_refused(&predict, &needles);
    let command = |verb: &str| ich(&[Path::new("weights"), Path::new(verb), weights]);
    assert_refused(&command("verify"), &needles);
    let inspect = command("inspect");
    let stderr = String::from_utf8_lossy(&inspect.stderr);
    let is_answer = inspect.status.success() && stderr.is_empty();
    if !is_answer {
        assert_refused(&inspect, &needles[..1]);
    }
}

#[test]
fn the_bound_leaves_room_for_good_weights() {
    for weights in [
        golden("small.pt"),
        golden("small-f16.safetensors"),
        export("f64.pt"),
        export("dynamo-external.onnx"),
    ] {
        let run = ich(&[Path::new("weights"), Path::new("verify"), &weights]);
        let stderr = String::from_utf8_lossy(&run.stderr);
        assert!(run.status.success(), "{}: {stderr}", weights.display());
    }
}

/// A PyTorch archive with this pickle and nothing else.
fn archive(pickle: &[u8], more: &[(&str, &[u8])]) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("archive");
    let mut zip = zip::ZipWriter::new(File::create(&path).expect("a file"));
    let deflated =
        SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    for (entry, bytes) in [("archive/data.pkl", pickle)].iter().chain(more) {
        zip.start_file(*entry, deflated).expect("an entry");
        zip.write_all(bytes).expect("written");
    }
    zip.finish().expect("an archive");
    bytes_of(path)
}

#[test]
fn pickles() {
    let folder = tempfile::tempdir().expect("a folder");
    let canary = folder.path().join("canary");
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
    let escape: (&str, &[u8]) = ("../../escape", b"x");
    let files = [
        ("exploit.pt", archive(&exploit, &[]), "PyTorch"),
        ("exploit-legacy.pt", exploit, "PyTorch"),
        ("nested.pt", archive(&nested, &[]), "PyTorch"),
        ("nested-legacy.pt", nested, "PyTorch"),
        ("memo.pt", archive(&memo, &[]), "PyTorch"),
        ("bomb.pt", archive(&vec![b'('; 300 << 20], &[]), "PyTorch"),
        ("climb.pt", archive(b"\x80\x02}.", &[escape]), "missing"),
        (
            "cut.pt",
            bytes_of(golden("small.pt"))[..90_000].to_vec(),
            "PyTorch",
        ),
        (
            "cut-legacy.pt",
            bytes_of(golden("small-legacy.pt"))[..90_000].to_vec(),
            "PyTorch",
        ),
    ];
    assert_all_refused(folder.path(), &files);
    assert!(!canary.exists(), "a pickle was executed");
    assert!(!folder.path().join("../../escape").exists());
    assert_weights_refused(&export("bad-two-networks.pt"), "several networks");
    assert_weights_refused(&export("bad-surplus.pt"), "extra");
}

#[test]
fn files_of_something_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let lfs = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n";
    let page = b"<!DOCTYPE html><html><body>Log in</body></html>";
    let files = [
        ("lfs.pt", lfs.to_vec(), "git lfs pull"),
        ("login.pt", page.to_vec(), "HTML page"),
        ("empty.pt", vec![], "it is empty"),
        ("slice.pt", bytes_of(golden("square.npy")), "neither"),
        ("zeros.pt", vec![0; 1000], "neither"),
    ];
    assert_all_refused(folder.path(), &files);
}

#[test]
fn safetensors_headers() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |header: &str, data: &[u8]| {
        let length = (header.len() as u64).to_le_bytes();
        [&length[..], header.as_bytes(), data].concat()
    };
    let entry = |from: usize, to: usize| {
        format!("{{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[{from},{to}]}}")
    };
    let overlap = format!("{{\"a\":{},\"b\":{}}}", entry(0, 4), entry(0, 4));
    let gap = format!("{{\"a\":{},\"b\":{}}}", entry(0, 4), entry(8, 12));
    let beyond = [&(1_u64 << 40).to_le_bytes()[..], b"{}"].concat();
    let large = [&99_000_000_u64.to_le_bytes()[..], b"{}"].concat();
    let cut = bytes_of(golden("small.safetensors"))[..90_000].to_vec();
    let files = [
        (
            "header.safetensors",
            file(&"{".repeat(30), b""),
            "safetensors",
        ),
        (
            "nested.safetensors",
            file(&"{\"a\":".repeat(100_000), b""),
            "safetensors",
        ),
        ("beyond.safetensors", beyond, "neither"),
        ("large.safetensors", large, "safetensors"),
        (
            "overlap.safetensors",
            file(&overlap, &[0; 4]),
            "safetensors",
        ),
        ("gap.safetensors", file(&gap, &[0; 12]), "safetensors"),
        ("cut.safetensors", cut, "safetensors"),
    ];
    assert_all_refused(folder.path(), &files);
}

/// The small network with one tensor changed.
fn altered(change: impl Fn(&mut String, &mut Vec<usize>, &mut Vec<u8>) -> bool) -> Vec<u8> {
    let bytes = bytes_of(golden("small.safetensors"));
    let tensors = SafeTensors::deserialize(&bytes).expect("safetensors");
    let mut kept = Vec::new();
    for (mut name, view) in tensors.tensors() {
        let (mut shape, mut data) = (view.shape().to_vec(), view.data().to_vec());
        if name != "encoder.layer3.0.conv2.weight" || change(&mut name, &mut shape, &mut data) {
            kept.push((name, view.dtype(), shape, data));
        }
    }
    let views = kept.iter().map(|(name, dtype, shape, data)| {
        let view = TensorView::new(*dtype, shape.clone(), data).expect("a view");
        (name.clone(), view)
    });
    safetensors::serialize(views, None).expect("bytes")
}

#[test]
fn tensors_that_do_not_fit() {
    let folder = tempfile::tempdir().expect("a folder");
    let renamed = altered(|name, _, _| {
        *name = format!("module.{name}");
        true
    });
    let reshaped = altered(|_, shape, _| {
        shape.swap(0, 3);
        true
    });
    let not_finite = altered(|_, _, data| {
        data[40..44].copy_from_slice(&f32::NAN.to_le_bytes());
        true
    });
    let name = "encoder.layer3.0.conv2.weight";
    let integers = TensorView::new(Dtype::I64, vec![2], &[0; 16]).expect("a view");
    let integers = safetensors::serialize([("encoder.conv1.weight", integers)], None);
    let files = [
        ("missing.safetensors", altered(|_, _, _| false), name),
        ("renamed.safetensors", renamed, name),
        (
            "reshaped.safetensors",
            reshaped,
            "[3, 16, 3, 16], expected [16, 16, 3, 3]",
        ),
        ("nan.safetensors", not_finite, "NaN at index 10"),
        ("integers.safetensors", integers.expect("bytes"), "missing"),
    ];
    assert_all_refused(folder.path(), &files);
}

#[test]
fn burnpacks() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("good.bpk");
    let good = ich(&[
        Path::new("weights"),
        Path::new("convert"),
        &golden("small.pt"),
        &path,
    ]);
    assert!(good.status.success(), "{good:?}");
    let good = bytes_of(path);
    let with = |position: usize, bytes: &[u8]| {
        let mut altered = good.clone();
        altered[position..position + bytes.len()].copy_from_slice(bytes);
        altered
    };
    // Magic, version, length of the metadata.
    let files = [
        ("version.bpk", with(4, &[9, 9]), "burnpack"),
        ("long.bpk", with(6, &u32::MAX.to_le_bytes()), "burnpack"),
        ("metadata.bpk", with(10, &[0x9f; 2000]), "burnpack"),
        ("cut.bpk", good[..90_000].to_vec(), "burnpack"),
        ("header.bpk", good[..9].to_vec(), "burnpack"),
    ];
    assert_all_refused(folder.path(), &files);
}

/// A field of a protocol buffer that holds bytes.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut length = bytes.len();
    let mut message = vec![number << 3 | 2];
    while length > 0x7f {
        message.push(length as u8 | 0x80);
        length >>= 7;
    }
    message.push(length as u8);
    message.extend(bytes);
    message
}

#[test]
fn onnx_graphs() {
    let folder = tempfile::tempdir().expect("a folder");
    // Version 8 of the format, version 17 of the operators, and a graph.
    let model =
        |graph: &[u8]| [&[0x08, 0x08][..], &field(8, &[0x10, 17]), &field(7, graph)].concat();
    let deep = (0..5000).fold(Vec::new(), |inner, _| field(7, &inner));
    let good = bytes_of(export("legacy-folded.onnx"));
    let mut tensor = field(8, b"w");
    // Dimensions 2^62 and 4, type float.
    tensor.extend([
        0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40, 0x08, 4, 0x10, 1,
    ]);
    let length = [&[0x08, 0x08, 0x3a][..], &[0xff; 6], &[0x1f]].concat();
    let files = [
        (
            "nodes.onnx",
            model(&field(1, b"").repeat(3 << 20)),
            "10000 items",
        ),
        (
            "inputs.onnx",
            model(&field(1, &field(1, b"").repeat(3 << 20))),
            "1024 items",
        ),
        ("deep.onnx", [&[0x08, 0x08][..], &deep].concat(), "ONNX"),
        ("huge.onnx", model(&field(5, &tensor)), "0 inputs"),
        ("length.onnx", length, "no valid field"),
        ("empty.onnx", model(b""), "0 inputs"),
        (
            "no-graph.onnx",
            vec![0x08, 0x08, 0x42, 2, 0x10, 17],
            "no graph",
        ),
        ("cut.onnx", good[..40_000].to_vec(), "no valid field"),
    ];
    assert_all_refused(folder.path(), &files);
    for (file, says) in [
        ("bad-opset.onnx", "version 99 of the ONNX operators"),
        ("bad-other.onnx", "\"channels\": \"FILL IN"),
        ("bad-training.onnx", "in training mode"),
        ("bad-nan.onnx", "NaN"),
        ("bad-external-above.onnx", "\"../outside.bin\""),
        ("bad-external-absolute.onnx", "\"/etc/passwd\""),
    ] {
        assert_weights_refused(&export(file), says);
    }
}

#[test]
fn backgrounds() {
    let folder = tempfile::tempdir().expect("a folder");
    let f = folder.path();
    let out = f.join("results");
    let nothing = f.join("nothing.pt");
    std::fs::write(&nothing, archive(b"\x80\x02N.", &[])).expect("written");
    for (background, says) in [
        (golden("wide-background.npy"), "the background [3, 48, 80]"),
        (golden("wide-background.pt"), "the background [3, 48, 80]"),
        (golden("small.pt"), "exactly one"),
        (golden("small-legacy.pt"), "exactly one"),
        (export("dynamo.onnx"), "ONNX, but a single tensor"),
        (f.join("missing.pt"), "missing.pt"),
        (nothing, "exactly one"),
    ] {
        let run = ich(&[
            Path::new("explain"),
            &golden("square.npy"),
            Path::new("--resample"),
            Path::new("never"),
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
