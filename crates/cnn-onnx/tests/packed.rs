//! Small models against answers of others: ONNX's own tests of its operators, and random networks
//! against ONNX Runtime. Each is passed or refused with a reason, and none is wrong.
//! `packed/pack_node_tests.py` and `packed/make_random_networks.py` made them.

use std::collections::BTreeMap;

use cnn_graph::Size;
use cnn_onnx::{Error, Model};
use test_kit::{in_workspace, say};

/// How far a value may be off: this absolutely, and a share of the expected one.
#[derive(Clone, Copy)]
struct Tolerance {
    absolute: f64,
    relative: f64,
}

/// What ONNX allows in its tests.
const OF_ONNX: Tolerance = Tolerance {
    absolute: 1e-6,
    relative: 1e-3,
};

/// ONNX Runtime computes in f32. A quarter of this was measured.
const OF_RUNTIME: Tolerance = Tolerance {
    absolute: 5e-6,
    relative: 2e-5,
};

impl Tolerance {
    /// How far a value is off, in parts of what is allowed.
    fn share(self, found: f64, expected: f64) -> f64 {
        if found == expected || (found.is_nan() && expected.is_nan()) {
            return 0.0;
        }
        let share = (found - expected).abs() / (self.absolute + self.relative * expected.abs());
        if share.is_nan() { f64::INFINITY } else { share }
    }
}

/// One test: a model, images and the answers.
struct Case {
    name: String,
    model: Vec<u8>,
    size: Size,
    images: Vec<Vec<f64>>,
    answers: Vec<Vec<f64>>,
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn bytes(&mut self, n: usize) -> Vec<u8> {
        let (bytes, rest) = self.0.split_at(n);
        self.0 = rest;
        bytes.to_vec()
    }

    fn number(&mut self) -> usize {
        let bytes = self.bytes(4).try_into().expect("four bytes");
        u32::from_le_bytes(bytes) as usize
    }

    fn values(&mut self, n: usize) -> Vec<f64> {
        let value = |_| f32::from_bits(self.number() as u32).into();
        (0..n).map(value).collect()
    }

    fn case(&mut self) -> Case {
        let n = self.number();
        let name = String::from_utf8(self.bytes(n)).expect("a name");
        let n = self.number();
        let model = self.bytes(n);
        let [channels, rows, cols, n_images] = [(); 4].map(|()| self.number());
        let image = |_| self.values(channels * rows * cols);
        let images = (0..n_images).map(image).collect();
        let n = self.number();
        let answers = (0..n_images).map(|_| self.values(n)).collect();
        let size = Size { rows, cols };
        Case {
            name,
            model,
            size,
            images,
            answers,
        }
    }
}

/// How far the worst answer is off, in parts of what is allowed; an error for a refused model.
fn worst_share(case: &Case, tolerance: Tolerance) -> Result<f64, Error> {
    let graph = Model::from_bytes(case.model.clone(), None)?.graph(case.size)?;
    let share = |(image, expected): (&Vec<f64>, &Vec<f64>)| {
        let found = graph.reference(image).expect("an answer");
        if found.len() != expected.len() {
            return f64::INFINITY;
        }
        let pairs = found.iter().zip(expected);
        let shares = pairs.map(|(&found, &expected)| tolerance.share(found, expected));
        shares.fold(0.0, f64::max)
    };
    let images = case.images.iter().zip(&case.answers);
    Ok(images.map(share).fold(0.0, f64::max))
}

/// How many of the models of a file pass, and why the others are refused.
fn counts(file: &str, tolerance: Tolerance) -> (usize, Vec<Error>) {
    let path = in_workspace("crates/cnn-onnx/tests/packed").join(file);
    let bytes = std::fs::read(path).expect("a file");
    let mut reader = Reader(&bytes);
    let mut n_passed = 0;
    let mut worst = 0.0;
    let mut wrong = Vec::new();
    let mut refusals = Vec::new();
    let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
    while !reader.0.is_empty() {
        let case = reader.case();
        match worst_share(&case, tolerance) {
            Ok(share) if share <= 1.0 => {
                n_passed += 1;
                worst = f64::max(worst, share);
            }
            Ok(_) => wrong.push(case.name),
            Err(error) => {
                names.entry(error.to_string()).or_default().push(case.name);
                refusals.push(error);
            }
        }
    }
    for (reason, names) in &names {
        say(&format!("{}: {reason}", names.join(" ")));
    }
    let n_refused = refusals.len();
    say(&format!("{file}: {n_passed} passed, {n_refused} refused"));
    say(&format!(
        "the worst is off by {worst:.2} of what is allowed"
    ));
    assert_eq!(wrong, [""; 0]);
    (n_passed, refusals)
}

#[test]
fn no_answer_is_wrong_in_the_tests_of_onnx() {
    let (n_passed, refusals) = counts("node_tests.bin", OF_ONNX);
    for error in &refusals {
        let has_reason = matches!(error, Error::Operator { .. } | Error::Attribute { .. });
        assert!(has_reason, "{error}");
    }
    // What is evaluated stays evaluated.
    assert_eq!((n_passed, refusals.len()), (147, 81));
}

#[test]
fn random_networks_answer_as_in_onnx_runtime() {
    let (n_passed, refusals) = counts("random_networks.bin", OF_RUNTIME);
    // Pools with gaps and scales on which ONNX and ONNX Runtime do not agree, and pools of windows
    // that do not fit, which ONNX Runtime counts as one.
    assert_eq!((n_passed, refusals.len()), (191, 9));
}
