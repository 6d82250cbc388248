//! The page of a run as headless Chromium shows it.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::Command;

use ct_figure::{
    BoundingBox, GreySlice, Heat, HtmlReport, Limits, Region, ReportHead, ReportSlice,
    SCORE_LEGEND, Saliency,
};

const DIMS: (usize, usize) = (40, 56);

fn head() -> ReportHead<'static> {
    let notice = "Research use only & not a medical device.";
    ReportHead::new("Slices <of> a run", notice)
        .with_facts(&[("network", "ResNet-18 \"small\"")])
        .with_limits(Limits::Drawn { at_least: 0.1 })
}

fn ramp(slope: f32) -> Vec<f32> {
    let n = DIMS.0 * DIMS.1;
    (0..n)
        .map(|at| (slope * at as f32 / n as f32).min(1.0))
        .collect()
}

/// Score of the right part of each slice, and its probability.
const SLICES: [(&str, f32, f32); 3] = [
    ("low", 0.025, 3e-7),
    ("</script><b>high", 0.5, 0.9995),
    ("middle", 0.1, 0.5),
];

/// Forty-two regions, of which the last has the largest score: it reaches over the right border.
fn regions() -> Vec<Region<'static>> {
    (1..=42)
        .map(|n| Region {
            path: if n == 42 { "4.2" } else { "1.3.2" },
            row: 10.0,
            col: if n == 42 { 50.0 } else { 20.0 },
            rows: 10.0,
            cols: 14.0,
            phi: f64::from(n) / 84.0,
            score: -f64::from(n) / 84.0,
            kept: n % 2 == 0,
        })
        .collect()
}

/// A report of three slices, two windows and a map each, and a slice that failed. The second has a map
/// against and regions.
fn report() -> String {
    let (mut report, scale) = slices();
    assert_eq!(scale, Some(0.5));
    report
        .add_failure("bad", "bad.dcm", "no <pixel> data")
        .unwrap();
    String::from_utf8(report.finish().unwrap()).unwrap()
}

fn slices() -> (HtmlReport<Vec<u8>>, Option<f32>) {
    let (first, second) = (ramp(1.0), ramp(0.5));
    let windows = [
        ("brain", GreySlice::new(&first, DIMS).unwrap()),
        ("bone & air", GreySlice::new(&second, DIMS).unwrap()),
    ];
    let boxes = [(3.0, 4.0), (20.0, 10.0)].map(|(column, row)| BoundingBox {
        column,
        row,
        width: 10.0,
        height: 8.0,
        label: "Subdural".to_owned(),
    });
    let mut report = HtmlReport::begin(Vec::new(), &head()).unwrap();
    assert_eq!(report.scale(), None);
    let regions = regions();
    for (id, score, probability) in SLICES {
        let columns = |drawn: std::ops::Range<usize>, value: f32| -> Vec<f32> {
            let columns = (0..DIMS.0 * DIMS.1).map(|at| at % DIMS.1);
            columns
                .map(|col| if drawn.contains(&col) { value } else { 0.0 })
                .collect()
        };
        let (map, against) = (columns(20..54, score), columns(50..DIMS.1, -0.25));
        let is_high = probability > 0.5;
        let heat = Heat::new(Saliency::new(&map, DIMS).unwrap());
        let prediction = is_high.into();
        let slice = ReportSlice::new(id, "a \"file\".dcm", probability, prediction, &windows)
            .with_boxes(&boxes)
            .with_facts(&[("evaluations", "120"), ("f(background)", "0.01")]);
        let slice = if is_high {
            let against = Saliency::new(&against, DIMS).unwrap();
            slice
                .with_heat(heat.with_against(against).unwrap())
                .with_regions(&regions)
        } else {
            slice
                .with_heat(heat)
                .with_note("Prediction 0: <largest> score")
        };
        report.add(&slice).unwrap();
    }
    let scale = report.scale();
    (report, scale)
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
    shown_at(chromium, page, fragment, 1400)
}

/// The same in a window of this width.
fn shown_at(chromium: &Path, page: &str, fragment: &str, width: u32) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.html");
    std::fs::write(&path, page).unwrap();
    let run = Command::new(chromium)
        .args("--headless --no-sandbox --disable-gpu --disable-dev-shm-usage --disable-quic --no-first-run".split(' '))
        .args("--disable-background-networking --disable-component-update".split(' '))
        .args("--disable-sync --virtual-time-budget=5000 --dump-dom".split(' '))
        .arg(format!("--window-size={width},1000"))
        .arg(format!("--user-data-dir={}", folder.path().display()))
        .arg(format!("file://{}#{fragment}", path.display()))
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{stderr}");
    String::from_utf8(run.stdout).unwrap()
}

/// What stands between two pieces of text.
#[track_caller]
fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let (_, rest) = text.split_once(from).unwrap_or_else(|| panic!("no {from}"));
    rest.split_once(to).unwrap_or_else(|| panic!("no {to}")).0
}

/// Makes the page say how it coloured a pixel of the map, for a test to read.
fn with_probe(page: &str, row: usize, col: usize) -> String {
    let probe = format!(
        "<script>addEventListener('DOMContentLoaded', () => {{ \
         const pixel = document.getElementById('heat').getContext('2d').getImageData({col}, {row}, 1, 1).data; \
         document.documentElement.dataset.pixel = [...pixel].join(); }});</script></head>"
    );
    page.replacen("</head>", &probe, 1)
}

/// The colours of a score, on the page of [`report`], as `[red, green, blue, opacity of 255]`.
fn colours(chromium: &Path, fragment: &str, row: usize, col: usize) -> [i32; 4] {
    let dom = shown(chromium, &with_probe(&report(), row, col), fragment);
    assert!(!dom.contains("data-error="), "{}", &dom[..500]);
    let pixel = between(&dom, "data-pixel=\"", "\"").split(',');
    let channels: Vec<i32> = pixel.map(|channel| channel.parse().unwrap()).collect();
    channels.try_into().unwrap()
}

#[test]
fn chromium_colours_all_slices_by_one_scale() {
    let Some(chromium) = chromium() else {
        test_kit::skipped("chromium_colours_all_slices_by_one_scale", "no chromium");
        return;
    };
    let high = "slice=%3C%2Fscript%3E%3Cb%3Ehigh";
    let cases = [
        // Scores of 0.5, 0.1 and 0.025 on a scale of 0.5, at an opacity of 80 %.
        (high.to_owned(), 30, [255, 110, 0, 204]),
        ("slice=middle".to_owned(), 30, [255, 110, 0, 41]),
        ("slice=low".to_owned(), 30, [255, 110, 0, 10]),
        ("slice=middle".to_owned(), 10, [0, 0, 0, 0]),
        // Beyond a scale set by hand, and on a larger one.
        ("slice=middle&scale=0.05".to_owned(), 30, [255, 110, 0, 204]),
        ("slice=middle&scale=0.2".to_owned(), 30, [255, 110, 0, 102]),
        // The map against is weaker than the map where both are.
        (format!("{high}&against=1"), 52, [255, 110, 0, 204]),
        (format!("{high}&against=1"), 55, [0, 114, 255, 102]),
        (format!("{high}&against=0"), 55, [0, 0, 0, 0]),
    ];
    for (fragment, col, expected) in cases {
        let found = colours(&chromium, &fragment, 7, col);
        // A canvas keeps colours times opacity in whole numbers: a colour is off by up to half of 255 /
        // opacity.
        let tolerance = 1 + 128 / expected[3].max(1);
        let is_near = |(a, b): (&i32, i32)| a.abs_diff(b) <= tolerance as u32;
        assert!(
            found.iter().zip(expected).all(is_near),
            "{fragment}: {found:?}, {expected:?}"
        );
        assert!(found[3].abs_diff(expected[3]) <= 1, "{fragment}: {found:?}");
    }
}

#[test]
fn chromium_shows_the_regions_the_note_and_the_legend() {
    let name = "chromium_shows_the_regions_the_note_and_the_legend";
    let Some(chromium) = chromium() else {
        test_kit::skipped(name, "no chromium");
        return;
    };
    let click = "<script>addEventListener('DOMContentLoaded', () => \
        document.querySelector('#regions tbody tr').click());</script></head>";
    let page = report().replacen("</head>", click, 1);
    let dom = shown(&chromium, &page, "slice=%3C%2Fscript%3E%3Cb%3Ehigh");
    let table = between(&dom, "<section id=\"regions\"", "</section>");
    let rows: Vec<&str> = between(table, "<tbody>", "</tbody>")
        .split("<tr")
        .skip(1)
        .collect();
    assert_eq!(rows.len(), 40);
    let cells = [">4.2<", ">10–19<", ">50–63<", ">0.5<", ">−0.5<", ">kept<"];
    for cell in cells {
        assert!(rows[0].contains(cell), "{cell} in {}", rows[0]);
    }
    assert!(rows[1].contains("dropped"));
    assert!(between(table, "<p id=\"more-regions\"", "</p>").ends_with(">2 more in the report"));
    // Drawn on both sides of the border that it reaches over, dark under light.
    let outline = between(&dom, "<svg id=\"region\"", "</svg>");
    assert_eq!(outline.matches("<rect").count(), 4);
    assert!(outline.contains("x=\"89.2857"));
    assert!(outline.contains("x=\"-10.7142"));
    assert!(between(&dom, "<p id=\"note\"", ">").contains("hidden"));

    let legend = between(&dom, "<figure id=\"legend\">", "</figure>");
    assert!(legend.contains(SCORE_LEGEND));
    let ticks = between(legend, "<div id=\"ticks\">", "</div>");
    let expected = ["−0.5", "−0.25", "0", "0.25", "0.5"].map(|tick| format!("<span>{tick}</span>"));
    assert_eq!(ticks, expected.concat());
    assert!(legend.contains("Scale of all slices: largest magnitude drawn, at least 0.1"));

    // Without the map against there is nothing below 0, nor where it is hidden.
    for fragment in ["slice=low", "slice=%3C%2Fscript%3E%3Cb%3Ehigh&against=0"] {
        let dom = shown(&chromium, &page, fragment);
        let ticks = between(&dom, "<div id=\"ticks\">", "</div>");
        assert_eq!(ticks, expected[2..].concat(), "{fragment}");
        assert!(between(&dom, "<div id=\"ends\"", ">").contains("hidden"));
    }
    let dom = shown(&chromium, &page, "slice=middle&scale=0.05");
    assert!(between(&dom, "<div id=\"ticks\">", "</div>").contains(">≥0.05<"));
    let dom = shown(&chromium, &page, "slice=low&scale=0.2");
    let note = between(&dom, "<p id=\"note\">", "</p>");
    assert_eq!(note, "Prediction 0: &lt;largest&gt; score");
    assert!(between(&dom, "<p id=\"rule\">", "</p>").contains("by hand"));
    assert!(between(&dom, "<div id=\"ticks\">", "</div>").contains(">0.2<"));
    let regions = between(&dom, "<section id=\"regions\"", ">");
    assert!(regions.contains("hidden"));
}

#[test]
fn chromium_scrolls_tables_and_not_the_page_sideways() {
    let name = "chromium_scrolls_tables_and_not_the_page_sideways";
    let Some(chromium) = chromium() else {
        test_kit::skipped(name, "no chromium");
        return;
    };
    let probe = "<script>addEventListener('load', () => setTimeout(() => { \
        const page = document.documentElement; \
        page.dataset.widths = [page.scrollWidth, page.clientWidth].join(); }, 500));</script></head>";
    let page = report().replacen("</head>", probe, 1);
    let fragment = "slice=%3C%2Fscript%3E%3Cb%3Ehigh";
    for width in [1400, 900, 600] {
        let dom = shown_at(&chromium, &page, fragment, width);
        assert!(!dom.contains("data-error="), "{width}: {}", &dom[..500]);
        let (scrolled, seen) = between(&dom, "data-widths=\"", "\"")
            .split_once(',')
            .unwrap();
        assert_eq!(scrolled, seen, "at a width of {width}");
    }
}

#[test]
fn chromium_says_certainty_only_where_it_is() {
    let Some(chromium) = chromium() else {
        test_kit::skipped("chromium_says_certainty_only_where_it_is", "no chromium");
        return;
    };
    let dom = shown(&chromium, &report(), "slice=low");
    let body = between(&dom, "<tbody>", "</tbody>");
    for probability in [">3.0e-7<", ">0.9995<", ">0.5000<"] {
        assert!(body.contains(probability), "{probability} in {body}");
    }
    assert!(between(&dom, "<dl class=\"facts\" id=\"details\">", "</dl>").contains(">3.0e-7<"));
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
    assert!(between(&dom, "<canvas id=\"heat\"", ">").contains("opacity: 0.3"));
    let drawn = between(&dom, "<svg id=\"boxes\"", "</svg>");
    // Each a dark line under a light one.
    assert_eq!(drawn.matches("<rect").count(), 4);
    assert!(!drawn.split('>').next().unwrap().contains(" hidden="));
    assert!(dom.contains("Research use only &amp; not a medical device."));

    let dom = shown(&chromium, &page, "slice=bad&boxes=0");
    let failure = between(&dom, "<p id=\"failure\"", "</p>");
    assert!(failure.ends_with("no &lt;pixel&gt; data"), "{failure}");

    let cut = &page[..page.rfind("<script type").unwrap()];
    let dom = shown(&chromium, cut, "");
    assert!(between(&dom, "<p id=\"status\"", "</p>").contains("incomplete"));
}
