//! The layers of the library as another program uses them: list, read, predict, explain, write.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use ich::device::{DeviceError, DeviceName};
use ich::hshap::{Depth, Interrupt, Settings, Shifts};
use ich::results::{Look, OutputOptions, Writer, plan};
use ich::session::EngineKind;
use ich::study::{BackgroundKind, Listing, Resample, Slice, SliceRef};
use ich::{Error, Method, Options, Session, hshap, message};
use test_kit::{in_workspace, say, skipped};

/// Between a slice in a batch and alone on a GPU, whose kernels may add in another order: the limit of a
/// probability on any device.
const BATCH_TOLERANCE: f32 = 1e-5;

fn golden(file: &str) -> PathBuf {
    in_workspace("tests/golden").join(file)
}

/// The small network, which takes slices of any size.
fn session(device: DeviceName, engine: Option<EngineKind>) -> Result<Session, Error> {
    let mut options = Options::default();
    options.weights = Some(golden("small.pt"));
    options.backgrounds = vec![BackgroundKind::File(golden("square-background.npy"))];
    options.reading.resample = Resample::Never;
    options.compute.device = device;
    options.compute.engine = engine;
    Session::open(&options)
}

fn list(files: &[&str]) -> Vec<SliceRef> {
    let paths: Vec<_> = files.iter().map(|file| golden(file)).collect();
    let listing = Listing::expand(&paths, None, None, |_, _| {}).expect("a list");
    assert!(listing.faults.is_empty());
    listing.slices
}

fn read(session: &Session, slices: &[SliceRef]) -> Vec<Slice> {
    let mut reader = session.reader();
    let read = slices.iter().map(|slice| reader.read(slice));
    read.collect::<Result<_, _>>().expect("slices")
}

fn quick() -> Method {
    let settings = Settings::default().with_depth(Depth::MinSize(32));
    Method::new(settings, Shifts::List(vec![hshap::Shift::default()]))
}

/// Predictions of many slices, and of each alone.
fn check_predictions(session: &Session, tolerance: f32) {
    let slices = read(session, &list(&["square.npy", "wide.npy", "crop.npy"]));
    let [square, wide, crop] = &slices[..] else {
        panic!("{} slices", slices.len())
    };
    // Runs of one size, of one slice and of several.
    let order = [square, crop, square, wide, square];
    let together = session.predict(&order);
    assert_eq!(together.len(), order.len());
    for (answer, slice) in together.iter().zip(order) {
        let found = answer.as_ref().expect("a prediction").probability;
        let [alone] = &session.predict(&[slice])[..] else {
            panic!("not one answer")
        };
        let alone = alone.as_ref().expect("a prediction").probability;
        assert!((found - alone).abs() <= tolerance, "{found}, alone {alone}");
    }
    let distinct = |a: usize, b: usize| {
        let [a, b] = [a, b].map(|k| together[k].as_ref().expect("a prediction").probability);
        assert!(
            (a - b).abs() > 1e-3,
            "{a} and {b}: two slices tell nothing apart"
        );
    };
    distinct(0, 1);
    distinct(0, 3);
}

#[test]
fn slices_are_predicted_together_as_alone() {
    let device = DeviceName::default();
    let session = session(device, Some(EngineKind::Masked)).expect("a session");
    check_predictions(&session, 0.0);
}

#[test]
fn a_gpu_predicts_several_slices_at_once() {
    const TEST: &str = "a_gpu_predicts_several_slices_at_once";
    let session = match session(DeviceName::Wgpu(None), None) {
        Ok(session) => session,
        Err(Error::Device(
            error @ (DeviceError::NotInBuild { .. } | DeviceError::NoAdapter { .. }),
        )) => {
            let is_required = std::env::var_os("ICH_REQUIRE_WGPU").is_some();
            assert!(!is_required, "{error}");
            return skipped(TEST, &error.to_string());
        }
        Err(error) => panic!("{}", message(&error)),
    };
    let [slice] = &read(&session, &list(&["square.npy"]))[..] else {
        panic!("not one slice")
    };
    let n = session.classifier().n_at_once(slice);
    say(&format!("{TEST}: {n} slices of 64 x 64 at once"));
    assert!(n > 1);
    check_predictions(&session, BATCH_TOLERANCE);
}

#[test]
fn a_session_is_shared_by_threads_and_an_explanation_is_written() {
    let session = session(DeviceName::default(), None).expect("a session");
    let refs = list(&["square.npy"]);
    let slices = read(&session, &refs);
    let method = quick();
    let explain = || session.explain(&slices[0], &method, |_| ControlFlow::Continue(()));
    let [first, second] = std::thread::scope(|scope| {
        [scope.spawn(explain), scope.spawn(explain)].map(|thread| {
            let explained = thread.join().expect("no panic");
            explained.expect("an explanation")
        })
    });
    assert_eq!(first.explanation, second.explanation);

    let folder = tempfile::tempdir().expect("a folder");
    let outputs = plan(&refs, &OutputOptions::new(folder.path()), false).expect("a plan");
    let writer = Writer::new(&session, &method, Look::default());
    let report = writer
        .write(&slices[0], &first, &outputs[0])
        .expect("written");
    let report = serde_json::to_string(&report).expect("JSON");
    let report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
    let written = std::fs::read(folder.path().join("square.json")).expect("a report");
    let written: serde_json::Value = serde_json::from_slice(&written).expect("JSON");
    assert_eq!(report, written);
    for file in written["files"].as_array().expect("files") {
        let name = file["name"].as_str().expect("a name");
        assert!(folder.path().join(Path::new(name)).is_file(), "{name}");
    }
}

#[test]
fn an_observer_ends_an_explanation() {
    let session = session(DeviceName::default(), None).expect("a session");
    let slices = read(&session, &list(&["square.npy"]));
    let explained = session.explain(&slices[0], &quick(), |_| {
        ControlFlow::Break(Interrupt::Discard)
    });
    let error = explained.expect_err("it was told to end");
    assert!(matches!(
        error.innermost(),
        Error::Explanation(hshap::Error::Cancelled)
    ));
    assert!(
        message(&error).contains("square.npy: cancelled"),
        "{}",
        message(&error)
    );
}
