//! `ich weights inspect`.

use anyhow::{Context, bail};
use ich::cnn_graph::Size;
use ich::cnn_onnx::Model;
use ich::ct_preprocess::NetworkGrid;
use ich::ich_model::{Fit, Misshapen, WeightsFile};
use ich::network::declaration::{ModelFacts, Provenance, template};
use ich::session::{OpenNetwork, Survey};
use ich::{Error, Options, message};
use serde::Serialize;

use crate::console::print_line;
use crate::weights_args::InspectArgs;

/// Names of a list that are printed before the rest is counted.
const N_NAMES: usize = 5;

/// What `inspect --json` prints.
#[derive(Serialize)]
struct Inspection {
    file: String,
    format: String,
    bytes: u64,
    sha256: String,
    tensors: Vec<TensorRow>,
    /// Absent where the file's network cannot be made out; `misfit` says why.
    #[serde(skip_serializing_if = "Option::is_none")]
    network: Option<FitReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    misfit: Option<String>,
    /// Of any other network in a file of ONNX.
    #[serde(skip_serializing_if = "Option::is_none")]
    onnx: Option<Survey>,
    /// Why such a network cannot be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<String>,
    /// Who says how its input is made and what its outputs mean.
    #[serde(skip_serializing_if = "Option::is_none")]
    declared_by: Option<Provenance>,
    /// What is missing of that, or does not fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    undeclared: Option<String>,
}

#[derive(Serialize)]
struct TensorRow {
    name: String,
    dtype: String,
    shape: Vec<usize>,
}

#[derive(Serialize)]
struct FitReport {
    fits: bool,
    width: usize,
    prefix: String,
    missing: Vec<String>,
    left_over: Vec<String>,
    wrong_shape: Vec<ShapeReport>,
    ignored: Vec<String>,
    not_read: Vec<String>,
}

#[derive(Serialize)]
struct ShapeReport {
    name: String,
    found: Vec<usize>,
    expected: Vec<usize>,
}

pub(crate) fn run(args: &InspectArgs) -> anyhow::Result<()> {
    let file = WeightsFile::open(&args.file)?;
    let selection = args.selection.selection();
    let fit = file.fit(&selection);
    let is_rsna = fit.as_ref().is_ok_and(Fit::is_complete);
    let other = file.onnx().filter(|_| !is_rsna);
    if args.template {
        let Some(model) = other else {
            bail!(
                "{}: only a network of ONNX that is not RSNAHemorrhageNet has to be declared",
                args.file.display()
            )
        };
        let graph = size(args, model).and_then(|size| Ok(model.graph(size)?));
        let graph = graph.with_context(|| args.file.display().to_string())?;
        let facts = ModelFacts::of(model, &graph, file.sha256().into());
        return Ok(print_line(template(&facts?))?);
    }
    let survey = other.map(|model| Survey::of(model, size(args, model)?));
    let (onnx, refused) = match survey {
        Some(Ok(survey)) => (Some(survey), None),
        Some(Err(error)) => (None, Some(message(&error))),
        None => (None, None),
    };
    let (network, misfit) = match fit {
        Ok(fit) => (Some(FitReport::from(fit)), None),
        Err(error) => (None, Some(message(&error))),
    };
    let (declared_by, undeclared) = match &onnx {
        Some(_) => declared(args, &file),
        None => (None, None),
    };
    let inspection = Inspection {
        file: args.file.display().to_string(),
        format: file.format().to_string(),
        bytes: file.n_bytes(),
        sha256: file.sha256().to_owned(),
        tensors: file
            .tensors()?
            .into_iter()
            .map(|tensor| TensorRow {
                name: tensor.name,
                dtype: tensor.dtype,
                shape: tensor.shape,
            })
            .collect(),
        network,
        misfit,
        onnx,
        refused,
        declared_by,
        undeclared,
    };
    if args.json {
        print_line(serde_json::to_string(&inspection)?)?;
    } else {
        print_line(inspection.lines().join("\n"))?;
    }
    Ok(())
}

/// The size that is asked for, the file's own, or that of head-CT slices.
fn size(args: &InspectArgs, model: &Model) -> Result<Size, Error> {
    let input = model.input()?;
    let side = |own: Option<usize>| args.size.or(own).unwrap_or(NetworkGrid::HEAD_CT.side);
    Ok(Size {
        rows: side(input.rows),
        cols: side(input.cols),
    })
}

/// Who declares the network, or why it is not declared.
fn declared(args: &InspectArgs, file: &WeightsFile) -> (Option<Provenance>, Option<String>) {
    let mut options = Options::default();
    options.weights = Some(args.file.clone());
    options.declaration.size = args.size.map(|side| [side; 2]);
    let source = args.file.display().to_string();
    let open = options.compute.device.open().map_err(Error::from);
    let network = open.and_then(|open| OpenNetwork::of_file(file, source, &options, &open.device));
    match network {
        Ok(network) => (Some(network.declaration().provenance.clone()), None),
        Err(error) => (None, Some(message(&error))),
    }
}

/// What is known of a network of ONNX.
fn survey_lines(survey: &Survey) -> Vec<String> {
    let (rows, cols) = survey.size_px;
    let nodes: Vec<_> = survey
        .nodes
        .iter()
        .map(|(kind, n)| format!("{n} {kind}"))
        .collect();
    vec![
        format!(
            "opset {}, {} channels, {}, {} outputs ({})",
            survey.opset,
            survey.channels,
            match survey.is_fixed {
                true => format!("{rows} x {cols} pixels"),
                false => "any size".to_owned(),
            },
            survey.outputs,
            survey.end
        ),
        format!(
            "at {rows} x {cols}: {:.2} GMAC; {}",
            survey.macs as f64 / 1e9,
            nodes.join(", ")
        ),
        format!(
            "an explanation computes {:.0} % of each masked image on the masked engine (estimate), and takes \
             at least {} MiB of memory there beside the weights",
            100.0 * survey.share_of_work,
            survey.least_memory_bytes.div_ceil(1 << 20)
        ),
    ]
}

impl Inspection {
    fn lines(&self) -> Vec<String> {
        let mut lines = vec![
            format!("{}: {}, {} bytes", self.file, self.format, self.bytes),
            format!("sha256 {}", self.sha256),
            format!("{} tensors", self.tensors.len()),
        ];
        let widest = self.tensors.iter().map(|tensor| tensor.name.len()).max();
        let width = widest.unwrap_or(0);
        lines.extend(self.tensors.iter().map(|tensor| {
            format!(
                "  {:width$}  {:4}  {:?}",
                tensor.name, tensor.dtype, tensor.shape
            )
        }));
        let misfit = self.misfit.as_ref();
        lines.extend(misfit.map(|misfit| format!("not RSNAHemorrhageNet: {misfit}")));
        lines.extend(self.network.iter().flat_map(FitReport::lines));
        lines.extend(self.onnx.iter().flat_map(survey_lines));
        lines.extend(self.refused.iter().map(|why| format!("refused: {why}")));
        lines.extend(self.declared_by.iter().map(|by| format!("declared: {by}")));
        lines.extend(
            self.undeclared
                .iter()
                .map(|why| format!("not declared: {why}")),
        );
        lines
    }
}

impl FitReport {
    fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if !self.prefix.is_empty() {
            lines.push(format!("names begin with {:?}", self.prefix));
        }
        lines.extend(names("missing", &self.missing));
        lines.extend(names("left over", &self.left_over));
        lines.extend(self.wrong_shape.iter().map(|tensor| {
            format!(
                "wrong shape: {} is {:?}, expected {:?}",
                tensor.name, tensor.found, tensor.expected
            )
        }));
        lines.extend(names("ignored", &self.ignored));
        lines.extend(names("not read", &self.not_read));
        lines.push(match self.fits {
            true => format!("fits: RSNAHemorrhageNet of width {}", self.width),
            false => "does not fit RSNAHemorrhageNet".to_owned(),
        });
        lines
    }
}

impl From<Fit> for FitReport {
    fn from(fit: Fit) -> Self {
        Self {
            fits: fit.is_complete(),
            width: fit.width,
            prefix: fit.prefix,
            missing: fit.missing,
            left_over: fit.unexpected,
            wrong_shape: fit.misshapen.into_iter().map(ShapeReport::from).collect(),
            ignored: fit.excluded,
            not_read: fit.ignored,
        }
    }
}

impl From<Misshapen> for ShapeReport {
    fn from(tensor: Misshapen) -> Self {
        Self {
            name: tensor.name,
            found: tensor.found,
            expected: tensor.expected,
        }
    }
}

/// The first names of a list, and how many more there are.
fn names(title: &str, names: &[String]) -> Option<String> {
    let shown = names.len().min(N_NAMES);
    let first = names[..shown].join(", ");
    match names.len() - shown {
        _ if names.is_empty() => None,
        0 => Some(format!("{title}: {first}")),
        n_more => Some(format!("{title}: {first} and {n_more} more")),
    }
}
