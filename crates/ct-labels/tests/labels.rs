//! Tables as their makers write them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use ct_labels::{Error, Label, LabelFormat, Labels, Predictions, Subtype};

const RSNA: &str = "\
ID,Label
ID_12cadc6af_epidural,0
ID_12cadc6af_intraparenchymal,0
ID_12cadc6af_intraventricular,0
ID_12cadc6af_subarachnoid,1
ID_12cadc6af_subdural,1
ID_12cadc6af_any,1
ID_38fd7baa0_epidural,0
ID_38fd7baa0_intraparenchymal,0
ID_38fd7baa0_intraventricular,0
ID_38fd7baa0_subarachnoid,0
ID_38fd7baa0_subdural,0
ID_38fd7baa0_any,0
";

const BOXES: &str = "\
SOPInstanceUID,SeriesInstanceUID,StudyInstanceUID,data,labelName,labelType
1.2.3.4,1.2.3,1.2,\"{'x': 302.6, 'y': 202.0, 'width': 55.9, 'height': 55.9}\",Intraparenchymal,handDrawn
1.2.3.4,1.2.3,1.2,\"{'x': 240.1, 'y': 284.7, 'width': 36.6, 'height': 61.1}\",Subarachnoid,handDrawn
 1.2.3.5 ,1.2.3,1.2,,Chronic,handDrawn
1.2.3.6,1.2.3,1.2,,,handDrawn
";

fn labels(table: &str) -> Labels {
    Labels::from_reader(table.as_bytes()).unwrap()
}

fn subtypes(label: Label) -> Vec<Subtype> {
    let all = Subtype::ALL.into_iter();
    all.filter(|&subtype| label.has(subtype)).collect()
}

#[test]
fn reads_rsna_labels() {
    let labels = labels(RSNA);
    assert_eq!(labels.format(), LabelFormat::Rsna);
    assert_eq!(labels.n_slices(), 2);
    let label = labels.get("ID_12cadc6af").unwrap();
    assert_eq!(
        subtypes(label),
        [Subtype::Any, Subtype::Subarachnoid, Subtype::Subdural]
    );
    assert_eq!(labels.get("ID_38fd7baa0"), Some(Label::NEGATIVE));
    assert_eq!(labels.get("ID_38fd7baa0_any"), None);
}

#[test]
fn rsna_rows_may_come_in_any_order_and_twice() {
    let mut rows: Vec<_> = RSNA.lines().skip(1).collect();
    rows.extend_from_within(2..9);
    rows.reverse();
    let shuffled = labels(&format!("ID,Label\n{}\n", rows.join("\n")));
    assert!(shuffled.iter().eq(labels(RSNA).iter()));
}

#[test]
fn rsna_any_may_stand_alone_or_be_implied() {
    let labels = labels(
        "ID,Label\nID_a_any,1\nID_b_any,0\nID_c_subdural,1\n\
         ID_d_epidural,0\nID_d_intraparenchymal,0\nID_d_intraventricular,0\nID_d_subarachnoid,0\n\
         ID_d_subdural,0\n",
    );
    let positive = |name| labels.get(name).unwrap().is_positive();
    assert!(positive("ID_a") && positive("ID_c"));
    assert!(!positive("ID_b") && !positive("ID_d"));
}

#[test]
fn reads_slices_from_boxes() {
    let labels = labels(BOXES);
    assert_eq!(labels.format(), LabelFormat::Boxes);
    assert_eq!(
        subtypes(labels.get("1.2.3.4").unwrap()),
        [
            Subtype::Any,
            Subtype::Intraparenchymal,
            Subtype::Subarachnoid
        ]
    );
    assert_eq!(subtypes(labels.get("1.2.3.5").unwrap()), [Subtype::Any]);
    assert_eq!(subtypes(labels.get("1.2.3.6").unwrap()), [Subtype::Any]);
    assert_eq!(labels.other_names().collect::<Vec<_>>(), ["Chronic"]);
}

#[test]
fn only_boxes_leave_negatives_out() {
    assert!(!labels(BOXES).unlisted_are_negative());
    let open = labels(BOXES).with_unlisted_negative().unwrap();
    assert!(open.unlisted_are_negative());
    let error = labels(RSNA).with_unlisted_negative().unwrap_err();
    assert!(matches!(error, Error::UnlistedNegative));
}

#[test]
fn reads_plain_labels() {
    let labels = labels("comment,label,id\nfirst,1,scan-7\n,0,scan-8\nagain,1,scan-7\n");
    assert_eq!(labels.format(), LabelFormat::Plain);
    assert_eq!(labels.n_slices(), 2);
    assert!(labels.get("scan-7").unwrap().is_positive());
    assert!(!labels.get("scan-8").unwrap().is_positive());
}

#[test]
fn accepts_a_byte_order_mark_and_any_line_ends() {
    let plain = "id,label\na,1\nb,0\n";
    for table in [
        format!("\u{feff}{plain}"),
        plain.replace('\n', "\r\n"),
        plain.replace('\n', "\r"),
        plain.replace('\n', "\n\n"),
        format!("\n\n{}", plain.trim_end()),
        "\"id\",\"label\"\n\"a\",\"1\"\n\"b\", 0\n".to_owned(),
    ] {
        assert!(labels(&table).iter().eq(labels(plain).iter()), "{table:?}");
    }
}

#[test]
fn reads_predictions_from_csv_and_json_lines() {
    let csv = "file,id,probability,prediction\na/b.npy,b,0.25,0\nc.npy,c,1,1\nc.npy,c,1,1\n";
    let json = "\n{\"file\": \"a/b.npy\", \"id\": \"b\", \"probability\": 0.25, \"prediction\": 0}\r\n\
                {\"probability\": 1, \"id\": \"c\", \"file\": \"c.npy\", \"more\": [null, {}]}";
    let csv = Predictions::from_reader(csv.as_bytes()).unwrap();
    let marked = Predictions::from_reader(format!("\u{feff}{json}").as_bytes()).unwrap();
    let json = Predictions::from_reader(json.as_bytes()).unwrap();
    assert!(json.iter().eq(marked.iter()));
    assert_eq!(csv.n_predictions(), 2);
    assert!(csv.iter().eq(json.iter()));
    let (names, probability) = csv.iter().next().unwrap();
    assert_eq!(
        (names.join(" "), probability),
        ("b a/b.npy".to_owned(), 0.25)
    );
}

#[test]
fn both_formats_read_the_same_number() {
    // The neighbours of 0.3 in `f64`, and digits that a fast parser rounds wrongly.
    for digits in [
        "0.30000000000000004",
        "0.29999999999999999",
        "2.2250738585072011e-308",
        "8.5e-7",
    ] {
        let csv = format!("id,probability\na,{digits}\n");
        let json = format!("{{\"id\":\"a\",\"probability\":{digits}}}");
        let read = |text: String| Predictions::from_reader(text.as_bytes()).unwrap();
        assert!(read(csv).iter().eq(read(json).iter()), "{digits}");
    }
}

#[test]
fn reads_files_and_names_them_in_errors() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("labels.csv");
    std::fs::write(&path, BOXES).unwrap();
    assert_eq!(Labels::read(&path).unwrap().n_slices(), 3);
    let errors = [
        Predictions::read(&path).unwrap_err(),
        Labels::read(folder.path()).unwrap_err(),
        Labels::read(folder.path().join("none.csv")).unwrap_err(),
    ];
    for (error, expected) in errors.iter().zip(["header", "regular", "cannot read"]) {
        let folder = folder.path().display().to_string();
        assert!(error.to_string().contains(&folder), "{error}");
        let source = std::error::Error::source(error).unwrap().to_string();
        assert!(source.contains(expected), "{source}");
    }
}
