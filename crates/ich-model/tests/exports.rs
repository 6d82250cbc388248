//! One network in every format, and files that must be refused. `exports/make_exports.py` made them
//! with PyTorch and its two exporters of ONNX.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use burn::tensor::{Device, Tensor, TensorData};
use ich_model::cnn_onnx::Error as OnnxError;
use ich_model::{Container, Error, Format, Precision, RsnaHemorrhageNet, Selection, WeightsFile};
use safetensors::tensor::{SafeTensors, TensorView};
use test_kit::{in_workspace, say, skipped, with_causes};

/// Largest difference in probability from PyTorch in f32. 1.2e-6 was measured.
const F32_TOLERANCE: f32 = 1e-5;

/// The same with weights in half precision; 2.0e-3 was measured.
const F16_TOLERANCE: f32 = 4e-3;

/// The same with weights in bf16, which has 8 bits; 9.4e-3 was measured.
const BF16_TOLERANCE: f32 = 2e-2;

/// Rows and columns of the images of the small network.
const SIZES: [(usize, usize); 2] = [(40, 56), (64, 64)];

fn export(file: &str) -> PathBuf {
    in_workspace("crates/ich-model/tests/exports").join(file)
}

/// PyTorch's probability for the image of [`probability`].
fn expected(folder: &Path, rows: usize, cols: usize) -> f32 {
    let text = std::fs::read_to_string(folder.join("expected.json")).expect("a file");
    let key = format!("\"{rows}x{cols}\": ");
    let (_, rest) = text.split_once(&key).expect("the answer");
    let number = rest.split([',', '\n']).next().expect("a number");
    number.parse().expect("a number")
}

/// The network's answer for an image by a formula.
fn probability(net: &RsnaHemorrhageNet, rows: usize, cols: usize) -> f32 {
    let values: Vec<f32> = (0..3 * rows * cols)
        .map(|i| (i * 37 % 101) as f32 / 101.0 - 0.5)
        .collect();
    let image = Tensor::from_data(TensorData::new(values, [1, 3, rows, cols]), &Device::flex());
    net.predict(image).expect("an answer")[0].probability
}

fn load(path: &Path) -> Result<RsnaHemorrhageNet, Error> {
    RsnaHemorrhageNet::load(path, &Device::flex())
}

/// Loads the files and compares the answers with PyTorch's.
fn compare(folder: &Path, files: &[(&str, Format, f32)], sizes: &[(usize, usize)]) {
    for &(file, format, tolerance) in files {
        let path = folder.join(file);
        assert_eq!(WeightsFile::open(&path).expect(file).format(), format);
        let net = load(&path).unwrap_or_else(|error| panic!("{error}"));
        for &(rows, cols) in sizes {
            let off = (probability(&net, rows, cols) - expected(folder, rows, cols)).abs();
            say(&format!("{file} at {rows} x {cols}: off by {off:.1e}"));
            assert!(off <= tolerance, "{file}: off by {off}");
        }
    }
}

#[test]
fn every_format_and_exporter_gives_the_same_network() {
    use Format::{Onnx, PyTorch, PyTorchLegacy, Safetensors};
    let files = [
        ("network.pt", PyTorch, F32_TOLERANCE),
        ("nested-state_dict.pt", PyTorch, F32_TOLERANCE),
        ("nested-model.pt", PyTorch, F32_TOLERANCE),
        ("nested-net.pt", PyTorch, F32_TOLERANCE),
        ("prefix-module.pt", PyTorch, F32_TOLERANCE),
        ("prefix-lightning.pt", PyTorch, F32_TOLERANCE),
        ("whole-module.pt", PyTorch, F32_TOLERANCE),
        ("legacy-nested.pt", PyTorchLegacy, F32_TOLERANCE),
        ("f64.pt", PyTorch, F32_TOLERANCE),
        ("f16.pt", PyTorch, F16_TOLERANCE),
        ("bf16.pt", PyTorch, BF16_TOLERANCE),
        ("f64.safetensors", Safetensors, F32_TOLERANCE),
        ("f16.safetensors", Safetensors, F16_TOLERANCE),
        ("bf16.safetensors", Safetensors, BF16_TOLERANCE),
        ("legacy-folded.onnx", Onnx, F32_TOLERANCE),
        ("legacy-preserved.onnx", Onnx, F32_TOLERANCE),
        ("legacy-dynamic.onnx", Onnx, F32_TOLERANCE),
        ("legacy-inputs.onnx", Onnx, F32_TOLERANCE),
        ("legacy-mean.onnx", Onnx, F32_TOLERANCE),
        ("legacy-f16.onnx", Onnx, F16_TOLERANCE),
        ("cast-f16.onnx", Onnx, F16_TOLERANCE),
        ("swapped-add.onnx", Onnx, F32_TOLERANCE),
        ("dynamo.onnx", Onnx, F32_TOLERANCE),
        ("dynamo-newest.onnx", Onnx, F32_TOLERANCE),
        ("dynamo-external.onnx", Onnx, F32_TOLERANCE),
        ("dynamo-dynamic.onnx", Onnx, F32_TOLERANCE),
        ("dynamo-unoptimised.onnx", Onnx, F32_TOLERANCE),
        ("dynamo-f16.onnx", Onnx, F16_TOLERANCE),
    ];
    compare(&export(""), &files, &SIZES);
}

/// Tensors of another value give another answer, each of them: else the comparison above would not
/// see two of them exchanged.
#[test]
fn every_tensor_matters_to_the_answer() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("network.safetensors");
    let net = load(&export("network.pt")).expect("a network");
    net.save(&path, Container::Safetensors, Precision::F32)
        .expect("saved");
    let bytes = std::fs::read(&path).expect("bytes");
    let tensors = SafeTensors::deserialize(&bytes).expect("safetensors");
    let answers = |net: &RsnaHemorrhageNet| SIZES.map(|(rows, cols)| probability(net, rows, cols));
    let before = answers(&net);
    for altered in tensors.names() {
        let values: BTreeMap<&str, Vec<u8>> = tensors
            .iter()
            .map(|(name, view)| {
                let data = view.data().as_chunks::<4>().0.iter();
                let data = data.map(|&bytes| match name == altered {
                    true => f32::from_le_bytes(bytes) * 1.1 + 0.01,
                    false => f32::from_le_bytes(bytes),
                });
                (name, data.flat_map(f32::to_le_bytes).collect())
            })
            .collect();
        let views = tensors.iter().map(|(name, view)| {
            let shape = view.shape().to_vec();
            let view = TensorView::new(view.dtype(), shape, &values[name]).expect("a view");
            (name.to_owned(), view)
        });
        std::fs::write(&path, safetensors::serialize(views, None).expect("bytes"))
            .expect("written");
        let after = answers(&load(&path).expect("a network"));
        let moved = after.iter().zip(before).map(|(a, b)| (a - b).abs());
        let moved = moved.fold(0.0, f32::max);
        assert!(moved > 20.0 * F32_TOLERANCE, "{altered}: {moved}");
    }
}

/// Exports of full width need no place in the repository: `make_exports.py --full` writes them.
#[test]
fn exports_of_full_width_give_the_same_network() {
    let Some(folder) = std::env::var_os("ICH_EXPORTS") else {
        skipped("exports_of_full_width", "ICH_EXPORTS names no folder");
        return;
    };
    let files = [
        ("legacy-folded.onnx", Format::Onnx, F32_TOLERANCE),
        ("legacy-preserved.onnx", Format::Onnx, F32_TOLERANCE),
        ("legacy-f16.onnx", Format::Onnx, F16_TOLERANCE),
        ("dynamo.onnx", Format::Onnx, F32_TOLERANCE),
        ("dynamo-external.onnx", Format::Onnx, F32_TOLERANCE),
    ];
    compare(Path::new(&folder), &files, &[(512, 512)]);
}

#[test]
fn what_is_saved_loads_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let net = load(&export("legacy-preserved.onnx")).expect("a network");
    let before = probability(&net, 40, 56);
    for (container, format) in [
        (Container::Safetensors, Format::Safetensors),
        (Container::Burnpack, Format::Burnpack),
    ] {
        for (precision, tolerance) in [(Precision::F32, 0.0), (Precision::F16, F16_TOLERANCE)] {
            let path = folder.path().join("saved");
            net.save(&path, container, precision).expect("saved");
            assert_eq!(WeightsFile::open(&path).expect("a file").format(), format);
            let after = probability(&load(&path).expect("a network"), 40, 56);
            let off = (after - before).abs();
            assert!(off <= tolerance, "{format} in {precision:?}: off by {off}");
        }
    }
}

/// The error of a file without its name, and the whole message.
fn refusal(file: &str) -> (Error, String) {
    match load(&export(file)).expect_err(file) {
        Error::File { path, source } => {
            let message = with_causes(&*source);
            assert!(path.ends_with(file), "{}", path.display());
            (*source, message)
        }
        other => panic!("no file in {other:?}"),
    }
}

/// The error of the reader of ONNX files, and the whole message.
fn reader_refusal(file: &str) -> (OnnxError, String) {
    match refusal(file) {
        (Error::Onnx(error), message) => (*error, message),
        (other, _) => panic!("{file}: {other:?}"),
    }
}

#[test]
fn refuses_a_graph_that_is_not_the_network_and_names_the_node() {
    for (file, node, expects) in [
        ("bad-training.onnx", "/encoder/bn1/", "in training mode"),
        (
            "bad-stride.onnx",
            "/encoder/layer2/layer2.0/conv1/Conv",
            "stride 2",
        ),
        (
            "bad-skip-relu.onnx",
            "/encoder/layer1/layer1.1/conv1/Conv",
            "Relu behind",
        ),
        (
            "bad-shortcut.onnx",
            "/encoder/layer1/layer1.1/Add",
            "the sum of encoder.layer1.1.bn2 and its block's shortcut",
        ),
        ("bad-ceil.onnx", "/encoder/maxpool/MaxPool", "rounding down"),
        (
            "bad-axes.onnx",
            "/encoder/avgpool/",
            "something else than rows and columns",
        ),
        (
            "bad-logit.onnx",
            "/classifier/classifier.1/Sigmoid",
            "Sigmoid behind classifier.0",
        ),
        ("bad-domain.onnx", "/encoder/Relu", "com.example.Relu"),
        ("bad-other.onnx", "/0/Conv", "7 x 7"),
    ] {
        let (error, message) = refusal(file);
        let is_named = match &error {
            Error::OnnxNode { .. } => true,
            Error::Onnx(error) => {
                matches!(
                    **error,
                    OnnxError::Operator { .. } | OnnxError::Attribute { .. }
                )
            }
            _ => false,
        };
        assert!(is_named, "{file}: {error:?}");
        for needle in [node, expects] {
            assert!(
                message.contains(needle),
                "{file}: no {needle:?} in: {message}"
            );
        }
    }
}

#[test]
fn refuses_what_is_no_valid_onnx() {
    for (file, says) in [
        ("bad-reverse.onnx", "which no earlier node computes"),
        ("bad-second-output.onnx", "2 outputs"),
        ("bad-short.onnx", "bytes of values"),
    ] {
        let (error, message) = reader_refusal(file);
        let is_malformed = matches!(
            error,
            OnnxError::Malformed { .. } | OnnxError::Outputs { .. }
        );
        assert!(is_malformed, "{file}: {error:?}");
        assert!(message.contains(says), "{file}: {message}");
    }
    let (error, _) = reader_refusal("bad-opset.onnx");
    assert!(matches!(error, OnnxError::Opset { found: 99, .. }));
    let (error, _) = reader_refusal("bad-nan.onnx");
    assert!(
        matches!(error, OnnxError::NotFinite { index: 5, .. }),
        "{error:?}"
    );
}

#[test]
fn reads_values_of_other_files_only_in_the_folder_of_the_model() {
    for (file, says) in [
        ("bad-external-above.onnx", "in the folder of the model"),
        ("bad-external-absolute.onnx", "in the folder of the model"),
        ("bad-external-missing.onnx", "missing.bin"),
    ] {
        let (error, message) = reader_refusal(file);
        assert!(
            matches!(error, OnnxError::ExternalData { .. }),
            "{file}: {error:?}"
        );
        assert!(message.contains(says), "{file}: {message}");
    }
}

#[cfg(unix)]
#[test]
fn follows_no_link_out_of_the_folder() {
    let outside = tempfile::tempdir().expect("a folder");
    let folder = tempfile::tempdir().expect("a folder");
    let data = outside.path().join("data");
    std::fs::copy(export("dynamo-external.onnx.data"), &data).expect("copied");
    let model = folder.path().join("model.onnx");
    std::fs::copy(export("dynamo-external.onnx"), &model).expect("copied");
    let link = folder.path().join("dynamo-external.onnx.data");
    std::os::unix::fs::symlink(&data, &link).expect("a link");
    let message = with_causes(&load(&model).expect_err("a link"));
    assert!(message.contains("in the folder of the model"), "{message}");

    // In the folder a link is as good as a file; one that is too short is not.
    std::fs::rename(&data, folder.path().join("inside")).expect("moved");
    std::fs::remove_file(&link).expect("removed");
    std::os::unix::fs::symlink("inside", &link).expect("a link");
    load(&model).expect("a network");
    std::fs::write(&link, [0; 10_000]).expect("written");
    let message = with_causes(&load(&model).expect_err("too short"));
    assert!(message.contains("it has 10000 bytes"), "{message}");
}

#[test]
fn refuses_checkpoints_that_are_ambiguous_or_hold_more() {
    let (error, message) = refusal("bad-two-networks.pt");
    assert!(matches!(error, Error::SeveralNetworks { .. }), "{error:?}");
    assert!(message.contains("model_ema."), "{message}");
    let (error, message) = refusal("bad-surplus.pt");
    assert!(
        matches!(error, Error::UnexpectedTensors { .. }),
        "{error:?}"
    );
    assert!(message.contains("extra"), "{message}");
}

#[test]
fn says_what_a_checkpoint_holds_beside_the_network() {
    let file = WeightsFile::open(export("nested-state_dict.pt")).expect("a file");
    let fit = file.fit(&Selection::default()).expect("a network");
    assert!(fit.is_complete(), "{fit:?}");
    assert!(file.is_rsna_hemorrhage_net(&Selection::default()) && file.onnx().is_none());
    assert_eq!((fit.width, fit.prefix.as_str()), (2, "state_dict."));
    let (counters, beside): (Vec<_>, Vec<_>) = fit
        .ignored
        .iter()
        .partition(|name| name.ends_with("num_batches_tracked"));
    assert_eq!(counters.len(), 20);
    assert!(!beside.is_empty() && beside.iter().all(|name| name.starts_with("optimizer.")));

    let file = WeightsFile::open(export("bad-other.onnx")).expect("a file");
    assert!(file.tensors().expect("tensors").len() == 4);
    assert!(!file.is_rsna_hemorrhage_net(&Selection::default()));
    let model = file.onnx().expect("a model of ONNX");
    assert_eq!(model.input().expect("an image").channels, 3);
    assert!(matches!(
        file.fit(&Selection::default()),
        Err(Error::File { .. })
    ));
}

/// A cut or altered file is an error or, where a byte of a weight changed, a network; never a panic.
#[test]
fn survives_damaged_onnx() {
    let bytes = std::fs::read(export("legacy-folded.onnx")).expect("a file");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("damaged.onnx");
    for n_bytes in (1..bytes.len()).step_by(1499) {
        std::fs::write(&path, &bytes[..n_bytes]).expect("written");
        assert!(load(&path).is_err(), "cut at {n_bytes}");
    }
    let mut n_refused = 0;
    for position in (0..bytes.len()).step_by(211) {
        let mut damaged = bytes.clone();
        damaged[position] ^= 0xff;
        std::fs::write(&path, &damaged).expect("written");
        n_refused += usize::from(load(&path).is_err());
    }
    assert!(n_refused > 10, "{n_refused}");
}
