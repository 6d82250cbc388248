//! How far phantoms agree with real slices in what a brain window shows.
//!
//! `ICH_SHARED=FOLDER cargo test --release -p ct-phantom --test realism -- --nocapture`

#[path = "realism/real_slices.rs"]
mod real_slices;
#[path = "realism/slice_statistics.rs"]
mod slice_statistics;

use ct_phantom::{Cut, Lesions, Phantom};
use real_slices::{Half, real_slices};
use slice_statistics::{NAMES, Statistics, measure};
use test_kit::say;

/// Phantoms that are measured, and every how many-th real slice without an annotated bleed.
const N_PHANTOMS: u64 = 120;
const EVERY: usize = 3;

/// The quantiles that are compared.
const QUANTILES: [f32; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];

/// These quantiles of real slices without an annotated bleed, for each of [`NAMES`]: patients at even
/// places of the sorted list of PHE-SICH-CT-IDS (Ma et al., figshare 23957937), every third slice
/// stored with a window of -20 to 100 HU. Printed by `real_slices_are_as_noted`.
const REAL: [[f32; 5]; NAMES.len()] = [
    [0.0623, 0.2336, 0.3003, 0.3496, 0.4184], // tissue, share of the slice
    [0.0455, 0.0766, 0.0954, 0.1169, 0.1531], // bone, share of the slice
    [0.0000, 0.0190, 0.0918, 0.1761, 0.2460], // brain, share of the slice
    [0.0017, 0.0094, 0.0298, 0.0714, 0.2058], // soft tissue elsewhere, share
    [0.0000, 0.0000, 0.0073, 0.0333, 0.0747], // dark inside tissue, share
    [21.2287, 25.9193, 28.9207, 31.5155, 34.5362], // brain: mean, HU
    [4.1968, 5.5106, 6.9426, 9.1051, 12.2620], // brain: SD, HU
    [3.0588, 10.1176, 15.7647, 20.0000, 25.1765], // brain: 5 %, HU
    [22.8235, 27.0588, 28.9412, 31.7647, 35.0588], // brain: 50 %, HU
    [29.8824, 35.0588, 37.8824, 43.0588, 49.1765], // brain: 95 %, HU
    [0.0000, 0.0000, 0.0001, 0.0021, 0.0150], // brain: above 60 HU, share
    [2.8018, 3.2788, 3.6216, 3.8950, 4.5039], // noise, HU
    [0.7004, 0.7618, 0.7885, 0.8094, 0.8426], // noise: correlation at 1 px
    [0.2968, 0.3631, 0.4135, 0.4606, 0.5217], // noise: correlation at 2 px
    [-4.4460, 0.2265, 2.2372, 4.9336, 8.1462], // rim below bone minus inside, HU
    [0.0000, 0.0000, 0.0002, 0.0074, 0.0278], // bright within 4 mm of bone, share
];

/// How far the quantiles of phantoms may be from those of real slices: the mean difference, in parts
/// of the range from the 5 % to the 95 % quantile of the real ones.
const MAX_DISTANCE: f32 = 0.3;

fn quantiles(slices: &[Statistics], k: usize) -> [f32; 5] {
    let mut values: Vec<f32> = slices.iter().filter_map(|slice| slice[k]).collect();
    values.sort_by(f32::total_cmp);
    QUANTILES.map(|share| values[(share * (values.len() - 1) as f32) as usize])
}

fn distance(found: [f32; 5], real: [f32; 5]) -> f32 {
    let range = (real[4] - real[0]).max(1e-6);
    let differences = found.iter().zip(&real).map(|(f, r)| (f - r).abs());
    differences.sum::<f32>() / 5.0 / range
}

fn of_phantoms(draw: impl Fn(u64) -> Phantom) -> Vec<Statistics> {
    let hu = |seed| -> Vec<f32> { draw(seed).hu().iter().map(|&x| f32::from(x)).collect() };
    (0..N_PHANTOMS).map(|seed| measure(&hu(seed))).collect()
}

fn anatomical() -> Vec<Statistics> {
    of_phantoms(|seed| Phantom::anatomical(seed, Cut::Anywhere, &Lesions::Clear).expect("clear"))
}

fn simple() -> Vec<Statistics> {
    of_phantoms(|seed| Phantom::generate(seed, &Lesions::Clear).expect("clear"))
}

fn of_real(test: &str, half: Half) -> Option<Vec<Statistics>> {
    let slices = real_slices(test, half)?;
    let clear = slices.iter().filter(|slice| !slice.is_labelled);
    Some(
        clear
            .step_by(EVERY)
            .map(|slice| measure(&slice.hu()))
            .collect(),
    )
}

/// Prints the quantiles of each statistic and their distance to the noted ones; the distances.
fn table(what: &str, slices: &[Statistics]) -> [f32; NAMES.len()] {
    say(&format!(
        "{what}, {} slices: 5, 25, 50, 75 and 95 % quantiles, distance",
        slices.len()
    ));
    std::array::from_fn(|k| {
        let found = quantiles(slices, k);
        let off = distance(found, REAL[k]);
        let found = found.map(|x| format!("{x:.4}")).join(", ");
        say(&format!("    [{found}], // {off:.2} {}", NAMES[k]));
        off
    })
}

#[test]
fn anatomical_phantoms_agree_with_real_slices_and_simple_ones_do_not() {
    let found = table("anatomical", &anatomical());
    for (off, name) in found.into_iter().zip(NAMES) {
        assert!(off < MAX_DISTANCE, "{name}: {off}");
    }
    let simple = table("simple", &simple());
    let n_off = simple
        .into_iter()
        .filter(|&off| off >= MAX_DISTANCE)
        .count();
    assert!(n_off >= 4, "{simple:?}");
    let mean = |off: [f32; NAMES.len()]| off.iter().sum::<f32>() / NAMES.len() as f32;
    assert!(mean(found) < 0.6 * mean(simple), "{found:?} {simple:?}");
}

#[test]
fn real_slices_are_as_noted() {
    let test = "real_slices_are_as_noted";
    let Some(slices) = of_real(test, Half::Developed) else {
        return;
    };
    for (off, name) in table("real", &slices).into_iter().zip(NAMES) {
        // The noted quantiles have four decimals.
        assert!(off < 0.01, "{name}: {off}");
    }
}

#[test]
fn anatomical_phantoms_agree_with_patients_nobody_looked_at() {
    let test = "anatomical_phantoms_agree_with_patients_nobody_looked_at";
    let Some(real) = of_real(test, Half::Untouched) else {
        return;
    };
    // How far the two halves of one hospital are apart is the scale of all these distances.
    table("real, untouched", &real);
    let phantoms = anatomical();
    for (k, name) in NAMES.into_iter().enumerate() {
        let off = distance(quantiles(&phantoms, k), quantiles(&real, k));
        say(&format!("    {off:.2} {name}: anatomical to untouched"));
        assert!(off < MAX_DISTANCE, "{name}: {off}");
    }
}
