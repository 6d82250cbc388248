//! Values that can be Hounsfield units of a head, and values that cannot.

use ct_io::{HuSlice, NpyStack};
use test_kit::random::Random;

const SIDE: usize = 128;

/// A head in Hounsfield units: air of -1000, a skull of 300 to 1800 with spongy bone in its middle,
/// brain of 35 with ventricles and noise, a bleed of 65, all within the circle of `padding`.
fn head(padding: f32) -> Vec<f32> {
    let mut random = Random::new(7);
    (0..SIDE * SIDE)
        .map(|index| {
            // The sum of four uniform numbers, with a standard deviation of 5.8.
            let noise = (0..4)
                .map(|_| random.below(1000) as f32 / 100.0 - 5.0)
                .sum::<f32>();
            let (row, col) = (index / SIDE, index % SIDE);
            let (y, x) = (row as f32 - 63.5, col as f32 - 63.5);
            let radius = (y / 1.2).hypot(x);
            let hu = match radius {
                _ if y.hypot(x) > 63.0 => return padding,
                r if r > 46.0 => -1000.0,
                r if r > 43.0 => -80.0 + 10.0 * (46.0 - r),
                r if r > 36.0 => 300.0 + 1500.0 * ((r - 39.5).abs() / 3.5).powi(2),
                r if r < 6.0 => 8.0,
                _ if (y + 15.0).hypot(x - 15.0) < 8.0 => 65.0,
                _ => 35.0,
            };
            (hu + noise).round()
        })
        .collect()
}

fn slice(values: Vec<f32>) -> HuSlice {
    let rows = values.len() / SIDE;
    HuSlice::new(values, rows, SIDE).expect("a slice")
}

fn map(values: &[f32], change: impl Fn(f32) -> f32) -> Vec<f32> {
    values.iter().map(|&hu| change(hu)).collect()
}

/// Cormack units, as of Rorden's Clinical toolbox: brain is stretched, the rest moved.
fn cormack(hu: f32) -> f32 {
    match hu.max(-1000.0) {
        hu if hu < -100.0 => hu + 1000.0,
        hu if hu <= 100.0 => 900.0 + 11.0 * (hu + 100.0),
        hu => hu + 3000.0,
    }
}

fn grey(hu: f32, level: f32, width: f32) -> f32 {
    ((hu - level) / width + 0.5).clamp(0.0, 1.0)
}

#[test]
fn hounsfield_units_of_heads_are_not_warned_of() {
    let head = head(-1000.0);
    let is_brain = |hu: f32| (-5.0..=90.0).contains(&hu);
    let brain = map(&head, |hu| if is_brain(hu) { hu } else { 0.0 });
    let middle = |values: &[f32]| values[40 * SIDE..90 * SIDE].to_vec();
    let mut metal = head.clone();
    metal[60 * SIDE..61 * SIDE].fill(30_000.0);
    let small = map(&head, |hu| if hu > 70.0 { hu } else { -1000.0 });
    for (name, values) in [
        ("a head", head.clone()),
        ("padding -2000", self::head(-2000.0)),
        ("padding -3024", self::head(-3024.0)),
        ("metal", metal),
        ("skull-stripped", brain.clone()),
        ("a part of a skull-stripped one", middle(&brain)),
        (
            "air set to 0",
            map(&head, |hu| if hu < -200.0 { 0.0 } else { hu }),
        ),
        ("rows without air", middle(&head)),
        ("little but bone", small),
        ("clipped to 0 to 80", map(&head, |hu| hu.clamp(0.0, 80.0))),
        (
            "clipped to -20 to 100",
            map(&head, |hu| hu.clamp(-20.0, 100.0)),
        ),
        (
            "clipped to -100 to 300",
            map(&head, |hu| hu.clamp(-100.0, 300.0)),
        ),
        ("air", vec![-1000.0; SIDE * SIDE]),
        ("padding", vec![-3024.0; SIDE * SIDE]),
        (
            "air of a bad calibration",
            [-1010.5, -998.5].repeat(SIDE * SIDE / 2),
        ),
    ] {
        let warning = slice(values).plausibility();
        assert_eq!(warning, None, "{name}");
    }
}

#[test]
fn other_values_are_named_for_what_they_look_like() {
    let head = head(-1000.0);
    let padded = self::head(-2000.0);
    let of = |change: fn(f32) -> f32| map(&head, change);
    let pictures = [
        (40.0, 80.0),
        (80.0, 200.0),
        (40.0, 400.0),
        (600.0, 2800.0),
        (40.0, 4096.0),
    ];
    let mut cases = vec![
        ("stored + 1024", of(|hu| hu + 1024.0), "stored values"),
        ("stored + 1000", of(|hu| hu + 1000.0), "stored values"),
        (
            "stored, padded",
            map(&padded, |hu| if hu == -2000.0 { hu } else { hu + 1024.0 }),
            "stored values",
        ),
        (
            "stored, padding like air",
            map(&padded, |hu| hu + 1024.0),
            "stored values",
        ),
        ("stored + 32768", of(|hu| hu + 32768.0), "stored values"),
        ("Cormack", of(cormack), "Cormack"),
        (
            "0 to 4095",
            of(|hu| (4095.0 * grey(hu, 40.0, 400.0)).round()),
            "another scale",
        ),
        ("0 to 1", of(|hu| grey(hu, 40.0, 80.0)), "normalised"),
        (
            "-1 to 1",
            of(|hu| (hu / 1000.0).clamp(-1.0, 1.0)),
            "normalised",
        ),
        (
            "ImageNet",
            of(|hu| (grey(hu, 40.0, 80.0) - 0.45) / 0.225),
            "normalised",
        ),
        ("a mask", of(|hu| f32::from(u8::from(hu > 300.0))), "mask"),
        (
            "a mask of 255",
            of(|hu| 255.0 * f32::from(u8::from(hu > 300.0))),
            "mask",
        ),
        (
            "labels",
            of(|hu| (hu / 300.0).floor().clamp(0.0, 5.0)),
            "labels",
        ),
        ("zeros", of(|_| 0.0), "every value is 0"),
        ("forties", of(|_| 40.0), "every value is 40"),
    ];
    for (level, width) in pictures {
        let values = map(&head, |hu| (255.0 * grey(hu, level, width)).round());
        cases.push(("8 bit", values, "8-bit grey"));
    }
    for (name, values, says) in cases {
        let warning = slice(values).plausibility().expect(name);
        assert_eq!(warning.code(), "implausible-hu", "{name}");
        let text = warning.to_string();
        assert!(text.contains(says), "{name}: no {says:?} in: {text}");
    }
}

/// What would be warned of as a slice belongs to a volume of Hounsfield units.
#[test]
fn a_stack_is_judged_as_a_whole() {
    let stack = |slices: &[Vec<f32>]| {
        let header = format!(
            "{{'descr': '<f4', 'fortran_order': False, 'shape': ({}, {SIDE}, {SIDE}), }}\n",
            slices.len()
        );
        let length = (header.len() as u16).to_le_bytes();
        let values: Vec<u8> = slices
            .iter()
            .flatten()
            .flat_map(|hu| hu.to_le_bytes())
            .collect();
        let bytes = [
            b"\x93NUMPY\x01\x00",
            &length[..],
            header.as_bytes(),
            &values,
        ]
        .concat();
        NpyStack::from_bytes(bytes).expect("a stack")
    };
    let brain = map(&head(-1000.0), |hu| {
        if (-5.0..=90.0).contains(&hu) { hu } else { 0.0 }
    });
    let empty = vec![0.0; SIDE * SIDE];
    let mut last = empty.clone();
    last[..3].copy_from_slice(&[1.0, 2.0, 3.0]);
    assert!(slice(empty.clone()).plausibility().is_some());
    assert!(slice(last.clone()).plausibility().is_some());
    assert_eq!(
        stack(&[empty.clone(), brain.clone(), last, empty.clone()]).plausibility(),
        None
    );

    let mask = map(&brain, |hu| f32::from(u8::from(hu > 50.0)));
    assert!(
        stack(&[empty.clone(), mask, empty.clone()])
            .plausibility()
            .is_some()
    );
    assert!(stack(&[empty.clone(), empty]).plausibility().is_some());
}
