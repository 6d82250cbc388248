//! `ich weights`.

use std::path::Path;

use anyhow::bail;
use burn::module::Module;
use ich::device::DeviceName;
use ich::ich_model::{WeightsFile, sha256};
use ich::results::{NOTICE, files};
use ich::session::{Classifier, Compute, Content, OpenNetwork, Output};
use ich::study::{Reading, demo};
use ich::{Error, Options};
use serde::Serialize;

use crate::console::print_line;
use crate::inspect;
use crate::names::ContainerName;
use crate::weights_args::{ConvertArgs, VerifyArgs, WeightsCommand};

pub(crate) fn run(command: &WeightsCommand) -> anyhow::Result<()> {
    match command {
        WeightsCommand::Inspect(args) => inspect::run(args),
        WeightsCommand::Convert(args) => convert(args),
        WeightsCommand::Verify(args) => verify(args),
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
    #[serde(flatten)]
    module: Option<ModuleFacts>,
    slice: String,
    label: String,
    probability: f32,
}

/// What is known of `RSNAHemorrhageNet` beside.
#[derive(Serialize)]
struct ModuleFacts {
    width: usize,
    layers: usize,
    convolutions: usize,
    linear_maps: usize,
    parameters: usize,
}

fn verify(args: &VerifyArgs) -> anyhow::Result<()> {
    let mut options = Options::default();
    options.weights = Some(args.file.clone());
    options.selection = args.selection.selection();
    options.declaration = args.declaration.declared();
    options.configs = args.declaration.config.clone();
    options.compute = args.compute.options()?;
    let compute = Compute::open(&options.compute)?;
    let file = WeightsFile::open(&args.file)?;
    let source = args.file.display().to_string();
    let network = OpenNetwork::of_file(&file, source, &options, compute.device())?;
    let module = network.module().map(|net| {
        let counts = net.layer_counts();
        ModuleFacts {
            width: net.width(),
            layers: counts.convolutions + counts.linear_maps,
            convolutions: counts.convolutions,
            linear_maps: counts.linear_maps,
            parameters: net.num_params(),
        }
    });
    let classifier = Classifier::new(&network, Output::Probability, &compute)?;
    let slice = demo(&network.reading(&Reading::default()))?;
    let verification = Verification {
        notice: NOTICE,
        file: args.file.display().to_string(),
        format: file.format().to_string(),
        content: network.origin().content().clone(),
        module,
        probability: classifier.predict_one(&slice)?.probability,
        slice: slice.source,
        label: classifier.labels().chosen_name().to_owned(),
    };
    if args.json {
        print_line(serde_json::to_string(&verification)?)?;
        return Ok(());
    }
    let Verification {
        file,
        format,
        content,
        module,
        ..
    } = &verification;
    let module = module.as_ref().map_or(String::new(), |module| {
        format!(
            "\n{} layers ({} convolutions, {} linear maps), width {}, {} parameters",
            module.layers, module.convolutions, module.linear_maps, module.width, module.parameters
        )
    });
    let label = match classifier.labels().names() {
        [_] => String::new(),
        _ => format!(" of {}", verification.label),
    };
    print_line(format_args!(
        "{file}: {format}, {content}{module}\n{}: probability{label} {:.6}",
        verification.slice, verification.probability
    ))?;
    Ok(())
}
