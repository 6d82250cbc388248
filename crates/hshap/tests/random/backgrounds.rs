//! Several backgrounds in one explanation.

use hshap::{Convention, Error, Explainer, Explanation, Run, Stop};
use proptest::prelude::*;

use crate::game::{explainer, games, pixels, settings, shifts, tensor};

/// The map, and of its explanation also what was found at all.
fn map(explained: Result<Explanation, Error>, n_pixels: usize) -> Vec<f32> {
    match explained {
        Ok(explained) => explained.map.values().to_vec(),
        Err(Error::NothingImportant { .. }) => vec![0.0; n_pixels],
        Err(error) => panic!("{error}"),
    }
}

fn close(a: &[f32], b: &[f32]) -> Result<(), TestCaseError> {
    for (a, b) in a.iter().zip(b) {
        prop_assert!((a - b).abs() <= 1e-6 * b.abs().max(1.0), "{} {}", a, b);
    }
    Ok(())
}

/// Mean and standard deviation of maps, pixel by pixel.
fn moments(maps: &[Vec<f32>]) -> (Vec<f32>, Vec<f32>) {
    let n = maps.len() as f64;
    let moments = |pixel: usize| {
        let values = maps.iter().map(|map| f64::from(map[pixel]));
        let mean = values.clone().sum::<f64>() / n;
        let variance = values.map(|value| (value - mean).powi(2)).sum::<f64>() / n;
        (mean as f32, variance.sqrt() as f32)
    };
    (0..maps[0].len()).map(moments).unzip()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// The map and the spread are those of one explanation for each background.
    #[test]
    fn the_map_is_the_mean_over_backgrounds(
        (weights, offset, image, background) in games(),
        second in pixels(),
        is_upstream in prop::bool::ANY,
        tolerance in prop_oneof![Just(0.0), Just(0.05)],
    ) {
        let convention = match is_upstream {
            true => Convention::Upstream,
            false => Convention::Aligned,
        };
        let exact = settings(0.0).with_convention(convention);
        let image = tensor(&image);
        let of = |explainer: &Explainer| explainer.cycle_explain(&image, &shifts(3), &exact);
        let both = explainer(&weights, offset, &background).and_background(tensor(&second));
        let maps: Vec<Vec<f32>> = [&background, &second]
            .map(|background| map(of(&explainer(&weights, offset, background)), second.len()))
            .into();
        let (mean, spread) = moments(&maps);
        let Ok(found) = of(&both) else {
            prop_assert!(mean.iter().all(|&value| value == 0.0));
            return Ok(());
        };
        close(found.map.values(), &mean)?;
        let spread_found = found.spread_over_backgrounds().expect("a map").expect("two backgrounds");
        close(spread_found.values(), &spread)?;
        let places: Vec<usize> = found.runs.iter().map(|run: &Run| run.background).collect();
        prop_assert_eq!(places, [0, 0, 0, 1, 1, 1]);

        let stop = Stop::at_tolerance(tolerance);
        let close = both.cycle_explain(&image, &shifts(3), &exact.with_stop(stop)).expect("a map");
        let largest = mean.iter().fold(0.0_f32, |a, b| a.max(*b));
        for (map, exact) in close.map.values().iter().zip(&mean) {
            prop_assert!(f64::from(exact - map) <= tolerance * f64::from(largest) + 1e-6);
        }
    }

    /// The spread over the shifts is that of one explanation for each shift.
    #[test]
    fn the_spread_over_shifts_is_that_of_their_maps((weights, offset, image, background) in games()) {
        let explainer = explainer(&weights, offset, &background);
        let image = tensor(&image);
        let hshap::Shifts::List(list) = shifts(4) else { unreachable!("a list") };
        let maps: Vec<Vec<f32>> = list
            .iter()
            .map(|&shift| {
                let one = hshap::Shifts::List(vec![shift]);
                let found = explainer.cycle_explain(&image, &one, &settings(0.0));
                if let Ok(found) = &found {
                    assert_eq!(found.spread_over_shifts().expect("a map"), None);
                }
                map(found, background.len())
            })
            .collect();
        let (_, spread) = moments(&maps);
        let found = explainer.cycle_explain(&image, &shifts(4), &settings(0.0));
        let Ok(found) = found else { return Ok(()) };
        close(found.spread_over_shifts().expect("a map").expect("four shifts").values(), &spread)?;
        prop_assert_eq!(found.spread_over_backgrounds().expect("a map"), None);
    }
}
