//! Weights so large that values leave the range of `f32`: no answer may hide it.

use masked_cnn::{Error, InstructionSet, Mask, Rect, Region, Size};
use proptest::prelude::*;

use crate::definition::{Design, Part};
use crate::plain::Noise;
use crate::regions::{masks, mix};
use crate::{TOLERANCE, cases, engine};

/// Where no sum of absolute values in `f64` exceeds this, nothing overflows: Winograd's transforms
/// enlarge values less than 1000 times.
const SAFE: f64 = 1e34;

/// What an engine may say of an image.
#[derive(Debug)]
enum Expected {
    /// A value on the way overflows.
    Overflow,
    /// Nothing comes near the end of the range.
    Answer,
    /// The answer if the engine's own intermediate values stay in range.
    Either,
}

/// One image by the definition.
#[derive(Debug)]
struct Truth {
    expected: Expected,
    answer: Vec<f64>,
    magnitude: f64,
}

impl Truth {
    fn of(design: &Design, image: &[f32], size: Size) -> Self {
        let answer = design.answer(image, size);
        let magnitude = design
            .magnitude(image, size)
            .into_iter()
            .fold(1.0, f64::max);
        let expected = if answer.iter().any(|value| value.is_nan()) {
            Expected::Overflow
        } else if magnitude < SAFE && design.huge.is_none_or(|(_, weight)| weight < 1e30) {
            Expected::Answer
        } else {
            Expected::Either
        };
        Self {
            expected,
            answer,
            magnitude,
        }
    }

    /// Whether an engine's answer to this one image is right.
    fn allows(&self, found: &Result<Vec<f32>, Error>) -> bool {
        match (&self.expected, found) {
            (Expected::Overflow | Expected::Either, Err(Error::Overflow { index: 0 })) => true,
            (Expected::Answer | Expected::Either, Ok(found)) => {
                let mut pairs = found.iter().zip(&self.answer);
                pairs.all(|(&f, e)| (f64::from(f) - e).abs() <= TOLERANCE * self.magnitude)
            }
            _ => false,
        }
    }
}

/// A case with one layer of large weights, and whether image and background are black.
type Case = (Design, Size, Vec<(usize, Region)>, [bool; 2]);

fn huge_cases() -> impl Strategy<Value = Case> {
    let exponent = prop_oneof![Just(38.4_f32), 20.0..38.5_f32];
    (
        cases(),
        exponent,
        any::<prop::sample::Index>(),
        any::<[bool; 2]>(),
    )
        .prop_map(|((mut design, size, shown), exponent, layer, black)| {
            let layer = layer.index(design.n_layers() + 1);
            design.huge = Some((layer, 10_f32.powf(exponent)));
            (design, size, shown, black)
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_overflow_is_hidden((design, size, shown, black) in huge_cases()) {
        prop_assume!(design.fits(size));
        let mut noise = Noise(design.seed ^ 1);
        let len = design.n_channels * size.rows * size.cols;
        let mut image = |is_black: bool| if is_black { vec![0.0; len] } else { noise.values(len) };
        let (image, background) = (image(black[0]), image(black[1]));
        let shown: Vec<(usize, Region)> = shown.into_iter().map(|(_, region)| (0, region)).collect();
        let images: Vec<Vec<f32>> =
            shown.iter().map(|(_, region)| mix(&image, &background, region, size)).collect();
        let truths: Vec<Truth> =
            images.iter().map(|image| Truth::of(&design, image, size)).collect();

        for instruction_set in InstructionSet::available() {
            for n_threads in [1, 3] {
                let engine = engine(&design, size, |s| {
                    (s.instruction_set, s.n_threads) = (Some(instruction_set), Some(n_threads));
                });
                let mut masked = engine.mask(&image, &[&background]).unwrap();
                let all = masks(&shown, 5);
                for ((truth, mask), image) in truths.iter().zip(&all).zip(&images) {
                    let alone = masked.evaluate(&[*mask]);
                    prop_assert!(truth.allows(&alone), "{instruction_set:?}, masked: {alone:?}, {truth:?}");
                    let dense = engine.forward(image);
                    prop_assert!(truth.allows(&dense), "{instruction_set:?}, dense: {dense:?}, {truth:?}");
                }
                let together = masked.evaluate(&all);
                let overflows = |truth: &Truth| matches!(truth.expected, Expected::Overflow);
                match together {
                    Ok(_) => prop_assert!(!truths.iter().any(overflows)),
                    Err(Error::Overflow { index }) => {
                        prop_assert!(!matches!(truths[index].expected, Expected::Answer));
                        prop_assert!(!truths[..index].iter().any(overflows));
                    }
                    Err(error) => prop_assert!(false, "{error}"),
                }
            }
        }
    }
}

/// Every kind of layer, with weights of +-3e38 in it.
#[test]
fn every_kind_of_layer_tells_its_overflow() {
    let size = Size { rows: 24, cols: 20 };
    let convolution = |kernel, stride, relu| Part::Convolution {
        c_out: 16,
        kernel,
        stride,
        relu,
    };
    let pool = Part::MaxPool {
        kernel: 3,
        stride: 2,
    };
    let residual = |stride| Part::Residual { c_out: 16, stride };
    let stem = convolution(7, 2, true);
    // What the layers are, and which of them overflows.
    let cases = [
        ("products of windows", vec![stem, residual(1)], 0),
        (
            "products of windows, no rectifier",
            vec![convolution(5, 1, false), residual(2)],
            0,
        ),
        ("before a max pool", vec![stem, pool, residual(1)], 0),
        (
            "before a max pool, no rectifier",
            vec![convolution(7, 2, false), pool],
            0,
        ),
        (
            "Winograd at stride 1",
            vec![stem, convolution(3, 1, true), residual(1)],
            1,
        ),
        (
            "Winograd at stride 2",
            vec![stem, convolution(3, 2, true), residual(1)],
            1,
        ),
        (
            "Winograd before a max pool",
            vec![stem, convolution(3, 1, false), pool],
            1,
        ),
        ("1 x 1", vec![stem, convolution(1, 1, true), residual(1)], 1),
        ("in a block", vec![stem, residual(1), residual(1)], 1),
        (
            "at the end of a block",
            vec![stem, residual(1), residual(1)],
            2,
        ),
        ("around a block", vec![stem, residual(2)], 1),
        ("the last layer", vec![stem, convolution(3, 1, true)], 1),
        (
            "the last layer, no rectifier",
            vec![stem, convolution(3, 1, false)],
            1,
        ),
        ("the head", vec![stem, convolution(3, 1, true)], 2),
    ];
    let mut noise = Noise(4);
    let len = size.rows * size.cols;
    let (image, background) = (noise.values(len), noise.values(len));
    let rect = |row, n_rows| Rect {
        row,
        col: 0,
        n_rows,
        n_cols: size.cols,
    };
    let shown = [
        (0, Region::default()),
        (0, Region::union([rect(9, 7)], size)),
        (0, Region::union([rect(0, size.rows)], size)),
    ];
    for (name, parts, layer) in cases {
        for sigmoid in [false, true] {
            let design = Design {
                n_channels: 1,
                parts: parts.clone(),
                n_outputs: 6,
                sigmoid,
                seed: 11,
                huge: Some((layer, 3e38)),
            };
            for instruction_set in InstructionSet::available() {
                for n_threads in [1, 2] {
                    let engine = engine(&design, size, |s| {
                        (s.instruction_set, s.n_threads) = (Some(instruction_set), Some(n_threads));
                    });
                    let mut masked = engine.mask(&image, &[&background]).unwrap();
                    for ((_, region), mask) in shown.iter().zip(masks(&shown, 1)) {
                        let pixels = mix(&image, &background, region, size);
                        let truth = Truth::of(&design, &pixels, size);
                        assert!(
                            matches!(truth.expected, Expected::Overflow),
                            "{name}: {truth:?}"
                        );
                        for found in [masked.evaluate(&[mask]), engine.forward(&pixels)] {
                            let is_told = matches!(found, Err(Error::Overflow { index: 0 }));
                            assert!(is_told, "{name}, {instruction_set:?}: {found:?}");
                        }
                    }
                }
            }
        }
    }
}

/// What is shown nowhere does no harm, and the error says which mask it is of.
#[test]
fn only_masks_that_show_it_overflow() {
    let size = Size { rows: 16, cols: 16 };
    let design = Design {
        n_channels: 1,
        parts: vec![Part::Convolution {
            c_out: 8,
            kernel: 3,
            stride: 1,
            relu: true,
        }],
        n_outputs: 1,
        sigmoid: true,
        seed: 2,
        huge: Some((0, 4.0)),
    };
    let engine = engine(&design, size, |_| ());
    let (mut image, background) = (vec![0.5; 256], vec![0.0; 256]);
    image[5 * 16 + 3] = f32::MAX;
    image[5 * 16 + 4] = f32::MAX;
    let mut masked = engine.mask(&image, &[&background]).unwrap();
    let rows = |row, n_rows| {
        let rect = Rect {
            row,
            col: 0,
            n_rows,
            n_cols: 16,
        };
        Region::union([rect], size)
    };
    let regions = [rows(0, 5), rows(6, 10), rows(0, 0), rows(5, 1), rows(0, 16)];
    let masks: Vec<Mask<'_>> = regions
        .iter()
        .map(|shown| Mask {
            background: 0,
            shown,
            group: 0,
        })
        .collect();
    let answers = masked
        .evaluate(&masks[..3])
        .expect("no large value is shown");
    assert!(answers.iter().all(|answer| answer.is_finite()));
    let error = masked.evaluate(&masks).expect_err("one is shown");
    assert!(matches!(error, Error::Overflow { index: 3 }), "{error}");
    // An error leaves nothing behind.
    assert_eq!(masked.evaluate(&masks[..3]).expect("as before"), answers);
}
