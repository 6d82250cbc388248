//! Files that are no weights, each named for what it is, with what to do.

use std::io::{Cursor, Write};
use std::path::Path;

use burn::tensor::Device;
use ich_model::{Error, RsnaHemorrhageNet};
use test_kit::{say, with_causes};
use zip::write::SimpleFileOptions;

fn archive(entries: &[&str]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for entry in entries {
        zip.start_file(*entry, SimpleFileOptions::default())
            .expect("an entry");
        zip.write_all(b"{}").expect("written");
    }
    zip.finish().expect("an archive").into_inner()
}

fn refusal(path: &Path) -> String {
    let error = RsnaHemorrhageNet::load(path, &Device::flex()).expect_err("no weights");
    let Error::File { source, .. } = &error else {
        panic!("no file in {error:?}");
    };
    assert!(matches!(**source, Error::UnknownFormat { .. }), "{error:?}");
    with_causes(&error)
}

#[test]
fn files_of_other_frameworks_are_named() {
    let at = |place: usize, magic: &[u8]| [&vec![0; place][..], magic, &[0; 300]].concat();
    let export = "export the network to ONNX";
    let state_dict = "torch.save(model.state_dict()";
    // What joblib and pickle leave of scikit-learn: protocols 4 and 2.
    let forest = b"\x80\x04\x95\x10\0\0\0\0\0\0\0\x8c\x10sklearn.ensemble\x94\x8c\x06Forest\x94\x93\x94)\x81}b.";
    let scaler = b"\x80\x02csklearn.preprocessing\nScaler\n)\x81}b.";
    let array = b"\x80\x02cnumpy.core.multiarray\n_reconstruct\n\xff";
    let cases: Vec<(&str, Vec<u8>, [&str; 2])> = vec![
        ("model.h5", at(0, b"\x89HDF\r\n\x1a\n"), ["HDF5", export]),
        ("model.tflite", at(4, b"TFL3"), ["TensorFlow Lite", export]),
        (
            "model.ort",
            at(4, b"ORTM"),
            ["ONNX Runtime's own", "made of"],
        ),
        ("model.gguf", at(0, b"GGUF"), ["GGUF", "language"]),
        ("x.npy", at(0, b"\x93NUMPY"), ["NumPy", "one array"]),
        ("slice.dcm", at(128, b"DICM"), ["a slice", "image"]),
        ("slice.png", at(0, b"\x89PNG\r\n"), ["a slice", "image"]),
        ("x.pt.gz", at(0, &[0x1f, 0x8b, 8]), ["gzip", "unpack"]),
        ("x.tar", at(257, b"ustar"), ["tar archive", state_dict]),
        (
            "openvino.xml",
            b"<?xml version=\"1.0\"?>\n<net name=\"n\" version=\"11\">".to_vec(),
            ["OpenVINO", export],
        ),
        // specificationVersion 5, a description, and a neural network in field 500.
        (
            "model.mlmodel",
            vec![8, 5, 18, 4, 10, 2, 8, 1, 0xa2, 0x1f, 0],
            ["Core ML", export],
        ),
        // saved_model_schema_version 1 and a meta graph.
        (
            "saved_model.pb",
            vec![8, 1, 18, 4, 10, 2, 8, 1],
            ["TensorFlow", export],
        ),
        (
            "forest.joblib",
            forest.to_vec(),
            ["sklearn.ensemble.Forest", state_dict],
        ),
        (
            "scaler.pkl",
            scaler.to_vec(),
            ["sklearn.preprocessing.Scaler", state_dict],
        ),
        (
            "array.pkl",
            array.to_vec(),
            ["numpy.core.multiarray._reconstruct", state_dict],
        ),
        (
            "new.pt2",
            archive(&["m/models/model.json", "m/data/weights/weight_0"]),
            ["torch.export", state_dict],
        ),
        (
            "old.pt2",
            archive(&["serialized_exported_program.json", "version"]),
            ["torch.export", state_dict],
        ),
        (
            "model.keras",
            archive(&["config.json", "model.weights.h5"]),
            ["Keras", export],
        ),
        (
            "x.mlpackage.zip",
            archive(&["m/Data/m.mlmodel"]),
            ["Core ML", export],
        ),
        (
            "x.zip",
            archive(&["x/saved_model.pb"]),
            ["TensorFlow", export],
        ),
        (
            "x.npz",
            archive(&["a.npy", "b.npy"]),
            ["NumPy", "safetensors"],
        ),
        (
            "model.zip",
            archive(&["model.pt"]),
            ["\"model.pt\"", "unpack"],
        ),
        ("empty.zip", archive(&["readme"]), ["\"readme\"", "unpack"]),
    ];
    let folder = tempfile::tempdir().expect("a folder");
    for (name, bytes, says) in cases {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        let message = refusal(&path);
        say(&format!("{name}: expected {says:?}, got {message}"));
        for word in says.iter().chain(&[name]) {
            assert!(message.contains(word), "{name}: no {word:?} in: {message}");
        }
    }
}

#[test]
fn folders_of_other_frameworks_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let saved = folder.path().join("saved");
    std::fs::create_dir(&saved).expect("a folder");
    std::fs::write(saved.join("saved_model.pb"), [8, 1]).expect("written");
    assert!(refusal(&saved).contains("TensorFlow"));
    let package = folder.path().join("net.mlpackage");
    std::fs::create_dir_all(package.join("Data/com.apple.CoreML")).expect("a folder");
    std::fs::write(package.join("Manifest.json"), "{}").expect("written");
    assert!(refusal(&package).contains("Core ML"));
    let error = RsnaHemorrhageNet::load(folder.path(), &Device::flex()).expect_err("a folder");
    assert!(
        with_causes(&error).contains("not a regular file"),
        "{error:?}"
    );
}

/// A model of ONNX that holds no graph stays one.
#[test]
fn onnx_without_a_graph_is_not_taken_for_another_format() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("x.onnx");
    std::fs::write(&path, b"\x08\x08\x12\x07pytorch\x42\x02\x10\x11").expect("written");
    let error = RsnaHemorrhageNet::load(&path, &Device::flex()).expect_err("no graph");
    assert!(
        with_causes(&error).contains("it holds no graph"),
        "{error:?}"
    );
}
