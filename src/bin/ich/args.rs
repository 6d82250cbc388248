use std::path::PathBuf;
use std::time::Duration;

use clap::{Args as ClapArgs, Parser, Subcommand};
use clap_complete::Shell;
use ich::study::{BackgroundKind, SliceNumbers};

use crate::lists::{Angles, Radii};
use crate::names::{ColormapName, FilterName, OutputName, ResampleName};
#[cfg(feature = "remote")]
use crate::network_args::ServeArgs;
use crate::network_args::{ComputeArgs, DeclarationArgs, SelectionArgs};
use crate::share::Share;
use crate::weights_args::WeightsCommand;

/// Finds intracranial hemorrhages on head-CT slices, and shows which parts of a slice led to the answer.
///
/// Research use only. Not a medical device, not for clinical use.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) verbosity: VerbosityArgs,
}

/// How much is said on standard error.
#[derive(Debug, Clone, Copy, ClapArgs)]
pub(crate) struct VerbosityArgs {
    /// Say nothing but errors on standard error.
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Also say what is done meanwhile, and how long it takes.
    #[arg(long, short, global = true)]
    pub(crate) verbose: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print the probability of a hemorrhage for each slice.
    Predict(PredictArgs),
    /// Explain the prediction of each slice: a figure, a saliency map and a report.
    Explain(Box<ExplainArgs>),
    /// Judge a table of predictions by known labels: ROC AUC, sensitivity, specificity.
    Labels(LabelsArgs),
    /// Bring the original demonstration's weights, background and slices from the web.
    Fetch(FetchArgs),
    /// List the devices that this build and this machine have, and try each.
    Devices(DevicesArgs),
    /// Let other processes of this machine compute on a device, until interrupted.
    #[cfg(feature = "remote")]
    Serve(ServeArgs),
    /// Look into a file of weights, convert it, or try it.
    #[command(subcommand)]
    Weights(WeightsCommand),
    /// Print a script that completes the command's arguments in a shell.
    Completions(CompletionsArgs),
    /// Write the manual: pages for man, the command reference, and the schema of reports.
    Manual(ManualArgs),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct CompletionsArgs {
    /// The shell.
    #[arg(value_name = "SHELL")]
    pub(crate) shell: Shell,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ManualArgs {
    /// Folder, made if needed.
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// Replace existing files.
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct LabelsArgs {
    /// Labels: RSNA's ID,Label table, long or wide, a table of boxes, or columns id and label.
    #[arg(value_name = "LABELS")]
    pub(crate) labels: PathBuf,
    /// Predictions of `ich predict --out`, any table with a column of names and probability, or a
    /// submission to RSNA's challenge.
    #[arg(value_name = "PREDICTIONS")]
    pub(crate) predictions: PathBuf,
    /// Probability from which a slice counts as positive.
    #[arg(long, value_name = "T", default_value_t = 0.5)]
    pub(crate) threshold: f64,
    /// Slices that a table of boxes does not list have no bleed.
    #[arg(long)]
    pub(crate) unlisted_negative: bool,
    /// Print one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct DevicesArgs {
    /// Print one JSON object a device, each on its line.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct FetchArgs {
    #[command(flatten)]
    pub(crate) cache: CacheArgs,
    /// Where the same files lie: an https address, or http on this machine
    /// [default: the original's repository on GitHub].
    #[arg(long, value_name = "URL")]
    pub(crate) mirror: Option<String>,
}

#[derive(Debug, Default, ClapArgs)]
pub(crate) struct CacheArgs {
    /// Folder of what was fetched [default: ICH_CACHE, or ich in the user's cache folder].
    #[arg(long, value_name = "DIR")]
    pub(crate) cache: Option<PathBuf>,
}

/// What to work on.
#[derive(Debug, ClapArgs)]
pub(crate) struct SliceArgs {
    /// Slices: DICOM files, NIfTI volumes or .npy arrays in Hounsfield units; folders of them; patterns in
    /// quotation marks [default: the original's slices where they were fetched, or a phantom with
    /// a bleed].
    #[arg(value_name = "SLICE")]
    pub(crate) paths: Vec<PathBuf>,
    /// Also the slices, folders and patterns in FILE, one a line; - for standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) from: Option<PathBuf>,
    /// Unwrap the 12-bit values of RSNA 2019 files that hold negative numbers wrapped around 4096.
    #[arg(long)]
    pub(crate) rsna_repair: bool,
    /// Of files with many slices: these only, from 0 (NIfTI: at the feet; .npy: along the first axis), such as 3,10-20.
    #[arg(long, value_name = "LIST")]
    pub(crate) slice: Option<SliceNumbers>,
    /// When slices of another size than the network's, 512 x 512, are brought to it.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) resample: ResampleName,
    /// How values between pixels are found then.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) filter: FilterName,
    /// The phantom and the demonstration network, whatever was fetched.
    #[arg(long, conflicts_with_all = ["paths", "from", "original"])]
    pub(crate) demo: bool,
    /// The original's weights, background and boxes, with any slices.
    #[arg(long)]
    pub(crate) original: bool,
    #[command(flatten)]
    pub(crate) cache: CacheArgs,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct PredictArgs {
    #[command(flatten)]
    pub(crate) slices: SliceArgs,
    #[command(flatten)]
    pub(crate) network: NetworkArgs,
    /// The probabilities of all labels of the network, beside that of the one.
    #[arg(long)]
    pub(crate) all_labels: bool,
    /// Print one JSON object a slice, each on its line.
    #[arg(long)]
    pub(crate) json: bool,
    /// Write a table instead, CSV or JSON Lines by its ending, .csv or .jsonl.
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    pub(crate) out: Option<PathBuf>,
    /// Go on with a table that was interrupted: slices in it are not predicted again.
    #[arg(long, requires = "out")]
    pub(crate) resume: bool,
    /// Replace an existing table.
    #[arg(long, requires = "out", conflicts_with = "resume")]
    pub(crate) force: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct NetworkArgs {
    /// Weights: PyTorch, TorchScript, ONNX, safetensors or burnpack [default: the demonstration network].
    #[arg(long, value_name = "FILE")]
    pub(crate) weights: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) selection: SelectionArgs,
    #[command(flatten)]
    pub(crate) declaration: DeclarationArgs,
    #[command(flatten)]
    pub(crate) compute: ComputeArgs,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ExplainArgs {
    #[command(flatten)]
    pub(crate) slices: SliceArgs,
    #[command(flatten)]
    pub(crate) network: NetworkArgs,
    /// What of the label is explained: its probability, or the number before the last sigmoid or softmax.
    #[arg(long, value_enum, value_name = "WHAT", default_value_t)]
    pub(crate) explain: OutputName,
    /// What masked parts show: a slice in Hounsfield units of any format, a grey .npy from 0 to 1, a
    /// tensor in .pt or safetensors; mean:PATH for the mean of the slices in a folder, blur or
    /// blur:SIGMA for the slice itself, blurred, or constant:HU [default: the mean phantom, where the
    /// network sees the brain window]. Given several times, the map is the mean over them.
    #[arg(long, value_name = "FILE|KIND")]
    pub(crate) background: Vec<BackgroundKind>,
    /// Ground-truth boxes (columns SOPInstanceUID, data, labelName), drawn on the slices whose
    /// file name is the SOPInstanceUID.
    #[arg(long, value_name = "CSV")]
    pub(crate) boxes: Option<PathBuf>,
    /// Minimum size by h-Shap's rule: floor(log2(side / PX)) + 1 levels.
    #[arg(
        long,
        value_name = "PX",
        default_value_t = 64,
        conflicts_with = "levels"
    )]
    pub(crate) min_size: usize,
    /// Number of levels instead of a minimum size; the smallest cells have side / 2^N px.
    #[arg(long, value_name = "N")]
    pub(crate) levels: Option<usize>,
    /// Radii of the grid's shifts in pixels, separated by commas; "0" alone explains once.
    #[arg(long, value_name = "LIST", default_value = "0,16,32,48")]
    pub(crate) radii: Radii,
    /// Angles of the shifts: N of them from 0 over a full turn, or a list in radians.
    #[arg(
        long,
        value_name = "N|LIST",
        default_value = "8",
        allow_hyphen_values = true
    )]
    pub(crate) angles: Angles,
    /// Cut cells further whose score exceeds this.
    #[arg(
        long,
        value_name = "T",
        default_value_t = 0.0,
        allow_negative_numbers = true,
        conflicts_with = "percentile"
    )]
    pub(crate) threshold: f64,
    /// Cut cells further whose score reaches this percentile of their level.
    #[arg(long, value_name = "P")]
    pub(crate) percentile: Option<f64>,
    /// End when the map is proven to be this close to the exact one at every pixel, as a share of its
    /// largest value, such as 5% or 0.05; 0 explains to the end. There is no such proof with
    /// --percentile, --explain logit or a --threshold below 0 [default: 1%, and 0 there and with
    /// --upstream].
    #[arg(long, value_name = "SHARE")]
    pub(crate) tolerance: Option<Share>,
    /// End before more masked images than these would be evaluated.
    #[arg(long, value_name = "N")]
    pub(crate) budget: Option<usize>,
    /// End after this many seconds; how far it comes depends on the machine.
    #[arg(long, value_name = "S", value_parser = parse_seconds)]
    pub(crate) time: Option<Duration>,
    /// Also how much each pixel of the map can miss, where the explanation ends early, as
    /// NAME.bound.npy.
    #[arg(long)]
    pub(crate) bound: bool,
    /// Also how much each pixel of the map depends on where the grid lies, as its standard deviation over
    /// the shifts, NAME.spread.npy, and over several backgrounds, NAME.background-spread.npy.
    #[arg(long)]
    pub(crate) spread: bool,
    /// Reproduce h-shap 0.1.6: the background shifts with the grid, and its divisor of a cycle.
    #[arg(long)]
    pub(crate) upstream: bool,
    /// Folder of the results, made if needed.
    #[arg(long, value_name = "DIR", default_value = "ich-out")]
    pub(crate) out: PathBuf,
    /// Also each figure as a DICOM Secondary Capture in the study of its slice, where that is DICOM.
    #[arg(long)]
    pub(crate) dicom: bool,
    #[command(flatten)]
    pub(crate) gallery: GalleryArgs,
    #[command(flatten)]
    pub(crate) look: LookArgs,
    /// Replace existing results.
    #[arg(long)]
    pub(crate) force: bool,
    /// Keep the results of slices that are complete, and make the others; an explanation that ended
    /// earlier than asked for now goes on from there.
    #[arg(long)]
    pub(crate) resume: bool,
    /// Also print each report on standard output, as one line of JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// What is written of all slices together.
#[derive(Debug, ClapArgs)]
pub(crate) struct GalleryArgs {
    /// Also a page with every slice, to be opened in a browser: one file, without any connection.
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Also a contact sheet of all slices, as PNG.
    #[arg(long, value_name = "FILE")]
    pub(crate) sheet: Option<PathBuf>,
}

/// How scores are drawn.
#[derive(Debug, ClapArgs)]
pub(crate) struct LookArgs {
    /// Score at which colours end, the same in every figure [default: of each figure the largest
    /// score that it shows].
    #[arg(long, value_name = "X", value_parser = parse_scale)]
    pub(crate) scale: Option<f32>,
    /// Colours of scores.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) colormap: ColormapName,
    /// Also draw, in blue, the regions that speak against a hemorrhage.
    #[arg(long)]
    pub(crate) against: bool,
}

fn parse_seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().filter(|&seconds| seconds > 0.0);
    let time = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    time.ok_or_else(|| "expected a number of seconds above 0".to_owned())
}

fn parse_scale(text: &str) -> Result<f32, String> {
    match text.parse() {
        Ok(scale) if f32::is_finite(scale) && scale > 0.0 => Ok(scale),
        _ => Err("expected a finite number above 0".to_owned()),
    }
}
