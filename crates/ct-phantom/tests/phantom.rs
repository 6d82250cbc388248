//! What a user of the crate can rely on.

use ct_phantom::{Bleed, Lesions, Phantom, SIDE};

fn generate(seed: u64, lesions: &Lesions) -> Phantom {
    Phantom::generate(seed, lesions).expect("bleeds find their place")
}

fn with(bleed: Bleed) -> Lesions {
    Lesions::Exactly(vec![bleed])
}

#[test]
fn a_seed_gives_the_same_phantom_every_time() {
    assert_eq!(generate(1, &Lesions::Random), generate(1, &Lesions::Random));
}

#[test]
fn different_seeds_give_different_phantoms() {
    let [first, second] = [1, 2].map(|seed| generate(seed, &Lesions::Clear));
    let n_equal = first
        .hu()
        .iter()
        .zip(second.hu())
        .filter(|(a, b)| a == b)
        .count();
    // Only the padding and stray pixels of the air may agree.
    assert!(n_equal < SIDE * SIDE / 2, "{n_equal} equal pixels");
}

#[test]
fn a_clear_phantom_has_no_lesion() {
    for lesions in [Lesions::Clear, Lesions::Exactly(Vec::new())] {
        let phantom = generate(4, &lesions);
        assert!(phantom.bleeds().is_empty());
        assert!(!phantom.lesion().contains(&true));
        assert_eq!(phantom.lesion_box(), None);
    }
}

#[test]
fn random_lesions_are_never_empty() {
    for seed in 0..6 {
        let phantom = generate(seed, &Lesions::Random);
        assert!(matches!(phantom.bleeds().len(), 1..=2), "seed {seed}");
        assert!(n_lesion_pixels(&phantom) > 60, "seed {seed}");
    }
}

#[test]
fn every_requested_kind_is_drawn() {
    let phantom = generate(5, &Lesions::Exactly(Bleed::ALL.to_vec()));
    assert_eq!(phantom.bleeds(), Bleed::ALL);
}

#[test]
fn every_kind_alone_is_brighter_than_its_surroundings() {
    for bleed in Bleed::ALL {
        let phantoms = [6, 7, 8].map(|seed| generate(seed, &with(bleed)));
        for phantom in &phantoms {
            assert_eq!(phantom.bleeds(), [bleed]);
            assert!(n_lesion_pixels(phantom) > 60, "{bleed}");
        }
        let contrast_hu = phantoms.iter().map(contrast_hu).sum::<f64>() / 3.0;
        assert!(contrast_hu > 10.0, "{bleed}: {contrast_hu} HU");
    }
}

#[test]
fn the_box_is_the_extent_of_the_mask() {
    let phantom = generate(9, &with(Bleed::Subarachnoid));
    let (rows, cols) = phantom.lesion_box().expect("blood was asked for");
    let is_lesion = |row: usize, col: usize| phantom.lesion()[row * SIDE + col];
    for row in [rows.start, rows.end - 1] {
        assert!((0..SIDE).any(|col| is_lesion(row, col)), "row {row}");
    }
    for col in [cols.start, cols.end - 1] {
        assert!((0..SIDE).any(|row| is_lesion(row, col)), "column {col}");
    }
    let n_inside = rows
        .flat_map(|row| cols.clone().map(move |col| (row, col)))
        .filter(|&(row, col)| is_lesion(row, col))
        .count();
    assert_eq!(n_inside, n_lesion_pixels(&phantom));
}

#[test]
fn values_are_those_of_a_head_in_air() {
    for seed in 10..14 {
        let hu = generate(seed, &Lesions::Clear).hu().to_vec();
        assert!(hu.iter().all(|x| (-3024..=3071).contains(x)), "seed {seed}");
        let share = |range: std::ops::Range<i16>| {
            hu.iter().filter(|x| range.contains(x)).count() as f64 / (SIDE * SIDE) as f64
        };
        // A skull of 125 to 170 by 165 to 215 pixels of half axis fills 0.25 to 0.44 of the slice.
        let (soft_tissue, bone, air) = (share(0..80), share(300..2500), share(-1100..-900));
        assert!(
            (0.15..0.45).contains(&soft_tissue),
            "seed {seed}: {soft_tissue}"
        );
        assert!((0.02..0.15).contains(&bone), "seed {seed}: {bone}");
        assert!(air > 0.15, "seed {seed}: {air}");
    }
}

#[test]
fn padding_fills_everything_outside_the_field_of_view() {
    let hu = generate(15, &Lesions::Clear).hu().to_vec();
    let padding = hu[0];
    assert!([-3024, -1024, -2000].contains(&padding));
    // The circle cuts row 0 beyond 16 pixels from its middle.
    assert_eq!(hu[SIDE / 2 - 18], padding);
    assert_ne!(hu[SIDE / 2 - 14..SIDE / 2 + 14], [padding; 28]);
    assert_eq!(hu[SIDE * SIDE - 1], padding);
}

#[test]
fn kinds_are_named_in_lower_case() {
    assert_eq!(
        Bleed::ALL.map(|bleed| bleed.to_string()),
        [
            "intraparenchymal",
            "intraventricular",
            "subarachnoid",
            "subdural",
            "epidural"
        ]
    );
    assert_eq!(format!("{:>10}", Bleed::Epidural), "  epidural");
}

fn n_lesion_pixels(phantom: &Phantom) -> usize {
    phantom
        .lesion()
        .iter()
        .filter(|&&is_lesion| is_lesion)
        .count()
}

/// Median of the lesion minus median of the pixels up to six rows or columns away from it; bone
/// and air are left out of both.
fn contrast_hu(phantom: &Phantom) -> f64 {
    const REACH: usize = 6;
    let is_lesion = |row: usize, col: usize| phantom.lesion()[row * SIDE + col];
    let (mut inside, mut around) = (Vec::new(), Vec::new());
    for row in REACH..SIDE - REACH {
        for col in REACH..SIDE - REACH {
            let hu = phantom.hu()[row * SIDE + col];
            if !(-20..120).contains(&hu) {
                continue;
            }
            let is_near = || {
                (row - REACH..=row + REACH)
                    .any(|r| (col - REACH..=col + REACH).any(|c| is_lesion(r, c)))
            };
            if is_lesion(row, col) {
                inside.push(hu);
            } else if is_near() {
                around.push(hu);
            }
        }
    }
    median(inside) - median(around)
}

fn median(mut values: Vec<i16>) -> f64 {
    values.sort_unstable();
    f64::from(values[values.len() / 2])
}
