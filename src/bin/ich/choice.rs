//! What a call works on where its arguments leave it open.

use std::path::PathBuf;

use anyhow::bail;
use ich::ich_model::pretrained;
use ich::study::{BackgroundKind, Listing};
use ich::{Error, Material};

use crate::args::SliceArgs;
use crate::progress::Counter;

/// Files to work with; `None` stands for what is embedded in the program.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Choice {
    /// Empty for the phantom.
    pub(crate) slices: Vec<PathBuf>,
    pub(crate) weights: Option<PathBuf>,
    /// Empty for the embedded one.
    pub(crate) backgrounds: Vec<BackgroundKind>,
    pub(crate) boxes: Option<PathBuf>,
}

impl Choice {
    /// The slices, one by one.
    pub(crate) fn list(&self, args: &SliceArgs) -> Result<Listing, Error> {
        if self.slices.is_empty() && args.from.is_none() {
            return Ok(Listing::phantom());
        }
        let counter = Counter::new();
        let from = args.from.as_deref();
        let listing = Listing::expand(&self.slices, from, args.slice.as_ref(), |n, n_files| {
            counter.show(n, n_files);
        });
        counter.finish();
        let listing = listing?;
        if listing.slices.is_empty() && listing.faults.is_empty() {
            let passed_over = listing.passed_over.lines().collect();
            return Err(Error::NoSlice { passed_over });
        }
        Ok(listing)
    }

    /// Completes what the arguments name: by the original's material where it was fetched and no
    /// slice is given, or where it is asked for.
    pub(crate) fn complete(self, args: &SliceArgs, material: &Material) -> anyhow::Result<Self> {
        let is_open = self.slices.is_empty() && args.from.is_none() && !args.demo;
        if !is_open && !args.original {
            return Ok(self);
        }
        let cache = match pretrained::cache(args.cache.cache.as_deref()) {
            Ok(cache) => cache,
            // Without a home folder nothing was fetched.
            Err(_) if !args.original => return Ok(self),
            Err(error) => return Err(error.into()),
        };
        let Some(paths) = material.find(&cache)? else {
            if args.original {
                bail!(
                    "{}: the original's material is not there; `ich fetch` brings it",
                    cache.folder().display()
                );
            }
            tracing::info!("a phantom; `ich fetch` brings the original's weights and slices");
            return Ok(self);
        };
        let slices = if is_open {
            tracing::info!(
                "the original's weights, background and slices, from {}; --demo asks for the phantom",
                cache.folder().display()
            );
            paths.slices
        } else {
            self.slices
        };
        Ok(Self {
            slices,
            weights: self.weights.or(Some(paths.weights)),
            backgrounds: match self.backgrounds.is_empty() {
                true => vec![BackgroundKind::File(paths.background)],
                false => self.backgrounds,
            },
            boxes: self.boxes.or(Some(paths.boxes)),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;
    use std::process::ExitCode;

    use clap::Parser;
    use ich::pinned_fetch::{BlobId, PinnedFile, Size};
    use test_kit::in_workspace;
    use test_kit::server::{Reply, Server};

    use super::*;
    use crate::args::{Args, Command};
    use crate::run::run;

    /// Stands for the original's files, of which this is the ground truth.
    const BOXES: &str = "SOPInstanceUID,data,labelName\n\
        1.2.3,\"{'x': 30, 'y': 12, 'width': 9, 'height': 8}\",Subarachnoid\n";

    /// Path in the material, and content: the small network and its square slice.
    fn files() -> Vec<(&'static str, Vec<u8>)> {
        let golden = |file: &str| {
            let path = in_workspace("tests/golden").join(file);
            fs::read(path).expect("a file")
        };
        vec![
            ("model.pt", golden("small.pt")),
            ("images/reference.pt", golden("square-background.pt")),
            ("images/gt.csv", BOXES.as_bytes().to_vec()),
            ("images/1.2.3.npy", golden("square.npy")),
        ]
    }

    fn material() -> Material {
        let files = files();
        let pinned = |path: &str| {
            let (path, bytes) = files.iter().find(|(p, _)| *p == path).expect("a file");
            let size = Size::Exactly(bytes.len() as u64);
            PinnedFile::new(*path, BlobId::of_bytes(bytes), size).expect("a path")
        };
        Material {
            weights: pinned("model.pt"),
            background: pinned("images/reference.pt"),
            boxes: pinned("images/gt.csv"),
            slices: vec![pinned("images/1.2.3.npy")],
        }
    }

    fn server() -> Server {
        Server::start(|request, _| {
            let target = request.line.trim_start_matches("GET /");
            match files().into_iter().find(|(path, _)| *path == target) {
                Some((_, bytes)) => Reply::whole(&bytes),
                None => Reply::status(404),
            }
        })
    }

    fn ich(args: &[&str]) -> anyhow::Result<ExitCode> {
        let args = Args::try_parse_from([&["ich"], args].concat()).expect("arguments");
        run(args.command, &material())
    }

    fn slice_args(args: &[&str]) -> SliceArgs {
        let args = Args::try_parse_from([&["ich", "predict"], args].concat()).expect("arguments");
        match args.command {
            Command::Predict(args) => args.slices,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn after_a_fetch_the_original_is_what_is_explained() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = folder.path().join("cache");
        let out = folder.path().join("out");
        let [cache, out] = [&cache, &out].map(|path| path.to_str().expect("UTF-8"));
        ich(&["fetch", "--cache", cache, "--mirror", &server().url()]).expect("fetched");
        let quick = ["--radii", "0", "--min-size", "32", "--resample", "never"];
        ich(&[&["explain", "--cache", cache, "--out", out], &quick[..]].concat())
            .expect("explained");

        let report = fs::read_to_string(Path::new(out).join("1.2.3.json")).expect("a report");
        let report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
        let in_cache = |path: &str| Path::new(cache).join(path).display().to_string();
        assert_eq!(report["weights"]["source"], in_cache("model.pt"));
        assert_eq!(
            report["backgrounds"][0]["source"],
            in_cache("images/reference.pt")
        );
        assert_eq!(report["input"]["source"], in_cache("images/1.2.3.npy"));
        assert_eq!(report["input"]["boxes"][0]["label"], "Subarachnoid");
    }

    #[test]
    fn arguments_come_before_what_was_fetched() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = folder.path().to_str().expect("UTF-8");
        ich(&["fetch", "--cache", cache, "--mirror", &server().url()]).expect("fetched");
        let given = Choice {
            slices: vec![PathBuf::from("mine.npy")],
            ..Choice::default()
        };
        let complete = |choice: &Choice, args: &[&str]| {
            let args = slice_args(&[&["--cache", cache], args].concat());
            choice
                .clone()
                .complete(&args, &material())
                .expect("a choice")
        };

        assert_eq!(complete(&given, &[]), given);
        assert_eq!(complete(&Choice::default(), &["--demo"]), Choice::default());
        let mine = complete(&given, &["--original"]);
        assert_eq!(mine.slices, given.slices);
        assert_eq!(mine.weights, Some(folder.path().join("model.pt")));
        let weights = Choice {
            weights: Some(PathBuf::from("mine.pt")),
            ..Choice::default()
        };
        let theirs = complete(&weights, &[]);
        assert_eq!(theirs.weights, weights.weights);
        assert_eq!(theirs.slices, [folder.path().join("images/1.2.3.npy")]);
    }

    #[test]
    fn nothing_fetched_means_the_phantom_and_a_damaged_file_is_an_error() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = folder.path().to_str().expect("UTF-8");
        let complete = |args: &[&str]| {
            let args = slice_args(&[&["--cache", cache], args].concat());
            Choice::default().complete(&args, &material())
        };
        assert_eq!(complete(&[]).expect("a choice"), Choice::default());
        let fault = complete(&["--original"]).expect_err("nothing there");
        assert!(fault.to_string().contains("`ich fetch`"), "{fault}");

        ich(&["fetch", "--cache", cache, "--mirror", &server().url()]).expect("fetched");
        fs::write(folder.path().join("model.pt"), "something else").expect("written");
        let fault = complete(&[]).expect_err("damaged");
        assert!(fault.to_string().contains("is damaged"), "{fault}");
        ich(&["fetch", "--cache", cache, "--mirror", &server().url()]).expect("fetched");
        assert!(complete(&[]).expect("a choice").weights.is_some());
    }
}
