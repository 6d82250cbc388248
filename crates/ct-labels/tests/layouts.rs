//! Tables as people hold them: separators, layouts, spellings of labels, repeated and empty rows. Each is
//! read, and the summary says how.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

use ct_labels::{
    JudgedBy, LabelFormat, Labels, PredictionFormat, Predictions, Separator, Subtype, Summary,
    judge,
};

/// Six slices, the second, fourth and sixth with a subdural hemorrhage, in the layouts of the files there.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tables");

/// Of probabilities 0.1 to 0.6 on these slices: six of nine pairs are in order.
const AUC: f64 = 6.0 / 9.0;

fn file(name: &str) -> String {
    std::fs::read_to_string(Path::new(FOLDER).join(name)).unwrap()
}

fn summary(labels: &str, predictions: &str) -> Result<Summary, String> {
    let labels = Labels::from_reader(labels.as_bytes()).map_err(|e| format!("labels: {e}"))?;
    let predictions = Predictions::from_reader(predictions.as_bytes())
        .map_err(|e| format!("predictions: {e}"))?;
    judge(&labels, &predictions, 0.5).map_err(|e| e.to_string())
}

/// Cases, positives and the area under the curve.
fn shown(summary: &Result<Summary, String>) -> String {
    match summary {
        Ok(s) => format!(
            "{} {} {:.6}",
            s.n_cases,
            s.n_positives,
            s.auc.unwrap().estimate
        ),
        Err(error) => error.clone(),
    }
}

#[test]
fn files_are_judged_as_the_control_is() {
    let control = format!("6 3 {AUC:.6}");
    let tied = "6 3 0.500000".to_owned();
    let mut n_wrong = 0;
    for (labels, predictions, expected) in [
        ("12-labels.csv", "12-predictions.csv", &control),
        ("12a-labels-semicolon.csv", "12-predictions.csv", &control),
        ("12b-labels-1.0.csv", "12-predictions.csv", &control),
        ("12-labels.csv", "12d-submission.csv", &tied),
        ("12a-labels-semicolon.csv", "12d-submission.csv", &tied),
    ] {
        let got = shown(&summary(&file(labels), &file(predictions)));
        println!("{labels} {predictions}: expected {expected}, got {got}");
        n_wrong += usize::from(got != *expected);
    }
    assert_eq!(n_wrong, 0);
}

/// The rows of the control as cells.
fn cells(name: &str) -> Vec<Vec<String>> {
    let text = file(name);
    let rows = text
        .lines()
        .map(|line| line.split(',').map(str::to_owned).collect());
    rows.collect()
}

fn table(rows: &[Vec<String>], separator: &str) -> String {
    rows.iter().map(|row| row.join(separator) + "\n").collect()
}

/// A row a slice, a column a subtype, from the rows of a slice and subtype.
fn wide(long: &[Vec<String>], name: &str, spell: impl Fn(&str) -> String) -> Vec<Vec<String>> {
    let mut header = vec![name.to_owned()];
    header.extend(Subtype::ALL.map(|subtype| subtype.name().to_owned()));
    let mut rows = vec![header];
    for slice in long[1..].chunks(6) {
        let id = slice[0][0].rsplit_once('_').unwrap().0;
        let mut row = vec![spell(id)];
        row.extend(Subtype::ALL.map(|subtype| {
            let of = |row: &&Vec<String>| row[0].ends_with(subtype.name());
            slice.iter().find(of).unwrap()[1].clone()
        }));
        rows.push(row);
    }
    rows
}

#[test]
fn labels_are_read_in_every_layout_and_spelling() {
    let long = cells("12-labels.csv");
    let plain = |name| {
        let rows = wide(&long, name, str::to_owned).into_iter();
        let mut rows: Vec<_> = rows.map(|row| row[..2].to_vec()).collect();
        rows[0][1] = "label".to_owned();
        rows
    };
    let layouts = [
        ("long", LabelFormat::Rsna, long.clone()),
        ("plain", LabelFormat::Plain, plain("id")),
        ("plain by file", LabelFormat::Plain, plain("filename")),
        ("wide", LabelFormat::Wide, wide(&long, "ID", str::to_owned)),
        (
            "wide .dcm",
            LabelFormat::Wide,
            wide(&long, "Image", |id| format!("{id}.dcm")),
        ),
        (
            "wide without prefix",
            LabelFormat::Wide,
            wide(&long, "filename", |id| id[3..].to_owned()),
        ),
        (
            "wide without prefix, .png",
            LabelFormat::Wide,
            wide(&long, "image", |id| format!("{}.png", &id[3..])),
        ),
    ];
    let spellings: [(&str, &str); 7] = [
        ("0", "1"),
        ("0.0", "1.0"),
        ("0.", "1.00"),
        ("false", "true"),
        ("False", "True"),
        ("FALSE", "TRUE"),
        ("0,0", "1,0"),
    ];
    let separators = [
        (",", Separator::Comma),
        (";", Separator::Semicolon),
        ("\t", Separator::Tab),
    ];
    let predictions = file("12-predictions.csv");
    let mut n_read = 0;
    for (layout, format, rows) in &layouts {
        for (negative, positive) in spellings {
            let mut spelled = rows.clone();
            for cell in spelled
                .iter_mut()
                .skip(1)
                .flat_map(|row| row.iter_mut().skip(1))
            {
                *cell = match cell.as_str() {
                    "0" => negative.to_owned(),
                    _ => positive.to_owned(),
                };
            }
            let n_cells = (rows.len() - 1) * (rows[0].len() - 1);
            for (text, separator) in separators {
                let has_decimal_commas = negative.contains(',');
                if has_decimal_commas && separator == Separator::Comma {
                    continue;
                }
                let got = summary(&table(&spelled, text), &predictions);
                let what = format!("{layout}, {negative} and {positive}, {separator:?}");
                let expected = format!("6 3 {AUC:.6}");
                println!("{what}: expected {expected}, got {}", shown(&got));
                assert_eq!(shown(&got), expected, "{what}");
                let reading = got.unwrap().labels;
                assert_eq!(reading.format, *format, "{what}");
                assert_eq!(reading.separator, Some(separator), "{what}");
                assert_eq!(reading.n_rows, rows.len() - 1, "{what}");
                let n_commas = if has_decimal_commas { n_cells } else { 0 };
                assert_eq!(reading.n_decimal_commas, n_commas, "{what}");
                n_read += 1;
            }
        }
    }
    assert_eq!(n_read, 7 * (6 * 3 + 2));
}

#[test]
fn a_wide_table_says_what_the_long_one_says() {
    let long = cells("12-labels.csv");
    let rows = wide(&long, "ID", str::to_owned);
    let [long, wide] = [long, rows].map(|rows| {
        let labels = Labels::from_reader(table(&rows, ",").as_bytes()).unwrap();
        labels
            .iter()
            .map(|(name, label)| (name.to_owned(), label))
            .collect::<Vec<_>>()
    });
    assert_eq!(long, wide);
    assert!(long[1].1.has(Subtype::Subdural) && !long[1].1.has(Subtype::Epidural));

    // Without `any`, and with subtypes as others spell them.
    let labels = "Intraventricular,Intraparenchymal,Subarachnoid,Epidural,Subdural,id\n\
        0,0,0,0,0,a\n0,0,1,0,1,b\n";
    let labels = Labels::from_reader(labels.as_bytes()).unwrap();
    assert_eq!(labels.format(), LabelFormat::Wide);
    assert!(!labels.get("a").unwrap().is_positive());
    let label = labels.get("b").unwrap();
    assert!(label.has(Subtype::Subarachnoid) && !label.has(Subtype::Epidural));
}

#[test]
fn predictions_are_read_in_every_layout_and_with_decimal_commas() {
    // The probability of any hemorrhage falls with the slice, that of a subdural one rises.
    let any = |slice: usize| 0.9 - slice as f64 / 10.0;
    let subdural = |slice: usize| 0.1 + slice as f64 / 10.0;
    let mut long = vec![vec!["ID".to_owned(), "Label".to_owned()]];
    for slice in 0..6 {
        for subtype in Subtype::ALL {
            let probability = match subtype {
                Subtype::Any => any(slice),
                Subtype::Subdural => subdural(slice),
                _ => 0.01,
            };
            let id = format!("ID_{slice:09}_{}", subtype.name());
            long.push(vec![id, format!("{probability:.3}")]);
        }
    }
    let plain = wide(&long, "file", |id| format!("scans/{}.dcm", &id[3..]));
    let plain = plain.into_iter().map(|row| row[..2].to_vec());
    let mut plain: Vec<Vec<_>> = plain.collect();
    plain[0][1] = "probability".to_owned();
    let labels = file("12-labels.csv");
    for (format, rows) in [
        (PredictionFormat::Rsna, long.clone()),
        (
            PredictionFormat::Wide,
            wide(&long, "Image", |id| format!("{id}.dcm")),
        ),
        (
            PredictionFormat::Wide,
            wide(&long, "id", |id| id[3..].to_owned()),
        ),
        (PredictionFormat::Plain, plain),
    ] {
        for (separator, decimal) in [(",", "."), (";", "."), (";", ","), ("\t", "."), ("\t", ",")] {
            let mut spelled = rows.clone();
            for cell in spelled
                .iter_mut()
                .skip(1)
                .flat_map(|row| row.iter_mut().skip(1))
            {
                *cell = cell.replace('.', decimal);
            }
            let what = format!("{format:?} {separator:?} {decimal}");
            let got = summary(&labels, &table(&spelled, separator));
            println!("{what}: got {}", shown(&got));
            let got = got.unwrap();
            assert_eq!(got.predictions.format, format, "{what}");
            // Falling where it should rise: three of nine pairs.
            assert_eq!(got.auc.unwrap().estimate, 3.0 / 9.0, "{what}");
            let of = |subtype| got.subtypes.iter().find(|s| s.subtype == subtype).unwrap();
            let (judged_by, auc) = match format {
                PredictionFormat::Plain => (JudgedBy::Any, 3.0 / 9.0),
                _ => (JudgedBy::Own, AUC),
            };
            let subdural = of(Subtype::Subdural);
            assert_eq!(subdural.judged_by, judged_by, "{what}");
            assert_eq!(subdural.auc.unwrap().estimate, auc, "{what}");
            assert_eq!(subdural.n_without_probability, 0);
            let n_commas = match decimal {
                "," => (rows.len() - 1) * (rows[0].len() - 1),
                _ => 0,
            };
            assert_eq!(got.predictions.n_decimal_commas, n_commas, "{what}");
        }
    }
}

#[test]
fn a_number_with_a_decimal_comma_is_the_number_with_a_point() {
    for digits in ["0.5", "0.123456789", "1.000", "0.000", "5.5e-3"] {
        let comma = digits.replace('.', ",");
        let read = |text: String| {
            let predictions = Predictions::from_reader(text.as_bytes()).unwrap();
            predictions.iter().next().unwrap().1
        };
        let expected: f64 = digits.parse().unwrap();
        assert_eq!(read(format!("id;probability\na;{comma}\n")), expected);
        assert_eq!(read(format!("id\tprobability\na\t{comma}\n")), expected);
    }
}

#[test]
fn marks_and_line_ends_of_other_programs_change_nothing() {
    type Change = fn(&str) -> String;
    let [labels, predictions] = ["12a-labels-semicolon.csv", "12-predictions.csv"].map(file);
    let changes: [(&str, Change); 6] = [
        ("byte-order mark", |text| format!("\u{feff}{text}")),
        ("CRLF", |text| text.replace('\n', "\r\n")),
        ("trailing empty lines", |text| format!("{text}\n\n\r\n")),
        ("leading empty lines", |text| format!("\n\n{text}")),
        ("quoted cells", |text| {
            let quote = |line: &str| {
                let separator = if line.contains(';') { ";" } else { "," };
                let cells = line.split(separator).map(|cell| format!("\"{cell}\""));
                cells.collect::<Vec<_>>().join(separator) + "\n"
            };
            text.lines().map(quote).collect()
        }),
        ("columns beside", |text| {
            let add = |(at, line): (usize, &str)| match line.contains(';') {
                true => format!("{at};{line};\"a;b, c\"\n"),
                false => format!("{at},{line},\"a, b;c\"\n"),
            };
            text.lines().enumerate().map(add).collect()
        }),
    ];
    for (what, change) in changes {
        let got = shown(&summary(&change(&labels), &change(&predictions)));
        println!("{what}: expected 6 3 {AUC:.6}, got {got}");
        assert_eq!(got, format!("6 3 {AUC:.6}"), "{what}");
    }
}

#[test]
fn empty_rows_are_passed_over_and_counted() {
    let labels = "\nid;label\n;\na;1\n  \n;;;\nb;0\n\"\";\" \"\n\n";
    let boxes = "SOPInstanceUID,labelName\n,\na,Subdural\n,\n";
    for (labels, n_empty_rows) in [(labels, 4), (boxes, 2)] {
        let labels = Labels::from_reader(labels.as_bytes()).unwrap();
        assert_eq!(labels.reading().n_empty_rows, n_empty_rows);
        assert!(labels.get("a").unwrap().is_positive());
    }
    let predictions = Predictions::from_reader(&b"id,probability\n,\na,0.5\n,\n"[..]).unwrap();
    assert_eq!(predictions.reading().n_empty_rows, 2);
    assert_eq!(predictions.n_predictions(), 1);
}

#[test]
fn repeated_rows_that_agree_count_once_and_are_said() {
    let long = file("12-labels.csv");
    let repeated = |text: &str, n: usize| {
        let rows: Vec<_> = text.lines().skip(1).take(n).collect();
        format!("{text}{}\n", rows.join("\n"))
    };
    let wide = table(&wide(&cells("12-labels.csv"), "ID", str::to_owned), ",");
    let predictions = file("12-predictions.csv");
    for (labels, n) in [(repeated(&long, 24), 24), (repeated(&wide, 2), 2)] {
        let got = summary(&labels, &repeated(&predictions, 3)).unwrap();
        assert_eq!(got.labels.n_repeated_rows, n);
        assert_eq!(got.predictions.n_repeated_rows, 3);
        assert_eq!((got.n_cases, got.auc.unwrap().estimate), (6, AUC));
        let text = got.to_string();
        assert!(text.contains(&format!("counted once: {n}")), "{text}");
    }
    // Two boxes of a slice are two boxes.
    let boxes = "SOPInstanceUID,labelName\na,Subdural\na,Subdural\n";
    let labels = Labels::from_reader(boxes.as_bytes()).unwrap();
    assert_eq!(labels.reading().n_repeated_rows, 0);
}

#[test]
fn labels_may_be_added_to_a_table_of_predictions() {
    // Other columns name the slice too; `id` is in every row.
    for label in ["label", "any"] {
        let table = format!(
            "file,id,sop_instance_uid,series_instance_uid,probability,prediction,warnings,{label}\n\
             p/a.npy,p/a,,,0.75,1,,1\np/b.dcm,p/b,1.2.3,1.2,0.5,0,no-spacing,0\n"
        );
        let got = summary(&table, &table).unwrap();
        assert_eq!((got.n_cases, got.auc.unwrap().estimate), (2, 1.0));
    }
}

#[test]
fn the_first_layout_that_fits_is_taken() {
    // A table of slices with their labels and probabilities serves as both.
    let both = "id,any,label,probability\na,1,x,0.75\nb,0,y,0.25\n";
    let got = summary(both, both).unwrap();
    assert_eq!(got.labels.format, LabelFormat::Wide);
    assert_eq!(got.predictions.format, PredictionFormat::Plain);
    assert_eq!(got.auc.unwrap().estimate, 1.0);
    assert_eq!(got.n_certain, 0);
}
