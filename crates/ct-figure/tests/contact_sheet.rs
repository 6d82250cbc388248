//! Contact sheets: where thumbnails stand, which are framed, and that a sheet keeps its limit.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use ct_figure::{
    Colormap, Error, GreySlice, Heat, Limits, Saliency, SheetConfig, SheetSlice, Thumbnail,
    contact_sheet,
};
use image::{Rgb, RgbImage};

const RED: Rgb<u8> = Rgb([255, 0, 0]);
/// Grey 0.4 as a byte.
const GREY: Rgb<u8> = Rgb([102; 3]);

/// Thumbnails of 40 rows and 60 columns; the slices named are predicted 1.
fn thumbnails(n: usize, positive: &[usize]) -> Vec<Thumbnail> {
    let grey = [0.4; 40 * 60];
    (1..=n)
        .map(|number| {
            let grey = GreySlice::new(&grey, (40, 60)).unwrap();
            let probability = number as f32 / n as f32;
            let prediction = positive.contains(&number).into();
            let slice = SheetSlice::new(grey, number, probability, prediction);
            Thumbnail::draw(&slice, 60).unwrap()
        })
        .collect()
}

fn count(sheet: &RgbImage, color: Rgb<u8>) -> usize {
    sheet.pixels().filter(|pixel| **pixel == color).count()
}

#[test]
fn every_thumbnail_stands_on_the_sheet_and_positive_ones_are_framed() {
    let sheet = contact_sheet(&thumbnails(7, &[2, 5]), &SheetConfig::default());
    let sheet = sheet.unwrap().image;
    // Anti-aliased captions may hold a pixel of the same grey.
    assert!(count(&sheet, GREY) - 7 * 40 * 60 < 100);
    let frame = 66 * 46 - 60 * 40;
    assert_eq!(count(&sheet, RED), 2 * frame);
    // Cells of 66 pixels stand 8 apart after a margin of 12: the second one is framed, the first not.
    assert_eq!(*sheet.get_pixel(12 + 74, 12 + 33), RED);
    assert_eq!(*sheet.get_pixel(12, 12 + 33), Rgb([255; 3]));
    assert_eq!(*sheet.get_pixel(12 + 3, 12 + 33), GREY);
}

#[test]
fn a_sheet_keeps_its_limit_by_smaller_thumbnails() {
    let series = thumbnails(40, &[1]);
    let sheet = |max_pixels| {
        let config = SheetConfig::default().with_max_pixels(max_pixels);
        contact_sheet(&series, &config).map(|sheet| sheet.image)
    };
    let n_pixels = |sheet: &RgbImage| u64::from(sheet.width()) * u64::from(sheet.height());
    let full = n_pixels(&sheet(1 << 24).unwrap());
    let limit = full * 3 / 4;
    let reduced = n_pixels(&sheet(limit).unwrap());
    assert!(
        (limit * 9 / 10..=limit).contains(&reduced),
        "{reduced} of {limit}"
    );

    let error = sheet(10_000).unwrap_err();
    assert!(matches!(error, Error::FigureTooLarge { limit: 10_000, .. }));
}

#[test]
fn a_map_is_drawn_over_its_slice() {
    let map: Vec<f32> = (0..64 * 64)
        .map(|at| f32::from(u8::from(at % 64 < 32)))
        .collect();
    let grey = GreySlice::new(&[0.0; 64 * 64], (64, 64)).unwrap();
    let heat = Heat::new(Saliency::new(&map, (64, 64)).unwrap());
    let slice = SheetSlice::new(grey, 1, 0.5, 0).with_heat(heat);
    let thumbnail = Thumbnail::draw(&slice, 64).unwrap();
    for (colormap, color) in [
        (Colormap::OrangeBlue, Rgb([204, 88, 0])),
        (Colormap::Bwr, Rgb([128, 0, 0])),
    ] {
        let config = SheetConfig::default().with_colormap(colormap);
        let sheet = contact_sheet(std::slice::from_ref(&thumbnail), &config).unwrap();
        assert_eq!(sheet.scale, Some(1.0));
        // The upper strip of the bar ends in the same colour.
        let n_pixels = count(&sheet.image, color);
        assert!((64 * 32..64 * 32 + 100).contains(&n_pixels), "{n_pixels}");
    }
}

#[test]
fn large_slices_are_reduced_small_ones_enlarged_and_shapes_mixed() {
    let (large, small) = (vec![0.4; 512 * 300], [0.4; 6]);
    let draw = |values: &[f32], dims| {
        let grey = GreySlice::new(values, dims).unwrap();
        Thumbnail::draw(&SheetSlice::new(grey, 1, 0.5, 1), 100).unwrap()
    };
    let series = [draw(&large, (512, 300)), draw(&small, (2, 3))];
    let config = SheetConfig::default().with_footer("Research use only. Not a medical device.");
    let sheet = contact_sheet(&series, &config).unwrap().image;
    let expected = 100 * 58 + 99 * 66;
    assert!((expected..expected + 100).contains(&count(&sheet, GREY)));
}

/// A slice of 64 x 64 black pixels whose left half has this score.
fn scored(score: f32) -> Thumbnail {
    let map: Vec<f32> = (0..64 * 64)
        .map(|at| if at % 64 < 32 { score.max(0.0) } else { 0.0 })
        .collect();
    let against: Vec<f32> = (0..64 * 64)
        .map(|at| if at % 64 < 32 { score.min(0.0) } else { 0.0 })
        .collect();
    let grey = GreySlice::new(&[0.0; 64 * 64], (64, 64)).unwrap();
    let mut heat = Heat::new(Saliency::new(&map, (64, 64)).unwrap());
    if score < 0.0 {
        let against = Saliency::new(&against, (64, 64)).unwrap();
        heat = heat.with_against(against).unwrap();
    }
    let slice = SheetSlice::new(grey, 1, 0.9995, 0).with_heat(heat);
    Thumbnail::draw(&slice, 64).unwrap()
}

#[test]
fn slices_of_a_sheet_have_one_scale() {
    let sheet = contact_sheet(&[scored(0.2), scored(0.8)], &SheetConfig::default()).unwrap();
    assert_eq!(sheet.scale, Some(0.8));
    // A cell of 70 pixels at least, the thumbnail within its frame; opacities of 0.2 and 0.8.
    assert_eq!(
        *sheet.image.get_pixel(12 + 35 - 20, 12 + 35),
        Rgb([51, 22, 0])
    );
    assert!(count(&sheet.image, Rgb([51, 22, 0])) >= 64 * 32);
    assert!(count(&sheet.image, Rgb([204, 88, 0])) >= 64 * 32);

    let config = SheetConfig::default().with_limits(Limits::Fixed(3.2));
    let sheet = contact_sheet(&[scored(0.8)], &config).unwrap();
    assert_eq!(sheet.scale, Some(3.2));
    assert!(count(&sheet.image, Rgb([51, 22, 0])) >= 64 * 32);
}

#[test]
fn what_speaks_against_is_blue_and_so_is_half_of_the_bar() {
    let sheet = contact_sheet(&[scored(-0.5)], &SheetConfig::default()).unwrap();
    assert_eq!(sheet.scale, Some(0.5));
    assert!(count(&sheet.image, Rgb([0, 91, 204])) >= 64 * 32);
    let is_blue = |pixel: &&Rgb<u8>| pixel.0[2].saturating_sub(pixel.0[0]) > 20;
    let sheet = contact_sheet(&[scored(0.5)], &SheetConfig::default()).unwrap();
    assert_eq!(sheet.image.pixels().filter(is_blue).count(), 0);
}

#[test]
fn the_sheet_of_one_slice_has_room_for_its_notice() {
    let notice = "Research use only. Not a medical device, not for clinical use.";
    let height = |n: usize, footer: Option<&str>| {
        let mut config = SheetConfig::default();
        config.footer = footer.map(str::to_owned);
        let sheet = contact_sheet(&thumbnails(n, &[]), &config).unwrap();
        // Text in grey down to the last line, and a margin below it.
        let (width, height) = sheet.image.dimensions();
        let last = (0..width).map(|x| *sheet.image.get_pixel(x, height - 1));
        assert!(last.into_iter().all(|pixel| pixel == Rgb([255; 3])));
        height
    };
    let line = height(100, Some(notice)) - height(100, None);
    let lines = height(1, Some(notice)) - height(1, None);
    assert!(lines > line, "{lines} pixels of text, {line} in one line");
}

#[test]
fn rejects_a_sheet_of_nothing() {
    let error = contact_sheet(&[], &SheetConfig::default()).unwrap_err();
    assert!(matches!(error, Error::NoSlices));
}
