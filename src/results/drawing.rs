//! The figure of an explained slice.

use ct_figure::{
    Arrangement, FigureConfig, FigureSlice, GreySlice, Heat, Limits, RgbImage, Saliency,
    draw_figure, energy_in_boxes, otsu, probability_text,
};
use hshap::{Explanation, SaliencyMap, Unexplored};

use super::look::Look;
use super::notice::NOTICE;
use super::report_parts::FigureReport;
use crate::Error;
use crate::session::{Labels, Output, Prediction};
use crate::study::Slice;

/// Where a slice is predicted 0, colours do not end below this score: what little speaks for the
/// label must not look like much.
pub(crate) const LEAST_SCALE: f32 = 0.1;

/// A figure, and what its colours mean.
pub(crate) struct Drawing {
    pub(crate) picture: RgbImage,
    /// On the slice's own grid.
    pub(crate) evidence: SaliencyMap,
    /// Where it is asked for.
    pub(crate) against: Option<SaliencyMap>,
    pub(crate) report: FigureReport,
    pub(crate) energy_in_boxes: Option<f64>,
}

/// Slice and explanation side by side.
///
/// What speaks for the label is drawn; scores below a region that speaks against are not. That
/// region itself is, where it is asked for.
pub(crate) fn draw(
    slice: &Slice,
    prediction: &Prediction,
    (labels, output): (&Labels, Output),
    explanation: &Explanation,
    look: &Look,
) -> Result<Drawing, Error> {
    let dims = (slice.grey().rows(), slice.grey().cols());
    let evidence = slice.on_own_grid(&explanation.evidence)?;
    let against_map = match look.against {
        true => Some(slice.on_own_grid(&explanation.counter_evidence)?),
        false => None,
    };
    let saliency = saliency(&evidence)?;
    let mut heat = Heat::new(saliency);
    if let Some(against) = &against_map {
        heat = heat.with_against(self::saliency(against)?)?;
    }
    let is_positive = prediction.is_positive;
    let limits = look.limits(match is_positive {
        true => 0.0,
        false => LEAST_SCALE,
    });
    let mut notes: Vec<String> = note(is_positive, saliency.values())
        .into_iter()
        .map(|note| match limits {
            Limits::Drawn { at_least } => format!("{note}, scale not below {at_least}"),
            _ => note,
        })
        .collect();
    notes.extend(explanation.unexplored.as_ref().map(note_of_unexplored));
    if output == Output::Logit {
        notes.push(LOGIT_NOTE.to_owned());
    }
    if !look.against {
        notes.extend(note_of_hidden(explanation));
    }
    let note = (!notes.is_empty()).then(|| notes.join("; "));
    let probability = probability_text(prediction.probability);
    let title = match labels.names() {
        [_] => format!(
            "Probability {probability}, prediction {}",
            u8::from(is_positive)
        ),
        _ => format!(
            "{}: {probability}, prediction {}",
            labels.chosen_name(),
            u8::from(is_positive)
        ),
    };
    let mut drawn = FigureSlice::new(GreySlice::new(slice.grey().values(), dims)?, &title)
        .with_heat(heat)
        .with_boxes(&slice.boxes)
        .with_caption(&slice.name);
    drawn.note = note.as_deref();
    let config = FigureConfig::default()
        .with_arrangement(Arrangement::Rows)
        .with_limits(limits)
        .with_colormap(look.colormap)
        .with_footer(NOTICE);
    let figure = draw_figure(&[drawn], &config)?;
    let energy_in_boxes = energy_in_boxes(&saliency, &slice.boxes);
    let drawn_above = otsu(&saliency);
    Ok(Drawing {
        report: FigureReport {
            colormap: look.colormap.to_string(),
            scale: figure.scale.unwrap_or(1.0),
            scale_rule: limits.to_string(),
            drawn_above,
            shows_against: look.against,
        },
        picture: figure.image,
        evidence,
        against: against_map,
        energy_in_boxes,
    })
}

/// What a reader of scores of a logit must know.
pub(crate) const LOGIT_NOTE: &str = "Scores are of the logit, which has no bound";

/// What a reader of the explanation of a slice that is predicted 0 must know.
pub(crate) fn note(is_positive: bool, evidence: &[f32]) -> Option<String> {
    if is_positive {
        return None;
    }
    let largest = evidence.iter().copied().fold(0.0_f32, f32::max);
    Some(format!("Prediction 0: largest score {largest:.1e}"))
}

/// How much a map misses of which not all was explored.
pub fn note_of_unexplored(unexplored: &Unexplored) -> String {
    let bound = unexplored.bound.as_ref();
    let relative = bound.map(|bound| bound.relative);
    how_exact(
        relative.filter(|relative| relative.is_finite()),
        bound.map(|bound| bound.largest),
        unexplored.n_cells as u64,
    )
}

/// The same by the bound as a share of the map's largest value, which a map of zeros has not, by the bound
/// itself, and by the number of cells that are not cut.
pub(crate) fn how_exact(relative: Option<f64>, bound: Option<f64>, n_cells: u64) -> String {
    match (relative, bound) {
        (Some(relative), _) => {
            format!("Within {} of the maximum at every pixel", percent(relative))
        }
        (None, Some(bound)) => {
            format!("Ended early, before the first score; no pixel has more than {bound:.3}")
        }
        (None, None) => {
            format!("Ended early, with {n_cells} cells still to be cut and no bound on them")
        }
    }
}

/// A share in percent, rounded up to two digits.
fn percent(share: f64) -> String {
    if share == 0.0 {
        return "0 %".to_owned();
    }
    let percent = 100.0 * share;
    let unit = 10_f64.powi(percent.log10().floor() as i32 - 1);
    // What was computed is not below what is said; a last digit of the computation itself is.
    let rounded = (percent / unit - 1e-6).ceil() * unit;
    format!("{} %", (rounded * 1e6).round() / 1e6)
}

/// What is not drawn of what speaks against the label, where that is no rounding: a hundredth of the
/// strongest evidence for it and more.
fn note_of_hidden(explanation: &Explanation) -> Option<String> {
    let largest = |values: &[f32]| values.iter().fold(0.0_f32, |m, value| m.max(value.abs()));
    let strongest = largest(explanation.evidence.values());
    let hidden = largest(explanation.counter_evidence.values());
    (hidden > 0.01 * strongest)
        .then(|| format!("not drawn: regions that speak against, down to -{hidden:.2e}"))
}

/// A map as figures take it.
fn saliency(map: &SaliencyMap) -> Result<Saliency<'_>, Error> {
    Ok(Saliency::new(map.values(), (map.rows(), map.cols()))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_rounded_up() {
        for (share, text) in [
            (0.0, "0 %"),
            (0.01, "1 %"),
            (0.009_81, "0.99 %"),
            (0.009_999, "1 %"),
            (0.123_4, "13 %"),
            (0.000_000_123, "0.000013 %"),
            (2.0, "200 %"),
            (1.0 / 3.0, "34 %"),
        ] {
            assert_eq!(percent(share), text, "{share}");
        }
    }
}
