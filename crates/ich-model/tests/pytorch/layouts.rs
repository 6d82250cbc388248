//! How PyTorch's files lay out a network, or several.

use std::path::PathBuf;

use burn::tensor::Device;
use burn_store::{ModuleStore, PytorchStore, bridge};
use ich_model::{Error, Format, RsnaHemorrhageNetConfig, Selection, TensorFile, WeightsFile};
use test_kit::{in_workspace, with_causes};

use crate::network::{load, probability, small_network};
use crate::writer::{Blobs, Pickle, Tensors, archive, row_major, state_dict, tensors_of, write};

/// The zip library looks for the directory behind its place where the first record has the length
/// of those at the end: 76 bytes, a stem of 21 characters.
#[test]
fn archives_load_whatever_they_are_called() {
    let folder = tempfile::tempdir().expect("a folder");
    let net = small_network();
    let (pickle, blobs) = state_dict(Pickle::default(), &tensors_of(&net), "");
    let stems = (1..=64).map(|length| "a".repeat(length));
    for stem in stems.chain(["ne\u{fc}ral-net-of-21-by".to_owned(), "archive".to_owned()]) {
        let path = folder.path().join(format!("{stem}.pt"));
        write(&path, &pickle, &blobs);
        let loaded =
            load(&path).unwrap_or_else(|error| panic!("{} characters: {error}", stem.len()));
        assert_eq!(probability(&loaded), probability(&net), "{stem}");
        let file = WeightsFile::open(&path).expect("a file");
        assert_eq!(file.format(), Format::PyTorch);
        let bytes = std::fs::read(&path).expect("bytes");
        assert_eq!(file.sha256(), ich_model::sha256(&bytes));
        assert_eq!(file.n_bytes(), bytes.len() as u64);
    }
}

/// The hash is that of `sha256sum` for three bytes (FIPS 180-4, example of one block).
#[test]
fn the_hash_is_the_standards() {
    assert_eq!(
        ich_model::sha256(b"abc"),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
}

/// Two networks of different answers, in every arrangement of keys.
#[test]
fn a_key_chooses_one_of_several_networks() {
    let folder = tempfile::tempdir().expect("a folder");
    let device = Device::flex();
    let nets = [3, 2].map(|width| {
        let config = RsnaHemorrhageNetConfig::new().with_width(width);
        config.init(&device).expect("a network")
    });
    let answers = nets.clone().map(|net| probability(&net));
    for (keys, chosen) in [
        (["model", "model_ema"], ["model", "model_ema"]),
        (["state_dict", "ema.module"], ["state_dict", "ema"]),
        (["teacher.net", "student.net"], ["teacher", "student.net"]),
    ] {
        let mut pickle = Pickle::default().raw(b"}(");
        let mut blobs = Blobs::new();
        for (net, key) in nets.iter().zip(keys) {
            let tensors: Tensors = match key.split_once('.') {
                Some((_, inner)) => {
                    let tensors = tensors_of(net).into_iter();
                    let inner = |(name, t)| (format!("{inner}.{name}"), t);
                    tensors.map(inner).collect()
                }
                None => tensors_of(net),
            };
            pickle = pickle.text(key.split('.').next().expect("a key"));
            let (with, own) = state_dict(pickle, &tensors, key);
            pickle = with;
            blobs.extend(own);
        }
        let path = folder.path().join("several.pt");
        write(&path, &pickle.raw(b"u"), &blobs);
        let file = WeightsFile::open(&path).expect("a file");
        let error = file.network(&Selection::default(), &device);
        let message = with_causes(&error.expect_err("two networks"));
        for key in keys {
            assert!(message.contains(&format!("--key {key}")), "{message}");
        }
        for (key, answer) in chosen.into_iter().zip(answers) {
            let selection = Selection {
                key: Some(key.to_owned()),
                ..Selection::default()
            };
            let net = file.network(&selection, &device).expect(key);
            assert_eq!(probability(&net), answer, "{key}");
        }
        let selection = Selection {
            key: Some("optimizer".to_owned()),
            ..Selection::default()
        };
        let error = file.network(&selection, &device).expect_err("no such key");
        assert!(with_causes(&error).contains("\"optimizer\""), "{error:?}");
    }
}

/// Modules as `torch.jit.save` pickles them: an object for each, with its attributes as state.
fn script(pickle: Pickle, tensors: &Tensors, blobs: &mut Blobs) -> Pickle {
    let mut pickle = pickle
        .global("__torch__.torch.nn", "Module")
        .raw(b")\x81}(");
    pickle = pickle.text("training").raw([0x89]);
    let mut parts: Vec<&str> = tensors
        .keys()
        .map(|name| name.split('.').next().expect("a part"))
        .collect();
    parts.dedup();
    for part in parts {
        pickle = pickle.text(part);
        if let Some((shape, values)) = tensors.get(part) {
            let key = blobs.len().to_string();
            pickle = pickle.tensor("FloatStorage", &key, shape, &row_major(shape));
            blobs.push((format!("data/{key}"), values.clone()));
        } else {
            let inner = tensors.iter().filter_map(|(name, tensor)| {
                let inner = name.strip_prefix(part)?.strip_prefix('.')?;
                Some((inner.to_owned(), tensor.clone()))
            });
            pickle = script(pickle, &inner.collect(), blobs);
        }
    }
    pickle.raw(b"ub")
}

#[test]
fn the_weights_of_a_script_are_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let net = small_network();
    let mut blobs = Blobs::new();
    let pickle = script(Pickle::default(), &tensors_of(&net), &mut blobs);
    let path = folder.path().join("scripted.pt");
    for code in ["constants.pkl", "code/__torch__.py"] {
        let mut blobs = blobs.clone();
        blobs.push((code.to_owned(), b"class Module(Module):".to_vec()));
        write(&path, &pickle, &blobs);
        let file = WeightsFile::open(&path).expect("a file");
        assert_eq!(file.format(), Format::TorchScript);
        let loaded = load(&path).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(probability(&loaded), probability(&net));
    }
}

/// All files of PyTorch that the tests have, read by Burn's own reader too.
#[test]
fn tensors_are_those_that_another_reader_finds() {
    let mut n_tensors = 0;
    for folder in ["tests/golden", "crates/ich-model/tests/exports"] {
        let files = std::fs::read_dir(in_workspace(folder)).expect("a folder");
        let paths = files.map(|entry| entry.expect("an entry").path());
        let is_checkpoint = |path: &PathBuf| {
            path.extension().is_some_and(|e| e == "pt")
                && !path.ends_with("wide-background.pt")
                && !path.ends_with("square-background.pt")
        };
        for path in paths.filter(is_checkpoint) {
            let mut theirs = PytorchStore::from_file(&path).map_indices_contiguous(false);
            let theirs = theirs.get_all_tensors().expect("tensors");
            let ours = WeightsFile::open(&path).expect("a file");
            let ours = ours.tensors().expect("tensors");
            let names: Vec<_> = ours.iter().map(|tensor| &tensor.name).collect();
            assert_eq!(
                names,
                theirs.keys().collect::<Vec<_>>(),
                "{}",
                path.display()
            );
            for (tensor, theirs) in ours.iter().zip(theirs.values()) {
                assert_eq!(tensor.shape, theirs.shape.to_vec(), "{}", tensor.name);
                let dtype = format!("{:?}", theirs.dtype).to_lowercase();
                assert_eq!(tensor.dtype, dtype, "{}", tensor.name);
                n_tensors += 1;
            }
        }
    }
    assert!(n_tensors > 1000, "{n_tensors}");
}

#[test]
fn values_are_those_that_another_reader_finds() {
    let path = in_workspace("crates/ich-model/tests/exports/whole-module.pt");
    let mut theirs = PytorchStore::from_file(&path).map_indices_contiguous(false);
    let ours = tensors_of(&load(&path).expect("a network"));
    for (name, tensor) in theirs.get_all_tensors().expect("tensors") {
        let data = bridge::to_data(tensor).expect("values");
        match ours.get(name) {
            Some((_, values)) => assert_eq!(values[..], data.bytes()[..], "{name}"),
            None => assert!(name.ends_with("num_batches_tracked"), "{name}"),
        }
    }
}

fn one_tensor(pickle: &Pickle, values: &[f32]) -> Result<TensorFile, Error> {
    let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    TensorFile::from_bytes(archive("t", pickle, &vec![("data/0".to_owned(), bytes)]))
}

#[test]
fn views_of_a_storage_are_read_in_their_order() {
    let values = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0];
    let view = |n_values, shape: &[usize], strides: &[usize]| {
        let pickle = Pickle::default().view("FloatStorage", ("0", n_values), shape, strides);
        one_tensor(&pickle, &values)
    };
    let transposed = view(6, &[3, 2], &[1, 3]).expect("a tensor");
    assert_eq!(transposed.shape, [3, 2]);
    assert_eq!(transposed.values, [0.0, 3.0, 1.0, 4.0, 2.0, 5.0]);
    let expanded = view(6, &[2, 3], &[0, 1]).expect("a tensor");
    assert_eq!(expanded.values, [0.0, 1.0, 2.0, 0.0, 1.0, 2.0]);
    // Steps along a dimension of one value do not matter.
    let column = view(6, &[6, 1], &[1, 77]).expect("a tensor");
    assert_eq!(column.values, values);

    for (n_values, shape, strides, says) in [
        (6, &[7][..], &[1][..], "beyond its storage"),
        (6, &[2, 3], &[usize::MAX >> 34, 1], "beyond its storage"),
        (9, &[9], &[1], "cut short"),
        (6, &[2, 3], &[1], "differ in length"),
    ] {
        let error = view(n_values, shape, strides).expect_err(says).to_string();
        assert!(error.contains(says), "{error}");
    }
}
