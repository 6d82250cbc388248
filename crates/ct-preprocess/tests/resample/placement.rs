use ct_io::HuSlice;
use ct_preprocess::{Grid, NetworkGrid, Placement, ResampleError, ResampleFilter, ResampleRule};
use proptest::prelude::*;

const HEAD: NetworkGrid = NetworkGrid::HEAD_CT;

fn plan(
    rows: usize,
    cols: usize,
    spacing_mm: Option<(f64, f64)>,
) -> Result<Placement, ResampleError> {
    Placement::plan(
        Grid {
            rows,
            cols,
            spacing_mm,
        },
        &HEAD,
        ResampleRule::BySpacing,
    )
}

fn forced(rows: usize, cols: usize, spacing_mm: Option<(f64, f64)>) -> Placement {
    let grid = Grid {
        rows,
        cols,
        spacing_mm,
    };
    Placement::plan(grid, &HEAD, ResampleRule::Force).expect("a placement")
}

fn flat(rows: usize, cols: usize, hu: f32) -> HuSlice {
    HuSlice::new(vec![hu; rows * cols], rows, cols).expect("a slice")
}

#[test]
fn a_slice_on_the_networks_grid_is_left_as_it_is() {
    for spacing_mm in [
        None,
        Some((0.45, 0.45)),
        Some((0.488281, 0.48828)),
        Some((9.0, 9.0)),
    ] {
        let placement = plan(512, 512, spacing_mm).expect("a placement");
        assert!(placement.is_identity());
        let values: Vec<f32> = (0..512 * 512).map(|index| index as f32).collect();
        let slice = HuSlice::new(values.clone(), 512, 512).expect("a slice");
        assert_eq!(
            placement
                .apply(&slice, ResampleFilter::Triangle)
                .expect("a slice"),
            slice
        );
        assert_eq!(placement.map_back(&values).expect("a map"), values);
    }
}

#[test]
fn another_size_is_stretched_over_the_same_field_of_view() {
    let placement = plan(256, 256, Some((0.9, 0.9))).expect("a placement");
    assert_eq!(placement.to_slice((0.0, 512.0)), (0.0, 256.0));
    let out = placement
        .apply(&flat(256, 256, 40.0), ResampleFilter::Triangle)
        .expect("a slice");
    assert_eq!(out, flat(512, 512, 40.0));

    let nearly = plan(512, 511, Some((0.45, 0.45))).expect("a placement");
    assert_eq!(nearly.to_slice((512.0, 512.0)), (512.0, 511.0));
}

#[test]
fn a_narrow_slice_lies_in_the_middle_of_air() {
    let placement = plan(512, 400, Some((0.45, 0.45))).expect("a placement");
    assert_eq!(placement.to_network((0.0, 0.0)), (0.0, 56.0));
    let out = placement
        .apply(&flat(512, 400, 40.0), ResampleFilter::Triangle)
        .expect("a slice");
    for line in out.values_hu().chunks_exact(512) {
        assert!(
            line[..56]
                .iter()
                .chain(&line[456..])
                .all(|&hu| hu == -1000.0)
        );
        assert!(line[56..456].iter().all(|&hu| hu == 40.0));
    }
}

/// One column more on one side than on the other, and no pixel is blurred.
#[test]
fn an_odd_rest_is_not_halved() {
    let placement = plan(401, 512, Some((0.45, 0.45))).expect("a placement");
    assert_eq!(placement.to_network((0.0, 0.0)), (55.0, 0.0));
    let values: Vec<f32> = (0..401 * 512).map(|index| index as f32).collect();
    let slice = HuSlice::new(values.clone(), 401, 512).expect("a slice");
    let out = placement
        .apply(&slice, ResampleFilter::CatmullRom)
        .expect("a slice");
    assert_eq!(out.values_hu()[55 * 512..456 * 512], values);
}

#[test]
fn pixels_become_square() {
    let placement = plan(512, 256, Some((0.4, 0.8))).expect("a placement");
    assert_eq!(placement.to_slice((512.0, 512.0)), (512.0, 256.0));

    // 204.8 mm high and 256 mm wide.
    let placement = plan(512, 512, Some((0.4, 0.5))).expect("a placement");
    let (top, left) = placement.to_network((0.0, 0.0));
    let (bottom, right) = placement.to_network((512.0, 512.0));
    assert_eq!((left, right), (0.0, 512.0));
    assert!(
        (top - 51.2).abs() < 1e-9 && (bottom - 460.8).abs() < 1e-9,
        "{top} {bottom}"
    );
}

#[test]
fn what_the_file_does_not_say_is_not_guessed() {
    let error = plan(256, 256, None).expect_err("unknown spacing");
    assert!(matches!(
        error,
        ResampleError::UnknownSpacing {
            rows: 256,
            cols: 256,
            side: 512
        }
    ));
    assert!(error.can_be_forced());
    let placement = forced(256, 128, None);
    assert_eq!(placement.to_network((0.0, 0.0)), (0.0, 128.0));
}

#[test]
fn other_fields_of_view_and_planes_are_refused_unless_forced() {
    for spacing in [0.1, 0.9] {
        let error = plan(600, 600, Some((spacing, spacing))).expect_err("no head");
        assert!(
            matches!(error, ResampleError::FieldOfView { .. }),
            "{error}"
        );
        assert!(error.can_be_forced());
        assert_eq!(
            forced(600, 600, Some((spacing, spacing))),
            forced(600, 600, None)
        );
    }
    let error = plan(512, 40, Some((0.4, 5.0))).expect_err("a coronal series");
    assert!(
        matches!(error, ResampleError::SpacingRatio { .. }) && error.can_be_forced(),
        "{error}"
    );
    forced(512, 40, Some((0.4, 5.0)));
    let grid = Grid {
        rows: 8192,
        cols: 1,
        spacing_mm: Some((1e300, 1e-300)),
    };
    for rule in [ResampleRule::BySpacing, ResampleRule::Force] {
        let error = Placement::plan(grid, &HEAD, rule).expect_err("a line");
        assert!(!error.can_be_forced(), "{error}");
    }
    assert!(!plan(0, 512, None).expect_err("no rows").can_be_forced());
}

/// Also of a slice on the network's grid, which is not resampled.
#[test]
fn unknown_fields_of_view_are_warned_of() {
    let check = |rows, cols, spacing_mm| {
        HEAD.check_field_of_view(&Grid {
            rows,
            cols,
            spacing_mm,
        })
    };
    for (rows, cols, spacing) in [(512, 512, 0.98), (512, 512, 0.2), (600, 512, 0.7)] {
        let warning = check(rows, cols, Some((spacing, spacing))).expect("a warning");
        assert_eq!(warning.code(), "field-of-view");
        let view = (rows.max(cols) as f64 * spacing).round();
        assert!(
            warning.to_string().contains(&format!("{view} mm")),
            "{warning}"
        );
    }
    for (side, spacing) in [(512, 0.45), (512, 0.3), (256, 1.4), (512, 0.7)] {
        assert_eq!(check(side, side, Some((spacing, spacing))), None);
    }
    assert_eq!(check(512, 512, None), None);
    // The longer side counts.
    assert!(check(512, 512, Some((0.5, 0.8))).is_some());
}

#[test]
fn sizes_and_spacings_that_are_none_are_refused() {
    for (rows, cols) in [(0, 512), (512, 0), (9000, 512)] {
        assert!(matches!(
            plan(rows, cols, None),
            Err(ResampleError::Grid { .. })
        ));
    }
    for spacing in [0.0, -0.5, f64::NAN, f64::INFINITY] {
        let error = plan(256, 256, Some((0.5, spacing))).expect_err("no size");
        assert!(matches!(error, ResampleError::Spacing { .. }), "{error}");
    }
}

#[test]
fn values_of_another_grid_are_refused() {
    let placement = plan(256, 256, Some((0.9, 0.9))).expect("a placement");
    assert!(
        placement
            .apply(&flat(256, 255, 0.0), ResampleFilter::Triangle)
            .is_err()
    );
    assert!(
        placement
            .apply(&flat(128, 512, 0.0), ResampleFilter::Triangle)
            .is_err()
    );
    let error = placement
        .map_back(&[0.0; 256 * 256])
        .expect_err("not 512 x 512");
    assert!(matches!(
        error,
        ResampleError::Length {
            found: 65536,
            rows: 512,
            cols: 512
        }
    ));
}

/// A box of ones in the network's grid covers, in the slice, the box with the same corners.
#[test]
fn a_box_comes_back_where_it_was() {
    // (slice, box in it whose corners are whole in both grids)
    let cases = [
        (
            plan(256, 256, Some((0.9, 0.9))).expect("a placement"),
            (40, 60),
            (100, 200),
        ),
        (
            plan(1024, 1024, Some((0.2, 0.2))).expect("a placement"),
            (40, 60),
            (100, 200),
        ),
        (
            plan(400, 512, Some((0.45, 0.45))).expect("a placement"),
            (0, 17),
            (400, 512),
        ),
        (
            plan(512, 256, Some((0.4, 0.8))).expect("a placement"),
            (3, 5),
            (77, 99),
        ),
        (forced(128, 256, None), (2, 4), (100, 250)),
    ];
    for (placement, (top, left), (bottom, right)) in cases {
        let corner = |point: (usize, usize)| {
            let (row, col) = placement.to_network((point.0 as f64, point.1 as f64));
            assert_eq!((row.fract(), col.fract()), (0.0, 0.0));
            (row as usize, col as usize)
        };
        let (from, to) = (corner((top, left)), corner((bottom, right)));
        let inside = |row, col, (t, l), (b, r)| (t..b).contains(&row) && (l..r).contains(&col);
        let map: Vec<f32> = (0..512 * 512)
            .map(|index| f32::from(u8::from(inside(index / 512, index % 512, from, to))))
            .collect();
        let back = placement.map_back(&map).expect("a map");
        let (_, cols) = placement.slice_shape();
        for (index, value) in back.into_iter().enumerate() {
            let expected = inside(index / cols, index % cols, (top, left), (bottom, right));
            let expected = f32::from(u8::from(expected));
            assert!(
                (value - expected).abs() < 1e-6,
                "{placement:?}: {index} is {value}"
            );
        }
    }
}

/// Sides and spacings for which a placement can be forced.
fn grids() -> impl Strategy<Value = Grid> {
    let sides = prop_oneof![
        Just((1, 1)),
        Just((511, 512)),
        Just((5, 700)),
        Just((700, 5)),
        (1..90_usize, 1..90_usize),
    ];
    let spacings = proptest::option::of((0.1..2.0_f64, 0.1..2.0_f64));
    (sides, spacings).prop_map(|((rows, cols), spacing_mm)| Grid {
        rows,
        cols,
        spacing_mm,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Constants, and the integral over the slice: that of the map over the slice's rectangle.
    #[test]
    fn maps_keep_constants_and_integrals(grid in grids(), side in 1..70_usize, seed in any::<u32>()) {
        let network = NetworkGrid { side, ..HEAD };
        let placement = Placement::plan(grid, &network, ResampleRule::Force).expect("a placement");
        let constant = placement.map_back(&vec![0.75; side * side]).expect("a map");
        prop_assert_eq!(constant.len(), grid.rows * grid.cols);
        prop_assert!(constant.iter().all(|value| (value - 0.75).abs() < 1e-6));

        let value = |index: usize| ((index as u32 + 1).wrapping_mul(seed | 1) >> 16) as f32 / 65536.0;
        let map: Vec<f32> = (0..side * side).map(value).collect();
        let back = placement.map_back(&map).expect("a map");
        let (top, left) = placement.to_network((0.0, 0.0));
        let (bottom, right) = placement.to_network((grid.rows as f64, grid.cols as f64));
        let covered = |from: f64, to: f64, index: usize| {
            (to.min(index as f64 + 1.0) - from.max(index as f64)).max(0.0)
        };
        let expected: f64 = (0..side * side)
            .map(|index| {
                let area = covered(top, bottom, index / side) * covered(left, right, index % side);
                area * f64::from(map[index])
            })
            .sum();
        let pixel = (bottom - top) * (right - left) / (grid.rows * grid.cols) as f64;
        let found: f64 = back.iter().map(|&value| f64::from(value)).sum::<f64>() * pixel;
        prop_assert!((found - expected).abs() <= 1e-6 * expected, "{} {}", found, expected);
    }

    #[test]
    fn points_go_there_and_back(grid in grids(), row in -1.0..2.0_f64, col in -1.0..2.0_f64) {
        let placement = Placement::plan(grid, &HEAD, ResampleRule::Force).expect("a placement");
        let point = (row * 512.0, col * 512.0);
        let (back_row, back_col) = placement.to_network(placement.to_slice(point));
        prop_assert!((back_row - point.0).abs() < 1e-6 && (back_col - point.1).abs() < 1e-6);
    }

    /// Whatever is on the slice's rectangle lies within its range, and the corners are air.
    #[test]
    fn slices_are_placed_within_their_range(grid in grids(), hu in -900.0_f32..900.0) {
        let network = NetworkGrid { side: 64, ..HEAD };
        let placement = Placement::plan(grid, &network, ResampleRule::Force).expect("a placement");
        let out = placement.apply(&flat(grid.rows, grid.cols, hu), ResampleFilter::Triangle).expect("a slice");
        prop_assert_eq!((out.rows(), out.cols()), (64, 64));
        for value in out.values_hu() {
            prop_assert!((-1000.1..=hu + 1e-3).contains(value), "{}", value);
        }
    }
}
