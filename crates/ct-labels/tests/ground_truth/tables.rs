//! One test for each way a table of boxes can be malformed, and for what it may be.

use std::error::Error as _;
use std::fmt::Write as _;
use std::path::Path;

use ct_labels::{BoundingBox, Error, GroundTruth};
use proptest::prelude::*;

use crate::fixture::{BOX, HEADER, a_box, message, parse, parse_lines, read};

#[test]
fn x_is_the_column_and_y_the_row() {
    let truth =
        parse("{'x': 302.6561, 'y': 202.0412, 'width': 55.98734, 'height': 7.5e0}").unwrap();
    let expected = BoundingBox {
        column: 302.6561,
        row: 202.0412,
        width: 55.98734,
        height: 7.5,
        label: "Subdural".to_owned(),
    };
    assert_eq!(truth.boxes("1.2.3"), [expected]);
}

#[test]
fn a_slice_has_its_boxes_in_the_order_of_the_table() {
    let truth = parse_lines(&[
        HEADER,
        "9,1,1,BOX,Subdural,handDrawn",
        "7,1,1,BOX,Epidural,handDrawn",
        "9,1,1,BOX,Chronic,handDrawn",
    ])
    .unwrap();
    assert_eq!(truth.boxes("9"), [a_box("Subdural"), a_box("Chronic")]);
    assert_eq!(truth.boxes("7"), [a_box("Epidural")]);
    assert_eq!(truth.sop_instance_uids().collect::<Vec<_>>(), ["7", "9"]);
}

#[test]
fn an_unknown_slice_has_no_boxes() {
    let truth = parse_lines(&[HEADER, "9,1,1,BOX,Subdural,handDrawn"]).unwrap();
    assert_eq!(truth.boxes("1.2.3"), []);
}

#[test]
fn a_header_alone_is_an_empty_table() {
    assert_eq!(parse_lines(&[HEADER]).unwrap(), GroundTruth::default());
}

#[test]
fn an_exact_duplicate_is_kept_once() {
    let record = "9,1,1,BOX,Subdural,handDrawn";
    let other = "9,1,1,BOX,Epidural,handDrawn";
    let truth = parse_lines(&[HEADER, record, other, record]).unwrap();
    assert_eq!(truth.boxes("9"), [a_box("Subdural"), a_box("Epidural")]);
}

#[test]
fn columns_may_stand_in_any_order_among_others() {
    let truth =
        parse_lines(&["labelName,reader,data,SOPInstanceUID", "Subdural,A,BOX, 9 "]).unwrap();
    assert_eq!(truth.boxes("9"), [a_box("Subdural")]);
}

#[test]
fn accepts_a_byte_order_mark_and_windows_line_ends() {
    let table = format!("\u{feff}{HEADER}\r\n\r\n9,1,1,{BOX},Subdural,handDrawn\r\n");
    let truth = read(&table).unwrap();
    assert_eq!(truth.boxes("9"), [a_box("Subdural")]);
}

#[test]
fn accepts_json_and_unknown_keys() {
    let truth = parse(r#"{"x": 8, "y": 4, "width": 2, "height": 1, "points": [[1, 2]]}"#);
    assert_eq!(truth.unwrap().boxes("1.2.3"), [a_box("Subdural")]);
}

#[test]
fn rejects_an_empty_file() {
    let error = read("").unwrap_err();
    assert!(matches!(error, Error::NoRows));
}

#[test]
fn rejects_a_missing_column_and_names_it() {
    for column in ["SOPInstanceUID", "data", "labelName"] {
        let header = HEADER.replace(column, "other");
        let expected = format!("line 1: the header has no column `{column}`; needed are ");
        let found = message(parse_lines(&[&header]));
        assert!(found.starts_with(&expected), "{found}");
        assert!(found.contains("commas, semicolons or tabs"), "{found}");
    }
}

#[test]
fn rejects_a_column_that_is_there_twice() {
    let header = format!("{HEADER},data");
    assert_eq!(
        message(parse_lines(&[&header])),
        "line 1: the header has more than one column `data`"
    );
}

#[test]
fn rejects_a_record_that_is_too_short() {
    assert_eq!(
        message(parse_lines(&[HEADER, "9,1,1,BOX,Subdural"])),
        "line 2: found 5 fields, expected 6 as in the header; a field that holds the separator, such as a \
         decimal comma, needs quotes"
    );
}

#[test]
fn rejects_a_record_that_is_too_long() {
    // A dict without its quotes.
    let record = "9,1,1,{'x': 8, 'y': 4, 'width': 2, 'height': 1},Subdural,handDrawn";
    assert_eq!(
        message(parse_lines(&[HEADER, record])),
        "line 2: found 9 fields, expected 6 as in the header; a field that holds the separator, such as a \
         decimal comma, needs quotes"
    );
}

#[test]
fn rejects_a_quote_that_is_never_closed() {
    let table = format!("{HEADER}\n9,1,1,\"{{'x': 8,Subdural,handDrawn\n");
    let error = read(&table).unwrap_err();
    assert!(matches!(error, Error::FieldCount { line: 2, .. }));
}

#[test]
fn rejects_bytes_that_are_not_utf8_and_names_the_line() {
    let mut table = format!("{HEADER}\n9,1,1,").into_bytes();
    table.extend(b"\xff\xfe,Subdural,handDrawn\n");
    let error = read(&table).unwrap_err();
    assert!(
        error.to_string().starts_with("line 2: not UTF-8; "),
        "{error}"
    );
    assert!(error.source().is_some());
}

#[test]
fn rejects_a_blank_slice_id() {
    assert_eq!(
        message(parse_lines(&[HEADER, " ,1,1,BOX,Subdural,handDrawn"])),
        "line 2, column `SOPInstanceUID`: found ``, expected a name"
    );
}

#[test]
fn fields_may_stand_between_semicolons_or_tabs() {
    for separator in [";", "\t"] {
        let rows = [HEADER, "9,1,1,BOX,Subdural,handDrawn", "7,1,1,None,,"];
        let rows = rows.map(|row| row.replace(',', separator));
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        let truth = parse_lines(&rows).unwrap();
        assert_eq!(truth.boxes("9"), [a_box("Subdural")]);
        assert_eq!(truth.n_skipped(), 1);
        // Without quotes, as the commas of the dict are no separators here.
        let dict = "{'x': 8, 'y': 4.0, 'width': 2, 'height': 1}";
        let row = rows[1].replace("BOX", dict);
        let truth = parse_lines(&[rows[0], &row]).unwrap();
        assert_eq!(truth.boxes("9"), [a_box("Subdural")]);
    }
}

#[test]
fn the_separator_is_the_one_that_gives_the_columns_and_not_the_one_that_gives_most() {
    let header = "SOPInstanceUID,data,labelName,\"a;b;c;d;e\"";
    let truth = parse_lines(&[header, "9,BOX,Subdural,"]).unwrap();
    assert_eq!(truth.boxes("9"), [a_box("Subdural")]);
}

#[test]
fn a_header_below_blank_lines_is_named_by_its_own_line() {
    let found = message(parse_lines(&["", "", "SOPInstanceUID,labelName"]));
    assert!(
        found.starts_with("line 3: the header has no column `data`"),
        "{found}"
    );
}

#[test]
fn rejects_data_that_is_no_dict_and_keeps_the_cause() {
    let broken = [
        "8",
        "[8, 4, 2, 1]",
        "{'x': 8, 'y': 4, 'width': 2, 'height': 1",
        "{'x': 8, 'y': 4, 'width': 2, 'height': }",
        "{'x': 8, 'y': 4, 'width': 2, 'height': nan}",
        "{'x': 8, 'y': 4, 'width': 2, 'height': None}",
        "{'x': 8, 'y': 4, 'width': 2, 'height': '1'}",
        "{'x': 8, 'y': 4, 'width': 2, 'height': 1} 1",
        "{'x': 8, 'x': 9, 'y': 4, 'width': 2, 'height': 1}",
        "__import__('os').system('true')",
    ];
    for data in broken {
        let error = parse(data).unwrap_err();
        assert_eq!(
            error.to_string(),
            "line 2: `data` is not a dict of numbers",
            "{data:?}"
        );
        assert!(error.source().is_some());
    }
}

#[test]
fn rejects_a_missing_key_and_names_it() {
    let keys = ["x", "y", "width", "height"];
    for missing in keys {
        let data = "{'x': 8, 'y': 4, 'width': 2, 'height': 1}";
        let data = data.replace(&format!("'{missing}'"), "'other'");
        let expected = format!("line 2: `data` has no `{missing}`");
        assert_eq!(message(parse(&data)), expected);
    }
}

#[test]
fn rejects_a_number_that_is_not_finite_and_names_its_key() {
    for (number, shown) in [
        ("NaN", "NaN"),
        ("Infinity", "inf"),
        ("-Infinity", "-inf"),
        ("1e999", "inf"),
    ] {
        let data = format!("{{'x': 8, 'y': {number}, 'width': 2, 'height': 1}}");
        let expected = format!("line 2: `y` in `data` is {shown}: expected a finite number");
        assert_eq!(message(parse(&data)), expected);
    }
}

#[test]
fn rejects_a_width_or_height_of_zero_or_below() {
    for key in ["width", "height"] {
        for number in ["0", "-0.0", "-3.5"] {
            let data = "{'x': 8, 'y': 4, 'width': 2, 'height': 2}";
            let data = data.replace(&format!("'{key}': 2"), &format!("'{key}': {number}"));
            let error = parse(&data).unwrap_err();
            assert!(
                matches!(error, Error::NotPositive { line: 2, key: named, .. } if named == key),
                "{error}"
            );
        }
    }
}

#[test]
fn rejects_data_nested_deeper_than_any_rectangle() {
    let data = "[".repeat(4000);
    assert_eq!(
        message(parse(&data)),
        "line 2: `data` is nested deeper than 8"
    );
    let data = format!("{{'x': {}8", "{'x': ".repeat(100));
    assert!(matches!(parse(&data), Err(Error::DataTooDeep { .. })));
}

#[test]
fn rejects_data_longer_than_any_rectangle() {
    let data = "[".repeat(10_000_000);
    assert!(matches!(
        parse(&data),
        Err(Error::DataTooLong {
            line: 2,
            n_bytes: 10_000_000,
            ..
        })
    ));
}

#[test]
fn refuses_a_directory_and_names_it() {
    let error = GroundTruth::read(env!("CARGO_MANIFEST_DIR")).unwrap_err();
    assert!(error.to_string().contains(env!("CARGO_MANIFEST_DIR")));
    assert_eq!(error.source().unwrap().to_string(), "not a regular file");
}

#[test]
fn a_missing_file_is_named() {
    let error = GroundTruth::read("no/such/table.csv").unwrap_err();
    assert_eq!(error.to_string(), "cannot use no/such/table.csv");
    assert!(matches!(error, Error::InFile { source, .. } if matches!(*source, Error::Io(_))));
}

#[test]
fn a_malformed_file_is_named_and_the_line_is_its_cause() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let error = GroundTruth::read(manifest).unwrap_err();
    assert!(error.to_string().contains("Cargo.toml"));
    let cause = error.source().unwrap().to_string();
    assert!(cause.starts_with("line 1: the header has no column `SOPInstanceUID`"));
}

#[test]
fn many_boxes_of_one_slice_are_read_in_linear_time() {
    let mut table = format!("{HEADER}\n");
    for x in 0..50_000 {
        let data = format!("{{'x': {x}, 'y': 4, 'width': 2, 'height': 1}}");
        writeln!(table, "9,1,1,\"{data}\",Subdural,handDrawn").unwrap();
    }
    let truth = read(&table).unwrap();
    assert_eq!(truth.boxes("9").len(), 50_000);
}

proptest! {
    #[test]
    fn any_bytes_give_a_table_or_an_error(bytes: Vec<u8>) {
        let _ = read(&bytes);
    }

    #[test]
    fn any_data_gives_boxes_that_can_be_drawn_or_an_error(data in "[-+.eE0-9'\"xywidthg:,{}\\[\\] naN]{0,80}") {
        if let Ok(truth) = parse(&data) {
            for bounds in truth.boxes("1.2.3") {
                prop_assert!(bounds.column.is_finite() && bounds.row.is_finite());
                prop_assert!(bounds.width > 0.0 && bounds.height > 0.0);
            }
        }
    }

    #[test]
    fn any_numbers_of_a_box_come_back_exactly(
        column in -1e6..1e6_f64, row in -1e6..1e6_f64, width in 1e-3..1e6_f64, height in 1e-3..1e6_f64,
    ) {
        let data = format!("{{'x': {column:?}, 'y': {row:?}, 'width': {width:?}, 'height': {height:?}}}");
        let truth = parse(&data).unwrap();
        let found = &truth.boxes("1.2.3")[0];
        prop_assert_eq!([found.column, found.row, found.width, found.height], [column, row, width, height]);
    }
}
