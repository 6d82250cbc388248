//! Comparison of computed numbers with an oracle's, for tests.

/// Panics unless both have the same length and differ by at most `tolerance` everywhere.
pub(crate) fn assert_close(actual: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(actual.len(), expected.len(), "lengths differ");
    let off: Vec<_> = actual
        .iter()
        .zip(expected)
        .enumerate()
        // Written so that a NaN counts as different.
        .filter(|(_, (a, e))| !matches!((*a - *e).abs(), d if d <= tolerance))
        .collect();
    let worst = off.iter().map(|(_, (a, e))| (*a - *e).abs());
    assert!(
        off.is_empty(),
        "{} of {} values differ by more than {tolerance}, at most by {}; first (index, (actual, expected)): {:?}",
        off.len(),
        actual.len(),
        worst.fold(0.0, f32::max),
        &off[..off.len().min(5)],
    );
}
