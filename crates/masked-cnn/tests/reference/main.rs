//! Answers against the network's definition in `f64`, position by position.

mod definition;
mod overflow;
mod plain;
mod regions;
mod values;

use definition::{Design, Part};
use masked_cnn::{Engine, Error, InstructionSet, Rect, Region, Settings, Size};
use plain::Noise;
use proptest::prelude::*;
use regions::{bits, masks, mix, regions};

/// Largest difference between answers and reference, of the largest absolute answer. `f32` has a
/// rounding error of 6e-8; the largest difference seen over 4000 networks was 1.1e-6.
const TOLERANCE: f64 = 1e-5;

fn parts() -> impl Strategy<Value = Vec<Part>> {
    let convolution = (1..20_usize, 1..6_usize, 1..4_usize, any::<bool>()).prop_map(
        |(c_out, kernel, stride, relu)| Part::Convolution {
            c_out,
            kernel,
            stride,
            relu,
        },
    );
    let same_size = (1..20_usize, any::<bool>()).prop_map(|(c_out, relu)| Part::Convolution {
        c_out,
        kernel: 3,
        stride: 1,
        relu,
    });
    let residual =
        (1..20_usize, 1..3_usize).prop_map(|(c_out, stride)| Part::Residual { c_out, stride });
    let pool =
        (2..4_usize, 1..3_usize).prop_map(|(kernel, stride)| Part::MaxPool { kernel, stride });
    let later = prop_oneof![same_size, residual, pool, convolution.clone()];
    (convolution, prop::collection::vec(later, 0..4)).prop_map(|(first, mut parts)| {
        parts.insert(0, first);
        parts
    })
}

fn designs() -> impl Strategy<Value = Design> {
    (1..4_usize, parts(), 1..3_usize, any::<bool>(), any::<u64>()).prop_map(
        |(n_channels, parts, n_outputs, sigmoid, seed)| Design {
            n_channels,
            parts,
            n_outputs,
            sigmoid,
            seed,
            huge: None,
        },
    )
}

fn sizes() -> impl Strategy<Value = Size> {
    (6..40_usize, 6..40_usize).prop_map(|(rows, cols)| Size { rows, cols })
}

/// A network, an image size and masks over one of two backgrounds.
fn cases() -> impl Strategy<Value = (Design, Size, Vec<(usize, Region)>)> {
    (designs(), sizes()).prop_flat_map(|(design, size)| {
        let masks = prop::collection::vec((0..2_usize, regions(size)), 1..12);
        (Just(design), Just(size), masks)
    })
}

fn engine(design: &Design, size: Size, change: impl FnOnce(&mut Settings)) -> Engine {
    let mut settings = Settings::default();
    settings.n_threads = Some(2);
    change(&mut settings);
    let graph = design.graph(size).expect("finite weights");
    Engine::new(&graph, &settings).expect("settings of this machine")
}

fn difference(found: &[f32], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let scale = expected
        .iter()
        .fold(1.0_f64, |most, value| most.max(value.abs()));
    let differences = found
        .iter()
        .zip(expected)
        .map(|(&f, e)| (f64::from(f) - e).abs());
    differences.fold(0.0, f64::max) / scale
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn masked_answers_equal_the_definition((design, size, shown) in cases()) {
        prop_assume!(design.fits(size));
        let mut noise = Noise(design.seed ^ 1);
        let len = design.n_channels * size.rows * size.cols;
        let image = noise.values(len);
        let backgrounds = [noise.values(len), noise.values(len)];

        let expected: Vec<f64> = shown
            .iter()
            .flat_map(|(background, region)| {
                design.answer(&mix(&image, &backgrounds[*background], region, size), size)
            })
            .collect();

        for instruction_set in InstructionSet::available() {
            let engine = engine(&design, size, |s| s.instruction_set = Some(instruction_set));
            let backgrounds: Vec<&[f32]> = backgrounds.iter().map(Vec::as_slice).collect();
            let mut masked = engine.mask(&image, &backgrounds).unwrap();
            let found = masked.evaluate(&masks(&shown, 5)).unwrap();
            let difference = difference(&found, &expected);
            prop_assert!(
                difference <= TOLERANCE,
                "{instruction_set:?}: {difference:e}, {found:?}, expected {expected:?}"
            );
        }
    }

    #[test]
    fn batch_threads_and_memory_change_no_bit((design, size, shown) in cases()) {
        prop_assume!(design.fits(size));
        let mut noise = Noise(design.seed ^ 1);
        let len = design.n_channels * size.rows * size.cols;
        let image = noise.values(len);
        let backgrounds = [noise.values(len), noise.values(len)];
        let backgrounds: Vec<&[f32]> = backgrounds.iter().map(Vec::as_slice).collect();
        let shown = masks(&shown, 1);

        let all = engine(&design, size, |_| ());
        let together = all.mask(&image, &backgrounds).unwrap().evaluate(&shown).unwrap();

        let nothing = engine(&design, size, |s| s.memory_bytes = Some(0));
        let Err(Error::MemoryBudget { needed, .. }) = nothing.mask(&image, &backgrounds)
        else {
            return Err(TestCaseError::fail("no memory is enough"));
        };
        let alone = engine(&design, size, |s| (s.n_threads, s.memory_bytes) = (Some(1), Some(needed)));
        let mut alone = alone.mask(&image, &backgrounds).unwrap();
        let mut one_by_one: Vec<Vec<f32>> = shown
            .iter()
            .rev()
            .map(|mask| alone.evaluate(&[*mask]).unwrap())
            .collect();
        one_by_one.reverse();
        prop_assert_eq!(bits(&together), bits(&one_by_one.concat()));
    }

    #[test]
    fn dense_answers_equal_the_definition(design in designs(), size in sizes(), n in 1..4_usize) {
        prop_assume!(design.fits(size));
        let len = design.n_channels * size.rows * size.cols;
        let images = Noise(design.seed ^ 2).values(n * len);
        let expected: Vec<f64> =
            images.chunks_exact(len).flat_map(|image| design.answer(image, size)).collect();
        for instruction_set in InstructionSet::available() {
            let engine = engine(&design, size, |s| s.instruction_set = Some(instruction_set));
            let found = engine.forward(&images).unwrap();
            let difference = difference(&found, &expected);
            prop_assert!(difference <= TOLERANCE, "{instruction_set:?}: {difference:e}");
        }
    }
}

/// A tile that looks the same to two masks may have been computed beside different neighbours,
/// which shows in its last bits: only masks of a group may share it.
#[test]
fn groups_answer_the_same_alone_and_together() {
    let size = Size {
        rows: 96,
        cols: 112,
    };
    let residual = |c_out, stride| Part::Residual { c_out, stride };
    let stem = Part::Convolution {
        c_out: 16,
        kernel: 7,
        stride: 2,
        relu: true,
    };
    let design = Design {
        n_channels: 1,
        parts: vec![
            stem,
            residual(16, 1),
            residual(16, 1),
            residual(24, 2),
            residual(24, 1),
        ],
        n_outputs: 1,
        sigmoid: false,
        seed: 5,
        huge: None,
    };
    let mut noise = Noise(9);
    let len = size.rows * size.cols;
    let (image, background) = (noise.values(len), noise.values(len));
    let shown: Vec<(usize, Region)> = [(0, 0), (0, 4), (32, 40), (34, 40), (70, 90)]
        .into_iter()
        .flat_map(|(row, col)| {
            (1..15_usize).map(move |members| {
                let quadrants = (0..4).filter(|q| members & (1 << q) != 0).map(|q| Rect {
                    row: row + q / 2 * 12,
                    col: col + q % 2 * 12,
                    n_rows: 12,
                    n_cols: 12,
                });
                (0, Region::union(quadrants, size))
            })
        })
        .collect();
    const PER_GROUP: usize = 14;
    let masks = masks(&shown, PER_GROUP);
    let engine = engine(&design, size, |_| ());
    let mut masked = engine.mask(&image, &[&background]).unwrap();
    let together = masked.evaluate(&masks).unwrap();
    let alone: Vec<f32> = masks
        .chunks(PER_GROUP)
        .flat_map(|group| masked.evaluate(group).unwrap())
        .collect();
    assert_eq!(bits(&together), bits(&alone));

    let expected: Vec<f64> = shown
        .iter()
        .flat_map(|(_, region)| design.answer(&mix(&image, &background, region, size), size))
        .collect();
    let difference = difference(&together, &expected);
    assert!(difference <= TOLERANCE, "{difference:e}");
}
