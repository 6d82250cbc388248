//! `ich weights`.

use std::path::Path;

use anyhow::bail;
use burn::module::Module;
use ich::device::DeviceName;
use ich::ich_model::{Fit, Misshapen, WeightsFile, sha256};
use ich::results::{NOTICE, files};
use ich::session::{Classifier, Compute, Content};
use ich::study::{Reading, demo};
use ich::{Error, message};
use serde::Serialize;

use crate::console::print_line;
use crate::names::ContainerName;
use crate::weights_args::{ConvertArgs, InspectArgs, VerifyArgs, WeightsCommand};

/// Names of a list that are printed before the rest is counted.
const N_NAMES: usize = 5;

pub(crate) fn run(command: &WeightsCommand) -> anyhow::Result<()> {
    match command {
        WeightsCommand::Inspect(args) => inspect(args),
        WeightsCommand::Convert(args) => convert(args),
        WeightsCommand::Verify(args) => verify(args),
    }
}

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

fn inspect(args: &InspectArgs) -> anyhow::Result<()> {
    let file = WeightsFile::open(&args.file)?;
    let (network, misfit) = match file.fit(&args.selection.selection()) {
        Ok(fit) => (Some(FitReport::from(fit)), None),
        Err(error) => (None, Some(message(&error))),
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
    };
    if args.json {
        print_line(serde_json::to_string(&inspection)?)?;
    } else {
        print_line(inspection.lines().join("\n"))?;
    }
    Ok(())
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
        lines.extend(misfit.map(|misfit| format!("not this network: {misfit}")));
        lines.extend(self.network.iter().flat_map(FitReport::lines));
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

fn convert(args: &ConvertArgs) -> anyhow::Result<()> {
    let container = match args.format {
        Some(name) => name,
        None => by_extension(&args.output)?,
    };
    let is_there = args.output.symlink_metadata().is_ok();
    if is_there && !args.force {
        return Err(Error::Exists {
            path: args.output.clone(),
        }
        .into());
    }
    if is_there && args.output.canonicalize().ok() == args.input.canonicalize().ok() {
        bail!(
            "{}: is the input too; choose another name for the output",
            args.output.display()
        );
    }
    let device = DeviceName::default().open()?.device;
    let net = WeightsFile::open(&args.input)?.network(&args.selection.selection(), &device)?;
    let bytes = net.to_bytes(container.into(), args.precision.into())?;
    files::write(&args.output, &bytes, args.force)?;
    print_line(format_args!(
        "{}: sha256 {}",
        args.output.display(),
        sha256(&bytes)
    ))?;
    Ok(())
}

fn by_extension(path: &Path) -> anyhow::Result<ContainerName> {
    let extension = path.extension().unwrap_or_default();
    if extension == "safetensors" {
        Ok(ContainerName::Safetensors)
    } else if extension == "bpk" {
        Ok(ContainerName::Burnpack)
    } else {
        bail!(
            "{}: ends neither in .safetensors nor in .bpk; use --format",
            path.display()
        )
    }
}

/// What `verify --json` prints.
#[derive(Serialize)]
struct Verification {
    notice: &'static str,
    file: String,
    format: String,
    #[serde(flatten)]
    content: Content,
    width: usize,
    layers: usize,
    convolutions: usize,
    linear_maps: usize,
    parameters: usize,
    slice: String,
    probability: f32,
}

fn verify(args: &VerifyArgs) -> anyhow::Result<()> {
    let compute = Compute::open(&args.compute.options()?)?;
    let file = WeightsFile::open(&args.file)?;
    let selection = args.selection.selection();
    let net = file.network(&selection, compute.device())?;
    let counts = net.layer_counts();
    let (width, parameters) = (net.width(), net.num_params());
    let classifier = Classifier::new(net, &compute)?;
    let slice = demo(&Reading::default())?;
    let verification = Verification {
        notice: NOTICE,
        file: args.file.display().to_string(),
        format: file.format().to_string(),
        content: Content::of_weights(&file, &selection)?,
        width,
        layers: counts.convolutions + counts.linear_maps,
        convolutions: counts.convolutions,
        linear_maps: counts.linear_maps,
        parameters,
        probability: classifier.predict_one(&slice)?.probability,
        slice: slice.source,
    };
    if args.json {
        print_line(serde_json::to_string(&verification)?)?;
    } else {
        let Verification {
            file,
            format,
            content,
            ..
        } = &verification;
        print_line(format_args!(
            "{file}: {format}, {content}\n{} layers ({} convolutions, {} linear maps), width \
             {width}, {parameters} parameters\n{}: probability {:.6}",
            verification.layers,
            counts.convolutions,
            counts.linear_maps,
            verification.slice,
            verification.probability
        ))?;
    }
    Ok(())
}
