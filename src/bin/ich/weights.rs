//! `ich weights`.

use std::path::Path;

use burn::module::Module;
use ich::ct_preprocess::{ChannelWindows, Window};
use ich::device::DeviceName;
use ich::ich_model::{Container, Fit, Misshapen, Precision, WeightsFile};
use serde::Serialize;

use crate::args::{
    ContainerName, ConvertArgs, InspectArgs, PrecisionName, VerifyArgs, WeightsCommand,
};
use crate::compute::Compute;
use crate::fault::Fault;
use crate::input;
use crate::network::{Classifier, Content};
use crate::output::{exists, sha256_of_file};
use crate::report::NOTICE;

/// Names of a list that are printed before the rest is counted.
const N_NAMES: usize = 5;

pub(crate) fn run(command: &WeightsCommand) -> Result<(), Fault> {
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

fn inspect(args: &InspectArgs) -> Result<(), Fault> {
    let file = WeightsFile::open(&args.file)?;
    let (network, misfit) = match file.fit(&args.selection.selection()) {
        Ok(fit) => (Some(FitReport::from(fit)), None),
        Err(error) => (None, Some(Fault::from(error).to_string())),
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
        println!("{}", serde_json::to_string(&inspection)?);
    } else {
        inspection.print();
    }
    Ok(())
}

impl Inspection {
    fn print(&self) {
        println!("{}: {}, {} bytes", self.file, self.format, self.bytes);
        println!("sha256 {}", self.sha256);
        println!("{} tensors", self.tensors.len());
        let widest = self.tensors.iter().map(|tensor| tensor.name.len()).max();
        for tensor in &self.tensors {
            let (name, width) = (&tensor.name, widest.unwrap_or(0));
            println!("  {name:width$}  {:4}  {:?}", tensor.dtype, tensor.shape);
        }
        if let Some(misfit) = &self.misfit {
            println!("not this network: {misfit}");
        }
        if let Some(network) = &self.network {
            network.print();
        }
    }
}

impl FitReport {
    fn print(&self) {
        if !self.prefix.is_empty() {
            println!("names begin with {:?}", self.prefix);
        }
        print_names("missing", &self.missing);
        print_names("left over", &self.left_over);
        for tensor in &self.wrong_shape {
            println!(
                "wrong shape: {} is {:?}, expected {:?}",
                tensor.name, tensor.found, tensor.expected
            );
        }
        print_names("ignored", &self.ignored);
        print_names("not read", &self.not_read);
        if self.fits {
            println!("fits: RSNAHemorrhageNet of width {}", self.width);
        } else {
            println!("does not fit RSNAHemorrhageNet");
        }
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

fn print_names(title: &str, names: &[String]) {
    if names.is_empty() {
        return;
    }
    let first = names[..names.len().min(N_NAMES)].join(", ");
    match names.len().checked_sub(N_NAMES) {
        None | Some(0) => println!("{title}: {first}"),
        Some(n_more) => println!("{title}: {first} and {n_more} more"),
    }
}

fn convert(args: &ConvertArgs) -> Result<(), Fault> {
    let container = match args.format {
        Some(name) => name,
        None => by_extension(&args.output)?,
    };
    let is_there = args.output.symlink_metadata().is_ok();
    if is_there && !args.force {
        return Err(exists(&args.output));
    }
    if is_there && args.output.canonicalize().ok() == args.input.canonicalize().ok() {
        return Err(Fault::new(format!(
            "{}: is the input too; choose another name for the output",
            args.output.display()
        )));
    }
    let device = DeviceName::default().open()?.device;
    let net = WeightsFile::open(&args.input)?.network(&args.selection.selection(), &device)?;
    let precision = match args.precision {
        PrecisionName::F32 => Precision::F32,
        PrecisionName::F16 => Precision::F16,
    };
    let container = match container {
        ContainerName::Safetensors => Container::Safetensors,
        ContainerName::Burnpack => Container::Burnpack,
    };
    net.save(&args.output, container, precision)?;
    println!(
        "{}: sha256 {}",
        args.output.display(),
        sha256_of_file(&args.output)?
    );
    Ok(())
}

fn by_extension(path: &Path) -> Result<ContainerName, Fault> {
    let extension = path.extension().unwrap_or_default();
    if extension == "safetensors" {
        Ok(ContainerName::Safetensors)
    } else if extension == "bpk" {
        Ok(ContainerName::Burnpack)
    } else {
        Err(Fault::new(format!(
            "{}: ends neither in .safetensors nor in .bpk; use --format",
            path.display()
        )))
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

fn verify(args: &VerifyArgs) -> Result<(), Fault> {
    let compute = Compute::begin(&args.compute)?;
    let file = WeightsFile::open(&args.file)?;
    let selection = args.selection.selection();
    let net = file.network(&selection, compute.device())?;
    let counts = net.layer_counts();
    let (width, parameters) = (net.width(), net.num_params());
    let classifier = Classifier::new(net, &compute)?;
    let input = input::demo(&ChannelWindows::repeat(Window::BRAIN))?;
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
        probability: classifier.predict(&input, compute.device())?.probability,
        slice: input.source,
    };
    if args.json {
        println!("{}", serde_json::to_string(&verification)?);
    } else {
        let Verification {
            file,
            format,
            content,
            ..
        } = &verification;
        println!("{file}: {format}, {content}");
        println!(
            "{} layers ({} convolutions, {} linear maps), width {width}, {parameters} parameters",
            verification.layers, counts.convolutions, counts.linear_maps
        );
        println!(
            "{}: probability {:.6}",
            verification.slice, verification.probability
        );
    }
    Ok(())
}
