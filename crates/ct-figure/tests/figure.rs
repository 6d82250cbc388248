//! Whole figures: where the panels stand, and what cannot be drawn.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use ct_figure::{
    Arrangement, BoundingBox, Error, FigureConfig, FigureSlice, GreySlice, Limits, Saliency,
    draw_figure,
};
use image::{Rgb, RgbImage};

/// Rows and columns of the slices; large enough not to be enlarged.
const DIMS: (usize, usize) = (260, 300);
const N_PIXELS: usize = DIMS.0 * DIMS.1;

/// Grey 0.4 as a byte.
const GREY: Rgb<u8> = Rgb([102; 3]);
const WHITE: Rgb<u8> = Rgb([255; 3]);
const RED: Rgb<u8> = Rgb([255, 0, 0]);

fn config(arrangement: Arrangement) -> FigureConfig {
    FigureConfig {
        arrangement,
        ..FigureConfig::default()
    }
}

fn slice<'a>(grey: &'a [f32], map: Option<&'a [f32]>) -> FigureSlice<'a> {
    FigureSlice {
        grey: GreySlice::new(grey, DIMS).unwrap(),
        saliency: map.map(|map| Saliency::new(map, DIMS).unwrap()),
        boxes: &[],
        title: "Prediction: 1",
        caption: None,
    }
}

/// The runs of grey pixels along a line, as `(start, length)`.
fn grey_runs(pixels: impl Iterator<Item = Rgb<u8>>) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for (at, pixel) in pixels.enumerate() {
        match runs.last_mut() {
            _ if pixel != GREY => {}
            Some((start, length)) if *start + *length == at => *length += 1,
            _ => runs.push((at, 1)),
        }
    }
    runs
}

fn down(figure: &RgbImage, x: u32) -> Vec<(usize, usize)> {
    grey_runs((0..figure.height()).map(|y| *figure.get_pixel(x, y)))
}

fn across(figure: &RgbImage, y: u32) -> Vec<(usize, usize)> {
    grey_runs((0..figure.width()).map(|x| *figure.get_pixel(x, y)))
}

#[test]
fn in_columns_the_explanation_is_below_the_prediction() {
    let (grey, map) = ([0.4; N_PIXELS], [0.0; N_PIXELS]);
    let figure = draw_figure(&[slice(&grey, Some(&map))], &config(Arrangement::Columns)).unwrap();
    let rows = down(&figure, 20);
    assert_eq!(rows.len(), 2);
    assert!(rows.iter().all(|&(_, length)| length == DIMS.0));
    let y = rows[0].0 as u32 + 5;
    assert_eq!(across(&figure, y), [(16, DIMS.1)]);
}

#[test]
fn in_rows_the_explanation_is_right_of_the_prediction() {
    let (grey, map) = ([0.4; N_PIXELS], [0.0; N_PIXELS]);
    let figure = draw_figure(&[slice(&grey, Some(&map))], &config(Arrangement::Rows)).unwrap();
    let rows = down(&figure, 20);
    assert_eq!(rows.len(), 1);
    let columns = across(&figure, rows[0].0 as u32 + 5);
    assert_eq!(columns.len(), 2);
    assert!(columns.iter().all(|&(_, length)| length == DIMS.1));
}

#[test]
fn each_slice_is_a_column_or_a_row() {
    let (grey, map) = ([0.4; N_PIXELS], [0.0; N_PIXELS]);
    let slices = [slice(&grey, Some(&map)); 3];
    let figure = draw_figure(&slices, &config(Arrangement::Columns)).unwrap();
    let y = down(&figure, 20)[0].0 as u32 + 5;
    assert_eq!(across(&figure, y).len(), 3);
    let figure = draw_figure(&slices, &config(Arrangement::Rows)).unwrap();
    assert_eq!(down(&figure, 20).len(), 3);
}

#[test]
fn without_maps_there_are_predictions_only() {
    let grey = [0.4; N_PIXELS];
    let figure = draw_figure(&[slice(&grey, None)], &FigureConfig::default()).unwrap();
    assert_eq!(down(&figure, 20).len(), 1);
    assert_eq!(figure.width(), 16 + DIMS.1 as u32 + 16);
}

#[test]
fn both_panels_show_the_boxes_at_their_row_and_column() {
    let (grey, map) = ([0.4; N_PIXELS], [0.0; N_PIXELS]);
    let boxes = [BoundingBox {
        column: 40.0,
        row: 90.0,
        width: 30.0,
        height: 10.0,
        label: String::new(),
    }];
    let slice = FigureSlice {
        boxes: &boxes,
        ..slice(&grey, Some(&map))
    };
    let figure = draw_figure(&[slice], &config(Arrangement::Columns)).unwrap();
    for (top, _) in down(&figure, 20) {
        let pixel = |row: u32, col: u32| *figure.get_pixel(16 + col, top as u32 + row);
        for corner in [(90, 40), (90, 70), (100, 40), (100, 70)] {
            assert_eq!(pixel(corner.0, corner.1), RED, "{corner:?}");
        }
        assert_eq!(pixel(95, 55), GREY);
        assert_eq!(pixel(40, 90), GREY);
    }
}

#[test]
fn slices_of_different_sizes_share_a_figure() {
    let grey = [0.4; N_PIXELS];
    let map = [0.0; N_PIXELS];
    let (small_grey, small_map) = ([0.4; 10 * 40], [0.1; 10 * 40]);
    let small = FigureSlice {
        grey: GreySlice::new(&small_grey, (10, 40)).unwrap(),
        saliency: Some(Saliency::new(&small_map, (10, 40)).unwrap()),
        ..slice(&grey, None)
    };
    for arrangement in [Arrangement::Columns, Arrangement::Rows] {
        let slices = [small, slice(&grey, Some(&map)), slice(&grey, None)];
        let figure = draw_figure(&slices, &config(arrangement)).unwrap();
        // 40 columns are enlarged to 280, 10 rows to 70.
        let lengths: Vec<usize> = down(&figure, 20).iter().map(|run| run.1).collect();
        match arrangement {
            Arrangement::Columns => assert_eq!(lengths, [70, 70]),
            _ => assert_eq!(lengths, [70, DIMS.0, DIMS.0]),
        }
    }
}

#[test]
fn a_single_pixel_is_drawn() {
    let slice = FigureSlice {
        grey: GreySlice::new(&[1.0], (1, 1)).unwrap(),
        saliency: Some(Saliency::new(&[0.7], (1, 1)).unwrap()),
        boxes: &[],
        title: "",
        caption: None,
    };
    let figure = draw_figure(&[slice], &FigureConfig::default()).unwrap();
    assert!(figure.width() > 256 && figure.height() > 512);
}

#[test]
fn the_footer_and_the_margins_stand_on_white() {
    let (grey, map) = ([0.4; N_PIXELS], [0.0; N_PIXELS]);
    let slices = [slice(&grey, Some(&map))];
    let plain = draw_figure(&slices, &FigureConfig::default()).unwrap();
    let config = FigureConfig {
        footer: Some("Research use only.".to_owned()),
        ..FigureConfig::default()
    };
    let figure = draw_figure(&slices, &config).unwrap();
    assert_eq!(figure.width(), plain.width());
    assert!(figure.height() > plain.height());

    let (width, height) = figure.dimensions();
    let below = (plain.height()..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    assert!(below.clone().any(|(x, y)| *figure.get_pixel(x, y) != WHITE));
    for at in 0..16 {
        assert!((0..height).all(|y| *figure.get_pixel(at, y) == WHITE));
        assert!((0..height).all(|y| *figure.get_pixel(width - 1 - at, y) == WHITE));
        assert!((0..width).all(|x| *figure.get_pixel(x, height - 1 - at) == WHITE));
    }
}

#[test]
fn rejects_a_figure_of_nothing() {
    let error = draw_figure(&[], &FigureConfig::default()).unwrap_err();
    assert!(matches!(error, Error::NoSlices));
}

#[test]
fn rejects_a_map_of_another_size() {
    let (grey, map) = ([0.4; N_PIXELS], [0.0; N_PIXELS]);
    let slice = FigureSlice {
        saliency: Some(Saliency::new(&map, (DIMS.1, DIMS.0)).unwrap()),
        ..slice(&grey, None)
    };
    let error = draw_figure(&[slice], &FigureConfig::default()).unwrap_err();
    assert!(matches!(error, Error::Dims { .. }));
}

#[test]
fn rejects_invalid_limits() {
    let (grey, map) = ([0.4; N_PIXELS], [0.0; N_PIXELS]);
    let config = FigureConfig {
        limits: Limits::Fixed(f32::NAN),
        ..FigureConfig::default()
    };
    let error = draw_figure(&[slice(&grey, Some(&map))], &config).unwrap_err();
    assert!(matches!(error, Error::FixedLimit(_)));
}

#[test]
fn rejects_a_figure_too_large_to_hold() {
    let grey = [0.4; N_PIXELS];
    let slices = vec![slice(&grey, None); 1000];
    for arrangement in [Arrangement::Columns, Arrangement::Rows] {
        let error = draw_figure(&slices, &config(arrangement)).unwrap_err();
        assert!(matches!(error, Error::FigureTooLarge { .. }), "{error}");
    }
}

#[test]
fn rejects_a_slice_so_long_that_its_margins_do_not_fit() {
    let grey = vec![0.4; 3_000_000];
    let slice = FigureSlice {
        grey: GreySlice::new(&grey, (1, 3_000_000)).unwrap(),
        ..slice(&grey[..N_PIXELS], None)
    };
    let error = draw_figure(&[slice], &FigureConfig::default()).unwrap_err();
    assert!(matches!(error, Error::FigureTooLarge { width, .. } if width > 3_000_000));
}
