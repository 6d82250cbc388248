//! Whole figures: where the panels stand, and what cannot be drawn.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use ct_figure::{
    Arrangement, BoundingBox, Colormap, Error, FigureConfig, FigureSlice, GreySlice, Heat, Limits,
    Saliency, draw_figure,
};
use image::{Rgb, RgbImage};

/// Rows and columns of the slices; large enough not to be enlarged.
const DIMS: (usize, usize) = (260, 300);
const N_PIXELS: usize = DIMS.0 * DIMS.1;

/// Grey 0.4 as a byte.
const GREY: Rgb<u8> = Rgb([102; 3]);
const WHITE: Rgb<u8> = Rgb([255; 3]);
const CYAN: Rgb<u8> = Rgb([0, 255, 255]);
/// Full orange over grey 0.4: a fifth of it and four fifths of the colour.
const ORANGE: Rgb<u8> = Rgb([224, 108, 20]);
const BLUE: Rgb<u8> = Rgb([20, 112, 224]);

fn drawn(slices: &[FigureSlice<'_>], config: &FigureConfig) -> RgbImage {
    draw_figure(slices, config).unwrap().image
}

/// A map of 0 but for a rectangle of rows 100..140 and columns 200..260.
fn cell(value: f32) -> Vec<f32> {
    (0..N_PIXELS)
        .map(|at| (at / DIMS.1, at % DIMS.1))
        .map(|(row, col)| {
            let inside = (100..140).contains(&row) && (200..260).contains(&col);
            if inside { value } else { 0.0 }
        })
        .collect()
}

fn count(figure: &RgbImage, color: Rgb<u8>) -> usize {
    figure.pixels().filter(|pixel| **pixel == color).count()
}

fn config(arrangement: Arrangement) -> FigureConfig {
    FigureConfig::default().with_arrangement(arrangement)
}

fn heat(map: &[f32], dims: (usize, usize)) -> Heat<'_> {
    Heat::new(Saliency::new(map, dims).unwrap())
}

fn slice<'a>(grey: &'a [f32], map: Option<&'a [f32]>) -> FigureSlice<'a> {
    let slice = FigureSlice::new(GreySlice::new(grey, DIMS).unwrap(), "Prediction: 1");
    match map {
        Some(map) => slice.with_heat(heat(map, DIMS)),
        None => slice,
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
    let figure = drawn(&[slice(&grey, Some(&map))], &config(Arrangement::Columns));
    let rows = down(&figure, 20);
    assert_eq!(rows.len(), 2);
    assert!(rows.iter().all(|&(_, length)| length == DIMS.0));
    let y = rows[0].0 as u32 + 5;
    assert_eq!(across(&figure, y), [(16, DIMS.1)]);
}

#[test]
fn in_rows_the_explanation_is_right_of_the_prediction() {
    let (grey, map) = ([0.4; N_PIXELS], [0.0; N_PIXELS]);
    let figure = drawn(&[slice(&grey, Some(&map))], &config(Arrangement::Rows));
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
    let figure = drawn(&slices, &config(Arrangement::Columns));
    let y = down(&figure, 20)[0].0 as u32 + 5;
    assert_eq!(across(&figure, y).len(), 3);
    let figure = drawn(&slices, &config(Arrangement::Rows));
    assert_eq!(down(&figure, 20).len(), 3);
}

#[test]
fn without_maps_there_are_predictions_only() {
    let grey = [0.4; N_PIXELS];
    let figure = drawn(&[slice(&grey, None)], &FigureConfig::default());
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
    let slice = slice(&grey, Some(&map)).with_boxes(&boxes);
    let figure = drawn(&[slice], &config(Arrangement::Columns));
    for (top, _) in down(&figure, 20) {
        let pixel = |row: u32, col: u32| *figure.get_pixel(16 + col, top as u32 + row);
        for corner in [(90, 40), (90, 70), (100, 40), (100, 70)] {
            assert_eq!(pixel(corner.0, corner.1), CYAN, "{corner:?}");
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
    let small = FigureSlice::new(GreySlice::new(&small_grey, (10, 40)).unwrap(), "Small")
        .with_heat(heat(&small_map, (10, 40)));
    for arrangement in [Arrangement::Columns, Arrangement::Rows] {
        let slices = [small, slice(&grey, Some(&map)), slice(&grey, None)];
        let figure = drawn(&slices, &config(arrangement));
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
    let grey = GreySlice::new(&[1.0], (1, 1)).unwrap();
    let slice = FigureSlice::new(grey, "").with_heat(heat(&[0.7], (1, 1)));
    let figure = drawn(&[slice], &FigureConfig::default());
    assert!(figure.width() > 256 && figure.height() > 512);
}

#[test]
fn the_footer_and_the_margins_stand_on_white() {
    let (grey, map) = ([0.4; N_PIXELS], [0.0; N_PIXELS]);
    let slices = [slice(&grey, Some(&map))];
    let plain = drawn(&slices, &FigureConfig::default());
    let config = FigureConfig::default().with_footer("Research use only.");
    let figure = drawn(&slices, &config);
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
fn the_scale_is_the_largest_score_however_small_its_cell() {
    // A cell of 16 x 16 pixels in 512 x 512 is a 1024th of the slice, far above any percentile of it.
    let dims = (512, 512);
    let mut map = vec![0.0; 512 * 512];
    for row in 256..272 {
        map[512 * row + 240..][..16].fill(0.746);
    }
    map[3] = 2.14e-5;
    let grey = vec![0.4; 512 * 512];
    let slice = FigureSlice::new(GreySlice::new(&grey, dims).unwrap(), "Prediction: 1")
        .with_heat(heat(&map, dims));
    let figure = draw_figure(&[slice], &FigureConfig::default()).unwrap();
    assert_eq!(figure.scale, Some(0.746));
    assert_eq!(count(&figure.image, ORANGE), 256);
}

#[test]
fn slices_of_a_figure_have_one_scale() {
    let grey = [0.4; N_PIXELS];
    let (strong, weak) = (cell(0.8), cell(0.2));
    let slices = [slice(&grey, Some(&strong)), slice(&grey, Some(&weak))];
    let figure = draw_figure(&slices, &FigureConfig::default()).unwrap();
    assert_eq!(figure.scale, Some(0.8));
    let quarter = Rgb([133, 104, 82]);
    assert_eq!(count(&figure.image, ORANGE), 40 * 60);
    assert_eq!(count(&figure.image, quarter), 40 * 60);

    let fixed = FigureConfig::default().with_limits(Limits::Fixed(3.2));
    let figure = draw_figure(&slices[..1], &fixed).unwrap();
    assert_eq!(figure.scale, Some(3.2));
    assert_eq!(count(&figure.image, quarter), 40 * 60);
}

#[test]
fn a_bound_of_the_scale_keeps_tiny_scores_nearly_transparent() {
    let (grey, map) = ([0.4; N_PIXELS], cell(8e-4));
    let config = FigureConfig::default().with_limits(Limits::Drawn { at_least: 0.1 });
    let figure = draw_figure(&[slice(&grey, Some(&map))], &config).unwrap();
    assert_eq!(figure.scale, Some(0.1));
    // 0.8 % of the scale: an opacity of 0.6 %.
    assert_eq!(count(&figure.image, Rgb([103, 102, 101])), 40 * 60);
}

#[test]
fn what_speaks_against_is_blue_and_drawn_only_where_it_is_given() {
    let (grey, map, against) = ([0.4; N_PIXELS], cell(0.3), cell(-0.6));
    let plain = slice(&grey, Some(&map));
    let against = Saliency::new(&against, DIMS).unwrap();
    let signed = plain.with_heat(heat(&map, DIMS).with_against(against).unwrap());
    let figure = draw_figure(&[signed], &FigureConfig::default()).unwrap();
    assert_eq!(figure.scale, Some(0.6));
    assert_eq!(count(&figure.image, BLUE), 40 * 60);
    let figure = draw_figure(&[plain], &FigureConfig::default()).unwrap();
    assert_eq!(count(&figure.image, ORANGE), 40 * 60);
    let is_blue = |pixel: &&Rgb<u8>| pixel.0[2].saturating_sub(pixel.0[0]) > 20;
    assert_eq!(figure.image.pixels().filter(is_blue).count(), 0);
}

#[test]
fn boxes_are_seen_on_heat_of_either_colour_map() {
    let (grey, map) = ([0.4; N_PIXELS], cell(0.3));
    let boxes = [BoundingBox {
        column: 210.0,
        row: 110.0,
        width: 20.0,
        height: 10.0,
        label: String::new(),
    }];
    for colormap in [Colormap::OrangeBlue, Colormap::Bwr] {
        let slice = slice(&grey, Some(&map)).with_boxes(&boxes);
        let config = FigureConfig::default().with_colormap(colormap);
        let figure = drawn(&[slice], &config);
        // On both panels: the outline is 21 x 11 pixels.
        assert_eq!(count(&figure, CYAN), 2 * (2 * (21 + 11) - 4));
    }
}

#[test]
fn a_note_makes_room_for_itself() {
    let (grey, map) = ([0.4; N_PIXELS], cell(8e-4));
    let plain = slice(&grey, Some(&map));
    let noted = plain.with_note("Prediction 0: largest score 0.0008, scale not below 0.1");
    let heights = [plain, noted].map(|slice| {
        let figure = drawn(&[slice], &config(Arrangement::Rows));
        // Both panels still start in line.
        let top = down(&figure, 20)[0].0;
        assert_eq!(across(&figure, top as u32).len(), 2);
        figure.height()
    });
    assert!(heights[1] > heights[0] + 10, "{heights:?}");
}

#[test]
fn a_long_footer_goes_on_in_another_line() {
    let grey = [0.4; N_PIXELS];
    let heights = ["Research use only.", &"Research use only. ".repeat(9)].map(|footer| {
        let config = FigureConfig::default().with_footer(footer);
        drawn(&[slice(&grey, None)], &config).height()
    });
    assert!(heights[1] > heights[0] + 40, "{heights:?}");
}

#[test]
fn rejects_a_figure_of_nothing() {
    let error = draw_figure(&[], &FigureConfig::default()).unwrap_err();
    assert!(matches!(error, Error::NoSlices));
}

#[test]
fn rejects_a_map_of_another_size() {
    let (grey, map) = ([0.4; N_PIXELS], [0.0; N_PIXELS]);
    let slice = slice(&grey, None).with_heat(heat(&map, (DIMS.1, DIMS.0)));
    let error = draw_figure(&[slice], &FigureConfig::default()).unwrap_err();
    assert!(matches!(error, Error::Dims { .. }));
}

#[test]
fn rejects_invalid_limits() {
    let (grey, map) = ([0.4; N_PIXELS], [0.0; N_PIXELS]);
    let config = FigureConfig::default().with_limits(Limits::Fixed(f32::NAN));
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
    let slice = FigureSlice::new(GreySlice::new(&grey, (1, 3_000_000)).unwrap(), "Long");
    let error = draw_figure(&[slice], &FigureConfig::default()).unwrap_err();
    assert!(matches!(error, Error::FigureTooLarge { width, .. } if width > 3_000_000));
}
