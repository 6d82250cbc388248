//! The figure of an explained slice.

use ich::ct_figure::{
    Arrangement, FigureConfig, FigureSlice, GreySlice, Heat, Limits, RgbImage, Saliency,
    draw_figure, energy_in_boxes, otsu, probability_text,
};
use ich::hshap::Explanation;
use ich::ich_model::Prediction;
use ndarray::Array2;

use crate::fault::Fault;
use crate::input::Input;
use crate::look::LookArgs;
use crate::report::{FigureReport, NOTICE};

/// Where a slice is predicted 0, colours do not end below this score: what little speaks for a
/// hemorrhage must not look like much.
pub(crate) const LEAST_SCALE: f32 = 0.1;

/// A figure, and what its colours mean.
pub(crate) struct Drawing {
    pub(crate) picture: RgbImage,
    /// On the slice's own grid.
    pub(crate) evidence: Array2<f32>,
    /// Where it is asked for.
    pub(crate) against: Option<Array2<f32>>,
    pub(crate) report: FigureReport,
    pub(crate) energy_in_boxes: Option<f64>,
}

/// Slice and explanation side by side.
///
/// What speaks for a hemorrhage is drawn; scores below a region that speaks against are not. That
/// region itself is, where it is asked for.
pub(crate) fn draw(
    input: &Input,
    prediction: Prediction,
    explanation: &Explanation,
    look: &LookArgs,
) -> Result<Drawing, Fault> {
    let dims = (input.grey().rows(), input.grey().cols());
    let evidence = input.on_own_grid(&explanation.evidence)?;
    let against_map = match look.against {
        true => Some(input.on_own_grid(&explanation.counter_evidence)?),
        false => None,
    };
    let saliency = saliency(&evidence)?;
    let mut heat = Heat::new(saliency);
    if let Some(against) = &against_map {
        heat = heat.with_against(self::saliency(against)?)?;
    }
    let is_hemorrhage = prediction.is_hemorrhage();
    let limits = look.limits(match is_hemorrhage {
        true => 0.0,
        false => LEAST_SCALE,
    });
    let mut notes: Vec<String> = note(is_hemorrhage, saliency.values())
        .into_iter()
        .map(|note| match limits {
            Limits::Drawn { at_least } => format!("{note}, scale not below {at_least}"),
            _ => note,
        })
        .collect();
    if !look.against {
        notes.extend(note_of_hidden(explanation));
    }
    let note = (!notes.is_empty()).then(|| notes.join("; "));
    let title = format!(
        "Probability {}, prediction {}",
        probability_text(prediction.probability),
        u8::from(is_hemorrhage)
    );
    let mut slice = FigureSlice::new(GreySlice::new(input.grey().values(), dims)?, &title)
        .with_heat(heat)
        .with_boxes(&input.boxes)
        .with_caption(&input.name);
    slice.note = note.as_deref();
    let config = FigureConfig::default()
        .with_arrangement(Arrangement::Rows)
        .with_limits(limits)
        .with_colormap(look.colormap())
        .with_footer(NOTICE);
    let figure = draw_figure(&[slice], &config)?;
    let energy_in_boxes = energy_in_boxes(&saliency, &input.boxes);
    let drawn_above = otsu(&saliency);
    Ok(Drawing {
        report: FigureReport {
            colormap: look.colormap().to_string(),
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

/// What a reader of the explanation of a slice without a hemorrhage must know.
pub(crate) fn note(is_hemorrhage: bool, evidence: &[f32]) -> Option<String> {
    if is_hemorrhage {
        return None;
    }
    let largest = evidence.iter().copied().fold(0.0_f32, f32::max);
    Some(format!("Prediction 0: largest score {largest:.1e}"))
}

/// What is not drawn of what speaks against a hemorrhage, where that is no rounding: a hundredth of
/// the strongest evidence for one and more.
fn note_of_hidden(explanation: &Explanation) -> Option<String> {
    let largest = |values: &[f32]| values.iter().fold(0.0_f32, |m, value| m.max(value.abs()));
    let strongest = largest(explanation.evidence.values());
    let hidden = largest(explanation.counter_evidence.values());
    (hidden > 0.01 * strongest)
        .then(|| format!("not drawn: regions that speak against, down to -{hidden:.2e}"))
}

/// A map as figures take it.
fn saliency(map: &Array2<f32>) -> Result<Saliency<'_>, Fault> {
    let values = map
        .as_slice()
        .ok_or_else(|| Fault::new("a map whose rows do not follow each other"))?;
    Ok(Saliency::new(values, map.dim())?)
}
