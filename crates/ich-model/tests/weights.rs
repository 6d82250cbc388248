//! Loading and saving against PyTorch's own files, which `tests/golden/make_golden.py` at the root
//! of the workspace made.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use burn::tensor::{Device, Tensor};
use ich_model::{
    Container, Error, Precision, RsnaHemorrhageNet, RsnaHemorrhageNetConfig, TensorFile,
};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use test_kit::{in_workspace, with_causes};

fn golden(file: &str) -> PathBuf {
    in_workspace("tests/golden").join(file)
}

fn probability(net: &RsnaHemorrhageNet) -> f32 {
    let image = Tensor::ones([1, 3, 40, 56], &Device::flex());
    net.predict(image).expect("an answer")[0].probability
}

fn load(path: &Path) -> Result<RsnaHemorrhageNet, Error> {
    RsnaHemorrhageNet::load(path, &Device::flex())
}

#[test]
fn every_format_gives_the_same_network() {
    let zip = probability(&load(&golden("small.pt")).expect("zip"));
    for file in ["small-legacy.pt", "small.safetensors"] {
        let other = probability(&load(&golden(file)).expect(file));
        assert_eq!(other, zip, "{file}");
    }
    let half = probability(&load(&golden("small-f16.safetensors")).expect("f16"));
    assert!(half != zip && (half - zip).abs() < 2e-3, "{half} {zip}");
}

#[test]
fn saved_weights_load_again_and_keep_pytorchs_names() {
    let folder = tempfile::tempdir().expect("a folder");
    let net = load(&golden("small.pt")).expect("weights");
    let path = folder.path().join("saved.safetensors");
    net.save(&path, Container::Safetensors, Precision::F32)
        .expect("saved");
    assert_eq!(
        probability(&load(&path).expect("loaded")),
        probability(&net)
    );

    let ours = std::fs::read(&path).expect("bytes");
    let theirs = std::fs::read(golden("small.safetensors")).expect("bytes");
    let ours = SafeTensors::deserialize(&ours).expect("safetensors");
    let theirs = SafeTensors::deserialize(&theirs).expect("safetensors");
    for (name, view) in theirs.tensors() {
        if name.ends_with("num_batches_tracked") {
            continue;
        }
        let saved = ours.tensor(&name).expect("the same name");
        assert_eq!(saved.shape(), view.shape(), "{name}");
        assert_eq!(saved.data(), view.data(), "{name}");
    }
    assert_eq!(
        ours.len() + 20,
        theirs.len(),
        "twenty counters are not saved"
    );
}

#[test]
fn refuses_an_autodiff_device() {
    let device = Device::flex().autodiff();
    let config = RsnaHemorrhageNetConfig::new().with_width(4);
    assert!(matches!(config.init(&device), Err(Error::AutodiffDevice)));
    let loaded = RsnaHemorrhageNet::load(golden("small.pt"), &device);
    assert!(matches!(loaded, Err(Error::AutodiffDevice)));
}

#[test]
fn batch_normalisation_does_not_train() {
    use burn::module::Module;
    let net = load(&golden("small.pt")).expect("weights");
    let before = probability(&net);
    // Moved to an autodiff device by hand, the frozen layers still use their stored statistics.
    let device = Device::flex().autodiff();
    let moved = net.clone().fork(&device);
    let image = Tensor::ones([1, 3, 40, 56], &device);
    assert_eq!(
        moved.predict(image).expect("an answer")[0].probability,
        before
    );
}

#[test]
fn rejects_widths_out_of_range() {
    for width in [0, 513] {
        let config = RsnaHemorrhageNetConfig::new().with_width(width);
        assert!(matches!(
            config.init(&Device::flex()),
            Err(Error::Width { .. })
        ));
    }
}

/// Tensors of the small network as a writable table.
struct Table(BTreeMap<String, (Dtype, Vec<usize>, Vec<u8>)>);

impl Table {
    fn small() -> Self {
        let bytes = std::fs::read(golden("small.safetensors")).expect("bytes");
        let tensors = SafeTensors::deserialize(&bytes).expect("safetensors");
        let table = tensors
            .tensors()
            .into_iter()
            .map(|(name, view)| {
                (
                    name,
                    (view.dtype(), view.shape().to_vec(), view.data().to_vec()),
                )
            })
            .collect();
        Table(table)
    }

    /// The error that loading this table gives, and its text, which must name the file.
    fn error(&self) -> (Error, String) {
        let views = self.0.iter().map(|(name, (dtype, shape, data))| {
            let view = TensorView::new(*dtype, shape.clone(), data).expect("a view");
            (name.clone(), view)
        });
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("crafted.safetensors");
        let bytes = safetensors::serialize(views, None).expect("bytes");
        std::fs::write(&path, bytes).expect("written");
        let error = load(&path).expect_err("malformed");
        let message = with_causes(&error);
        assert!(message.contains("crafted.safetensors"), "{message}");
        match error {
            Error::File { source, .. } => (*source, message),
            other => panic!("no file in {other:?}"),
        }
    }
}

const SOME: &str = "encoder.layer3.0.conv2.weight";

#[test]
fn rejects_a_missing_tensor_by_name() {
    let mut table = Table::small();
    table.0.remove(SOME);
    let (error, message) = table.error();
    assert!(matches!(error, Error::MissingTensors { n_missing: 1, .. }));
    assert!(message.contains(SOME), "{message}");
}

#[test]
fn rejects_a_missing_stem() {
    let mut table = Table::small();
    table.0.remove("encoder.conv1.weight");
    assert!(matches!(table.error().0, Error::MissingTensors { .. }));
}

/// A reader that closed gaps would take layer1.1 for layer1.0.
#[test]
fn rejects_a_missing_block() {
    let mut table = Table::small();
    table
        .0
        .retain(|name, _| !name.starts_with("encoder.layer1.0."));
    let (error, message) = table.error();
    assert!(
        matches!(error, Error::MissingTensors { n_missing: 10, .. }),
        "{error}"
    );
    assert!(message.contains("encoder.layer1.0."), "{message}");
}

#[test]
fn rejects_a_surplus_tensor_by_name() {
    let mut table = Table::small();
    let extra = (Dtype::F32, vec![1], vec![0; 4]);
    table.0.insert("encoder.layer5.weight".to_owned(), extra);
    let (error, message) = table.error();
    assert!(matches!(
        &error,
        Error::UnexpectedTensors { names, .. } if names == &["encoder.layer5.weight"]
    ));
    assert!(message.contains("encoder.layer5.weight"), "{message}");
}

#[test]
fn rejects_a_renamed_tensor() {
    let mut table = Table::small();
    let tensor = table.0.remove(SOME).expect("the tensor");
    table.0.insert(format!("module.{SOME}"), tensor);
    assert!(matches!(table.error().0, Error::MissingTensors { .. }));
}

#[test]
fn rejects_a_wrong_shape_by_name() {
    let mut table = Table::small();
    table.0.get_mut(SOME).expect("the tensor").1.swap(0, 3);
    let (error, message) = table.error();
    assert!(matches!(error, Error::Shape { .. }), "{error}");
    assert!(
        message.contains(SOME) && message.contains("[16, 16, 3, 3]"),
        "{message}"
    );
}

#[test]
fn rejects_a_width_beyond_the_limit() {
    let mut table = Table::small();
    let stem = (Dtype::F16, vec![513, 3, 7, 7], vec![0; 513 * 3 * 7 * 7 * 2]);
    table.0.insert("encoder.conv1.weight".to_owned(), stem);
    assert!(matches!(table.error().0, Error::Shape { .. }));
}

#[test]
fn rejects_a_stem_without_dimensions() {
    let mut table = Table::small();
    let stem = (Dtype::F32, vec![], vec![0; 4]);
    table.0.insert("encoder.conv1.weight".to_owned(), stem);
    assert!(matches!(table.error().0, Error::Shape { .. }));
}

#[test]
fn rejects_integers() {
    let mut table = Table::small();
    table.0.get_mut(SOME).expect("the tensor").0 = Dtype::I32;
    let (error, message) = table.error();
    assert!(matches!(error, Error::DType { .. }), "{error}");
    assert!(message.contains(SOME), "{message}");
}

#[test]
fn rejects_values_that_are_not_finite() {
    for bad in [f32::NAN, f32::INFINITY] {
        let mut table = Table::small();
        table.0.get_mut(SOME).expect("the tensor").2[40..44].copy_from_slice(&bad.to_le_bytes());
        let (error, message) = table.error();
        assert!(
            matches!(error, Error::NotFinite { index: 10, .. }),
            "{error}"
        );
        assert!(message.contains(SOME), "{message}");
    }
}

#[test]
fn rejects_a_negative_variance() {
    let mut table = Table::small();
    let variance = table
        .0
        .get_mut("encoder.bn1.running_var")
        .expect("the tensor");
    variance.2[..4].copy_from_slice(&(-0.5_f32).to_le_bytes());
    assert!(matches!(
        table.error().0,
        Error::NegativeVariance { index: 0, .. }
    ));
}

#[test]
fn reads_the_one_tensor_of_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let from_pt = TensorFile::read(golden("wide-background.pt")).expect("a tensor");
    assert_eq!(from_pt.shape, [3, 48, 80]);

    let path = folder.path().join("tensor.safetensors");
    from_pt
        .save(&path, "background", Precision::F32)
        .expect("saved");
    assert_eq!(TensorFile::read(&path).expect("a tensor"), from_pt);

    // The values, by the definition: a grey image, repeated and normalised.
    let grey = test_kit::read_npy(golden("wide-background.npy"));
    let expected: Vec<f32> = [(0.485, 0.229), (0.456, 0.224), (0.406, 0.225)]
        .into_iter()
        .flat_map(|(mean, std)| grey.iter().map(move |v| (v - mean) / std))
        .collect();
    assert_eq!(from_pt.values, expected);
}

#[test]
fn saved_files_have_the_permissions_of_any_new_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let [any, net, tensor] = ["any", "net", "tensor"].map(|name| folder.path().join(name));
    std::fs::write(&any, []).expect("written");
    load(&golden("small.pt"))
        .and_then(|small| small.save(&net, Container::Safetensors, Precision::F32))
        .expect("saved");
    TensorFile::read(golden("wide-background.pt"))
        .and_then(|background| background.save(&tensor, "background", Precision::F32))
        .expect("saved");

    let permissions = |path| std::fs::metadata(path).expect("a file").permissions();
    assert_eq!(permissions(&net), permissions(&any));
    assert_eq!(permissions(&tensor), permissions(&any));
}

#[test]
fn rejects_a_file_of_many_tensors_where_one_is_expected() {
    for file in ["small.pt", "small.safetensors", "small-legacy.pt"] {
        let error = TensorFile::read(golden(file)).expect_err("a state dict");
        assert!(error.to_string().contains(file), "{error}");
    }
}

#[test]
fn equal_weights_have_equal_bytes() {
    let nets = [(); 2].map(|()| load(&golden("small.pt")).expect("a network"));
    for container in [Container::Safetensors, Container::Burnpack] {
        for precision in [Precision::F16, Precision::F32] {
            let [first, second] = nets
                .each_ref()
                .map(|net| net.to_bytes(container, precision).expect("bytes"));
            assert!(first == second, "{container:?} of {precision:?}");
        }
    }
}
