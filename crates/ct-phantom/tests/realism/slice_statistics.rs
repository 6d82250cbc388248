//! What is measured of one slice, real or not: only what a brain window of -20 to 100 HU still shows.

/// Rows and columns of a slice.
const SIDE: usize = 512;

/// Values that count as dark, and as bone, in a window that ends at -20 and 100 HU.
const DARK_HU: f32 = -15.0;
const BONE_HU: f32 = 95.0;

/// Gaps in the bone up to twice this wide do not let the outside in.
const GAP_PX: u16 = 4;

/// A slice with a smaller share of brain is not measured inside.
const MIN_BRAIN_SHARE: f32 = 0.03;

/// Names of what [`measure`] gives, in its order; the first five exist for every slice.
pub(crate) const NAMES: [&str; 16] = [
    "tissue, share of the slice",
    "bone, share of the slice",
    "brain, share of the slice",
    "soft tissue elsewhere, share",
    "dark inside tissue, share",
    "brain: mean, HU",
    "brain: SD, HU",
    "brain: 5 %, HU",
    "brain: 50 %, HU",
    "brain: 95 %, HU",
    "brain: above 60 HU, share",
    "noise, HU",
    "noise: correlation at 1 px",
    "noise: correlation at 2 px",
    "rim below bone minus inside, HU",
    "bright within 4 mm of bone, share",
];

/// What is measured, by the places of [`NAMES`]; `None` where there is too little brain.
pub(crate) type Statistics = [Option<f32>; NAMES.len()];

/// The statistics of a slice as it looks in the window.
pub(crate) fn measure(hu: &[f32]) -> Statistics {
    assert_eq!(hu.len(), SIDE * SIDE);
    let windowed: Vec<f32> = hu.iter().map(|x| x.clamp(-20.0, 100.0)).collect();
    let share = |n: usize| n as f32 / (SIDE * SIDE) as f32;
    let count = |is: &dyn Fn(usize) -> bool| share((0..SIDE * SIDE).filter(|&i| is(i)).count());

    let is_bone: Vec<bool> = windowed.iter().map(|&x| x >= BONE_HU).collect();
    let from_bone = distance(&is_bone);
    let is_open = |i: usize| from_bone[i] > GAP_PX;
    let outside = flood_from_border(&is_open);
    let from_outside = distance(&outside);
    let is_brain = |i: usize| is_open(i) && !outside[i] && windowed[i] > DARK_HU;
    let brain_share = count(&is_brain);
    let is_dark = |i: usize| windowed[i] <= DARK_HU;
    let air = flood_from_border(&is_dark);

    let mut statistics = [None; NAMES.len()];
    let outer = [
        count(&|i| !is_dark(i)),
        count(&|i| is_bone[i]),
        brain_share,
        count(&|i| !is_dark(i) && !is_bone[i] && from_bone[i] > 1 && from_outside[i] <= 2 * GAP_PX),
        count(&|i| is_dark(i) && !air[i]),
    ];
    for (place, value) in statistics.iter_mut().zip(outer) {
        *place = Some(value);
    }
    if brain_share >= MIN_BRAIN_SHARE {
        let brain: Vec<usize> = (0..SIDE * SIDE).filter(|&i| is_brain(i)).collect();
        let inner = inside(&windowed, &brain, &from_bone);
        for (place, value) in statistics[outer.len()..].iter_mut().zip(inner) {
            *place = Some(value);
        }
    }
    statistics
}

/// The statistics of the brain.
fn inside(hu: &[f32], brain: &[usize], from_bone: &[u16]) -> [f32; 11] {
    let mut values: Vec<f32> = brain.iter().map(|&i| hu[i]).collect();
    let n_pixels = values.len() as f32;
    let mean = values.iter().sum::<f32>() / n_pixels;
    let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f32>() / n_pixels;
    let bright = values.iter().filter(|&&x| x > 60.0).count() as f32 / n_pixels;
    values.sort_by(f32::total_cmp);
    let quantile = |share: f32| values[(share * (n_pixels - 1.0)) as usize];

    let mean_where = |is: &dyn Fn(usize) -> bool| {
        let (sum, n) = brain
            .iter()
            .filter(|&&i| is(i))
            .fold((0.0, 0), |(sum, n), &i| (sum + hu[i], n + 1));
        if n == 0 { mean } else { sum / n as f32 }
    };
    let rim = mean_where(&|i| (GAP_PX + 1..GAP_PX + 6).contains(&from_bone[i]));
    let middle = mean_where(&|i| from_bone[i] > 28);
    let near = |i: &usize| from_bone[*i] <= 9;
    let n_near = brain.iter().filter(|i| near(i)).count().max(1);
    let n_near_bright = brain.iter().filter(|i| near(i) && hu[**i] > 60.0).count();

    // 4 px apart noise is nearly independent, and most anatomy still the same.
    let [d1, d2, d4] = [1, 2, 4].map(|lag| difference(hu, brain, from_bone, lag));
    [
        mean,
        variance.sqrt(),
        quantile(0.05),
        quantile(0.5),
        quantile(0.95),
        bright,
        d4.sqrt(),
        1.0 - d1 / d4,
        1.0 - d2 / d4,
        rim - middle,
        n_near_bright as f32 / n_near as f32,
    ]
}

/// Half the mean squared difference of pixels `lag` columns apart; large ones are edges and left out.
fn difference(hu: &[f32], brain: &[usize], from_bone: &[u16], lag: usize) -> f32 {
    const EDGE_HU: f32 = 18.0;
    let (mut sum, mut n) = (0.0, 0);
    for &i in brain {
        let Some(&other) = hu.get(i + lag) else {
            continue;
        };
        let step = hu[i] - other;
        if from_bone[i + lag] > GAP_PX && step.abs() < EDGE_HU {
            sum += step * step;
            n += 1;
        }
    }
    (sum / (2 * n.max(1)) as f32).max(1e-3)
}

/// Chessboard distance of every pixel to the nearest marked one.
fn distance(marked: &[bool]) -> Vec<u16> {
    let mut distance: Vec<u16> = marked.iter().map(|&is| if is { 0 } else { 9999 }).collect();
    let relax = |distance: &mut Vec<u16>, row: usize, col: usize, steps: [(isize, isize); 4]| {
        for (down, right) in steps {
            let (r, c) = (row as isize + down, col as isize + right);
            if (0..SIDE as isize).contains(&r) && (0..SIDE as isize).contains(&c) {
                let through = distance[r as usize * SIDE + c as usize] + 1;
                let own = &mut distance[row * SIDE + col];
                *own = (*own).min(through);
            }
        }
    };
    for row in 0..SIDE {
        for col in 0..SIDE {
            relax(
                &mut distance,
                row,
                col,
                [(-1, -1), (-1, 0), (-1, 1), (0, -1)],
            );
        }
    }
    for row in (0..SIDE).rev() {
        for col in (0..SIDE).rev() {
            relax(&mut distance, row, col, [(1, 1), (1, 0), (1, -1), (0, 1)]);
        }
    }
    distance
}

/// What can be reached from the border over pixels that are open.
fn flood_from_border(is_open: &dyn Fn(usize) -> bool) -> Vec<bool> {
    let mut reached = vec![false; SIDE * SIDE];
    let last = SIDE - 1;
    let mut waiting: Vec<usize> = (0..SIDE)
        .flat_map(|k| [k, last * SIDE + k, k * SIDE, k * SIDE + last])
        .collect();
    while let Some(i) = waiting.pop() {
        if reached[i] || !is_open(i) {
            continue;
        }
        reached[i] = true;
        let (row, col) = (i / SIDE, i % SIDE);
        if row > 0 {
            waiting.push(i - SIDE);
        }
        if row < last {
            waiting.push(i + SIDE);
        }
        if col > 0 {
            waiting.push(i - 1);
        }
        if col < last {
            waiting.push(i + 1);
        }
    }
    reached
}
