//! ONNX's own tests of its operators: each is passed or refused with a reason, and none is wrong.
//! `node_tests/pack.py` packed them.

use std::collections::BTreeMap;

use cnn_graph::Size;
use cnn_onnx::{Error, Model};
use test_kit::{in_workspace, say};

/// What the peer allows of a value: this absolutely, and `RELATIVE` of the expected one.
const ABSOLUTE: f64 = 1e-6;
const RELATIVE: f64 = 1e-3;

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

fn is_close(found: f64, expected: f64) -> bool {
    found == expected
        || (found.is_nan() && expected.is_nan())
        || (found - expected).abs() <= ABSOLUTE + RELATIVE * expected.abs()
}

/// Whether all answers are right; an error for a test that is refused.
fn passes(case: &Case) -> Result<bool, Error> {
    let graph = Model::from_bytes(&case.model, None)?.graph(case.size)?;
    let is_right = |(image, expected): (&Vec<f64>, &Vec<f64>)| {
        let found = graph.reference(image).expect("an answer");
        let mut pairs = found.iter().zip(expected);
        found.len() == expected.len() && pairs.all(|(&found, &expected)| is_close(found, expected))
    };
    Ok(case.images.iter().zip(&case.answers).all(is_right))
}

#[test]
fn no_answer_is_wrong_in_the_tests_of_onnx() {
    let path = in_workspace("crates/cnn-onnx/tests/node_tests/node_tests.bin");
    let bytes = std::fs::read(path).expect("a file");
    let mut reader = Reader(&bytes);
    let mut n_passed = 0;
    let mut wrong = Vec::new();
    let mut refused: BTreeMap<String, Vec<String>> = BTreeMap::new();
    while !reader.0.is_empty() {
        let case = reader.case();
        match passes(&case) {
            Ok(true) => n_passed += 1,
            Ok(false) => wrong.push(case.name),
            Err(error @ (Error::Operator { .. } | Error::Attribute { .. })) => {
                let reason = error.to_string();
                refused.entry(reason).or_default().push(case.name);
            }
            Err(error) => wrong.push(format!("{}: {error}", case.name)),
        }
    }
    for (reason, names) in &refused {
        say(&format!("{}: {reason}", names.join(" ")));
    }
    let n_refused: usize = refused.values().map(Vec::len).sum();
    say(&format!("{n_passed} passed, {n_refused} refused"));
    assert_eq!(wrong, [""; 0]);
    // What is evaluated stays evaluated.
    assert_eq!((n_passed, n_refused), (147, 81));
}
