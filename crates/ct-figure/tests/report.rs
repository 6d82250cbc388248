//! The page of a run: as text, and as headless Chromium shows it.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use ct_figure::{BoundingBox, Error, GreySlice, HtmlReport, ReportHead, ReportSlice, Saliency};

const DIMS: (usize, usize) = (40, 56);
const HEAD: ReportHead<'static> = ReportHead {
    title: "Slices <of> a run",
    notice: "Research use only & not a medical device.",
    facts: &[("network", "ResNet-18 \"small\"")],
};

fn ramp(slope: f32) -> Vec<f32> {
    let n = DIMS.0 * DIMS.1;
    (0..n)
        .map(|at| (slope * at as f32 / n as f32).min(1.0))
        .collect()
}

/// A report of three slices, two windows and a map each, and a slice that failed.
fn report() -> String {
    let (first, second) = (ramp(1.0), ramp(0.5));
    let windows = [
        ("brain", GreySlice::new(&first, DIMS).unwrap()),
        ("bone & air", GreySlice::new(&second, DIMS).unwrap()),
    ];
    let map: Vec<f32> = (0..DIMS.0 * DIMS.1)
        .map(|at| if at % DIMS.1 < 20 { 0.0 } else { 0.1 })
        .collect();
    let boxes = [(3.0, 4.0), (20.0, 10.0)].map(|(column, row)| BoundingBox {
        column,
        row,
        width: 10.0,
        height: 8.0,
        label: "Subdural".to_owned(),
    });
    let mut report = HtmlReport::begin(Vec::new(), &HEAD).unwrap();
    for (id, probability) in [("low", 0.125), ("</script><b>high", 0.875), ("middle", 0.5)] {
        let slice = ReportSlice {
            id,
            source: "a \"file\".dcm",
            probability,
            prediction: (probability > 0.5).into(),
            windows: &windows,
            saliency: Some(Saliency::new(&map, DIMS).unwrap()),
            vmax: 0.1,
            boxes: &boxes,
            facts: &[("evaluations", "120")],
        };
        report.add(&slice).unwrap();
    }
    report
        .add_failure("bad", "bad.dcm", "no <pixel> data")
        .unwrap();
    String::from_utf8(report.finish().unwrap()).unwrap()
}

#[test]
fn names_cannot_become_markup_and_nothing_is_loaded() {
    let page = report();
    assert!(page.contains("Slices &lt;of&gt; a run"));
    assert!(page.contains("Research use only &amp; not a medical device."));
    assert!(!page.contains("</script><b>"));
    assert!(!page.contains("no <pixel>"));
    for outside in ["http:", "https:", "//cdn", "@import", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert!(page.contains("default-src 'none'"));
}

#[test]
fn refuses_slices_that_do_not_fit_and_goes_on() {
    let grey = ramp(1.0);
    let good = ReportSlice {
        id: "a",
        source: "a.npy",
        probability: 0.5,
        prediction: 0,
        windows: &[("brain", GreySlice::new(&grey, DIMS).unwrap())],
        saliency: None,
        vmax: 1.0,
        boxes: &[],
        facts: &[],
    };
    let mut report = HtmlReport::begin(Vec::new(), &HEAD).unwrap();
    let mut add = |slice| report.add(&slice);
    let error = add(ReportSlice {
        probability: f32::NAN,
        ..good
    });
    assert!(matches!(error, Err(Error::Probability { .. })));
    let error = add(ReportSlice {
        windows: &[],
        ..good
    });
    assert!(matches!(error, Err(Error::NoWindows { .. })));
    let turned = GreySlice::new(&grey, (DIMS.1, DIMS.0)).unwrap();
    let turned = [good.windows[0], ("turned", turned)];
    let error = add(ReportSlice {
        windows: &turned,
        ..good
    });
    assert!(matches!(error, Err(Error::WindowDims { .. })));
    let map = Saliency::new(&grey, DIMS).unwrap();
    let error = add(ReportSlice {
        saliency: Some(map),
        vmax: 0.0,
        ..good
    });
    assert!(matches!(error, Err(Error::FixedLimit(_))));
    add(good).unwrap();
    let page = String::from_utf8(report.finish().unwrap()).unwrap();
    assert_eq!(page.matches("class=\"slice\"").count(), 1);
}

#[test]
fn a_writer_that_fails_is_an_error() {
    struct Full;
    impl io::Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    assert!(matches!(
        HtmlReport::begin(Full, &HEAD),
        Err(Error::Write(_))
    ));
}

/// Chromium, from `ICH_CHROMIUM` or the path.
fn chromium() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("ICH_CHROMIUM") {
        return Some(named.into());
    }
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders)
        .map(|folder| folder.join("chromium"))
        .find(|path| path.is_file())
}

/// The page as it stands after its scripts have run.
fn shown(chromium: &Path, page: &str, fragment: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.html");
    std::fs::write(&path, page).unwrap();
    let run = Command::new(chromium)
        .args("--headless --no-sandbox --disable-gpu --disable-dev-shm-usage --disable-quic --no-first-run".split(' '))
        .args("--disable-background-networking --disable-component-update".split(' '))
        .args("--disable-sync --virtual-time-budget=5000 --dump-dom".split(' '))
        .arg(format!("--user-data-dir={}", folder.path().display()))
        .arg(format!("file://{}#{fragment}", path.display()))
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{stderr}");
    String::from_utf8(run.stdout).unwrap()
}

/// What stands between two pieces of text.
fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let (_, rest) = text.split_once(from).unwrap_or_else(|| panic!("no {from}"));
    rest.split_once(to).unwrap_or_else(|| panic!("no {to}")).0
}

#[test]
fn chromium_shows_the_table_sorted_and_the_slice_asked_for() {
    let Some(chromium) = chromium() else {
        test_kit::skipped(
            "chromium_shows_the_table_sorted_and_the_slice_asked_for",
            "no chromium",
        );
        return;
    };
    let page = report();
    let fragment = "slice=middle&window=bone+%26+air&opacity=30&boxes=1&sort=-probability";
    let dom = shown(&chromium, &page, fragment);
    assert!(dom.contains("data-ready=\"4\""), "{}", &dom[..500]);
    assert!(!dom.contains("data-error="));
    let body = between(&dom, "<tbody>", "</tbody>");
    let rows: Vec<&str> = body.split("<tr ").skip(1).collect();
    let ids = ["&lt;/script&gt;&lt;b&gt;high", "middle", "low", "bad"];
    assert_eq!(rows.len(), ids.len());
    for (row, id) in rows.iter().zip(ids) {
        let cell = between(row, "<button", "</button>");
        assert!(cell.ends_with(&format!(">{id}")), "{cell}");
        assert_eq!(row.contains("aria-current"), id == "middle");
    }
    assert!(between(&dom, "<img id=\"grey\"", ">").contains("window bone &amp; air"));
    assert!(between(&dom, "<img id=\"heat\"", ">").contains("opacity: 0.3"));
    let drawn = between(&dom, "<svg id=\"boxes\"", "</svg>");
    assert_eq!(drawn.matches("<rect").count(), 2);
    assert!(!drawn.split('>').next().unwrap().contains(" hidden="));
    assert!(dom.contains("Research use only &amp; not a medical device."));

    let dom = shown(&chromium, &page, "slice=bad&boxes=0");
    let failure = between(&dom, "<p id=\"failure\"", "</p>");
    assert!(failure.ends_with("no &lt;pixel&gt; data"), "{failure}");

    let cut = &page[..page.rfind("<script type").unwrap()];
    let dom = shown(&chromium, cut, "");
    assert!(between(&dom, "<p id=\"status\"", "</p>").contains("incomplete"));
}
