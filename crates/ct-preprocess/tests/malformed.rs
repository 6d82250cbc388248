//! One test for each way in which a window or a grey image can be wrong.

use ct_preprocess::{Error, HuSlice, Window, WindowFunction, WindowedSlice};
use proptest::prelude::*;

#[test]
fn rejects_a_background_outside_0_to_1() {
    assert!(matches!(
        WindowedSlice::new(vec![0.0, 1.0, 1.001], 1, 3),
        Err(Error::NotGrey { row: 0, col: 2, .. })
    ));
}

#[test]
fn rejects_windows_that_have_no_meaning() {
    use WindowFunction::{Linear, LinearExact, Notebook, Sigmoid};
    for (level, width, function) in [
        (f32::NAN, 80.0, Notebook),
        (1e30, 80.0, Notebook),
        (40.0, 1.9, Notebook),
        (40.0, 0.9, Linear),
        (40.0, 0.0, LinearExact),
        (40.0, -80.0, Sigmoid),
        (40.0, f32::NAN, LinearExact),
        (40.0, f32::INFINITY, Linear),
    ] {
        assert!(
            Window::new(level, width, function).is_err(),
            "{level} {width} {function:?}"
        );
    }
    let error = Window::named("brian").expect_err("no such window");
    assert!(error.to_string().contains("soft-tissue"), "{error}");
    assert_eq!(Window::named("stroke").expect("a preset"), Window::STROKE);
}

proptest! {
    #[test]
    fn windows_are_monotone_and_from_0_to_1(
        level in -1000.0_f32..3000.0,
        width in 2.0_f32..4000.0,
        mut hu in prop::collection::vec(-4000.0_f32..32000.0, 1..50),
        function in prop::sample::select(vec![
            WindowFunction::Notebook,
            WindowFunction::Linear,
            WindowFunction::LinearExact,
            WindowFunction::Sigmoid,
        ]),
    ) {
        hu.sort_by(f32::total_cmp);
        let n = hu.len();
        let slice = HuSlice::new(hu, 1, n).expect("finite");
        let grey = Window::new(level, width, function).expect("valid").apply(&slice);
        prop_assert!(grey.values().iter().all(|v| (0.0..=1.0).contains(v)));
        prop_assert!(grey.values().is_sorted());
    }
}
