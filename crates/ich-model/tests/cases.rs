//! Files of weights as people have them: each gives the answer of ONNX Runtime for the same network,
//! or an error that says what it is and what to do. `cases/README.md` says where they come from.

use burn::tensor::{Device, Tensor, TensorData};
use ich_model::glob::Pattern;
use ich_model::{Error, Selection, WeightsFile};
use test_kit::{in_workspace, say, with_causes};

/// Largest difference from ONNX Runtime in f32. 6e-7 was measured.
const TOLERANCE: f32 = 5e-6;

/// What is to happen to a file.
enum Expected {
    /// The answer of this name in `expected.json`.
    Answer(&'static str),
    /// An error with these words.
    Refusal(&'static [&'static str]),
}

use Expected::{Answer, Refusal};

fn expected_answer(name: &str) -> f32 {
    let path = in_workspace("crates/ich-model/tests/cases/expected.json");
    let text = std::fs::read_to_string(path).expect("a file");
    let (_, rest) = text
        .split_once(&format!("\"{name}\": "))
        .expect("the answer");
    let number = rest.split([',', '\n']).next().expect("a number");
    number.parse().expect("a number")
}

fn answer(file: &str, selection: &Selection) -> Result<f32, Error> {
    let device = Device::flex();
    let path = in_workspace("crates/ich-model/tests/cases").join(file);
    let net = WeightsFile::open(path)?.network(selection, &device)?;
    let values: Vec<f32> = (0..3 * 64 * 64)
        .map(|i| (i * 37 % 101) as f32 / 101.0 - 0.5)
        .collect();
    let image = Tensor::from_data(TensorData::new(values, [1, 3, 64, 64]), &device);
    Ok(net.predict(image)?[0].probability)
}

#[test]
fn files_load_or_are_named_for_what_they_are() {
    let cases = [
        ("base.onnx", "", "", Answer("base.onnx")),
        ("ort-basic.onnx", "", "", Answer("base.onnx")),
        // A factor of a linear map, and another epsilon of one normalisation.
        ("gemm-alpha.onnx", "", "", Answer("gemm-alpha.onnx")),
        ("epsilon.onnx", "", "", Answer("epsilon.onnx")),
        (
            "rsna_hemorrhage_model.pt",
            "",
            "",
            Answer("rsna_hemorrhage_model.pt"),
        ),
        ("defaultdict.pt", "", "", Answer("defaultdict.pt")),
        (
            "pos_weight.ckpt",
            "",
            "",
            Refusal(&[
                "a tensor is not part of the network: state_dict.criterion.pos_weight;",
                "add --ignore 'state_dict.criterion.*'",
            ]),
        ),
        (
            "pos_weight.ckpt",
            "",
            "state_dict.criterion.*",
            Answer("pos_weight.ckpt"),
        ),
        (
            "pos_weight.ckpt",
            "",
            "*pos_weight",
            Answer("pos_weight.ckpt"),
        ),
        (
            "mil_ich.pt",
            "",
            "",
            Refusal(&[
                "6 tensors are not part of the network: attention_mechanism.U.bias,",
                "and 1 more",
                "add --ignore 'attention_mechanism.*'",
            ]),
        ),
        (
            "mil_ich.pt",
            "",
            "attention_mechanism.*",
            Answer("mil_ich.pt"),
        ),
        // No pattern leaves out what the network has.
        ("mil_ich.pt", "", "*", Answer("mil_ich.pt")),
        (
            "mil_ich.pt",
            "model",
            "",
            Refusal(&["at the key \"model\"", "has no key"]),
        ),
        (
            "ema.pt",
            "",
            "",
            Refusal(&[
                "several networks",
                "choose one with --key model or --key model_ema.module",
            ]),
        ),
        ("ema.pt", "model", "", Answer("ema.pt#model")),
        ("ema.pt", "model_ema", "", Answer("ema.pt#model_ema")),
        ("ema.pt", "model_ema.module", "", Answer("ema.pt#model_ema")),
        (
            "ema.pt",
            "ema",
            "",
            Refusal(&["at the key \"ema\"", "--key model or"]),
        ),
        (
            "exported.pt2",
            "",
            "",
            Refusal(&["torch.export", "torch.save(model.state_dict()"]),
        ),
        (
            "logits.onnx",
            "",
            "",
            Refusal(&["the graph ends where Sigmoid behind classifier.0 is expected"]),
        ),
        // The same network for images with channels last; here they come first.
        ("nhwc.onnx", "", "", Answer("base.onnx")),
        (
            "ort_fused.onnx",
            "",
            "",
            Refusal(&["com.microsoft.FusedConv", "ORT_ENABLE_BASIC"]),
        ),
        (
            "ort-all.onnx",
            "",
            "",
            Refusal(&["com.microsoft", "ORT_DISABLE_ALL"]),
        ),
        (
            "qdq_int8.onnx",
            "",
            "",
            Refusal(&["QuantizeLinear", "quantised", "in f32"]),
        ),
        (
            "dynamic_int8.onnx",
            "",
            "",
            Refusal(&["QuantizeLinear", "quantised"]),
        ),
    ];
    for (file, key, ignore, expected) in cases {
        let selection = Selection {
            key: Some(key.to_owned()).filter(|key| !key.is_empty()),
            ignore: (!ignore.is_empty())
                .then(|| Pattern::new(ignore).expect("a pattern"))
                .into_iter()
                .collect(),
        };
        let got = answer(file, &selection);
        let options = format!("key {key:?}, ignore {ignore:?}");
        match (expected, got) {
            (Answer(name), Ok(got)) => {
                let wanted = expected_answer(name);
                say(&format!("{file} ({options}): expected {wanted}, got {got}"));
                assert!((got - wanted).abs() <= TOLERANCE, "{file}: {got}");
            }
            (Refusal(words), Err(got)) => {
                let got = with_causes(&got);
                say(&format!(
                    "{file} ({options}): expected {words:?}, got {got}"
                ));
                for word in words.iter().chain(&[file]) {
                    assert!(got.contains(word), "{file}: no {word:?} in: {got}");
                }
            }
            (Answer(_), Err(got)) => panic!("{file} ({options}): {got}"),
            (Refusal(_), Ok(got)) => panic!("{file} ({options}): {got}"),
        }
    }
}

#[test]
fn the_fit_names_what_a_selection_leaves_out() {
    let path = in_workspace("crates/ich-model/tests/cases/mil_ich.pt");
    let file = WeightsFile::open(path).expect("a file");
    let before = file.fit(&Selection::default()).expect("a network");
    assert!(!before.is_complete() && before.excluded.is_empty());
    let selection = Selection {
        ignore: vec![Pattern::new("attention_mechanism.?.*").expect("a pattern")],
        ..Selection::default()
    };
    let fit = file.fit(&selection).expect("a network");
    assert!(fit.is_complete(), "{fit:?}");
    assert_eq!(fit.excluded, before.unexpected);
    assert_eq!(fit.excluded.len(), 6);
}

/// The hash and the network are of the bytes that were read, whatever becomes of the file.
#[test]
fn a_file_that_changes_later_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let external = ["dynamo-external.onnx", "dynamo-external.onnx.data"];
    for (from, files) in [
        ("cases", &["base.onnx"][..]),
        ("cases", &["rsna_hemorrhage_model.pt"]),
        ("exports", &["legacy-nested.pt"]),
        ("exports", &["f64.safetensors"]),
        ("exports", &external),
    ] {
        let from = in_workspace("crates/ich-model/tests").join(from);
        let copies: Vec<_> = files.iter().map(|file| folder.path().join(file)).collect();
        for (file, copy) in files.iter().zip(&copies) {
            std::fs::copy(from.join(file), copy).expect("copied");
        }
        let bytes = std::fs::read(&copies[0]).expect("bytes");
        let file = WeightsFile::open(&copies[0]).expect("a file");
        for copy in &copies {
            std::fs::write(copy, b"something else").expect("written");
        }
        let net = file.network(&Selection::default(), &Device::flex());
        net.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(file.sha256(), ich_model::sha256(&bytes));
        assert_eq!(file.external_files().len(), files.len() - 1);
    }
}
