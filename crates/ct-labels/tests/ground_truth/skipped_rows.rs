//! Rows of a table of boxes that give no box: skipped and said, while the others are read.

use ct_labels::{Error, GroundTruth, SkippedRow};

use crate::fixture::{BOX, HEADER, a_box, message, parse, parse_lines, read};

/// The lines and the reasons of what was skipped, and whether a box may be missing.
fn skipped(truth: &GroundTruth) -> Vec<(usize, &str, bool)> {
    let rows = truth.skipped().iter();
    rows.map(|row| (row.line, row.reason.as_str(), row.may_be_a_box))
        .collect()
}

#[test]
fn data_that_is_empty_or_a_word_for_nothing_is_skipped_and_said() {
    for data in [
        "", "  ", "None", "nan", "NaN", "NULL", "<NA>", "#N/A", "n/a",
    ] {
        let truth = parse(data).unwrap();
        assert_eq!(truth.boxes("1.2.3"), []);
        assert_eq!(truth.n_skipped(), 1);
        assert_eq!(
            skipped(&truth),
            [(2, "line 2: `data` is empty", false)],
            "{data:?}"
        );
    }
}

#[test]
fn an_empty_row_stops_no_other() {
    for empty in [
        "1.2.4,1,1,,Subdural,handDrawn",
        "1.2.4,1,1,None,Subdural,handDrawn",
        ",,,,,",
        " , , , , , ",
        ",,",
        "  ",
    ] {
        let rows = [
            HEADER,
            "9,1,1,BOX,Subdural,handDrawn",
            empty,
            "7,1,1,BOX,Epidural,handDrawn",
        ];
        let truth = parse_lines(&rows).unwrap();
        assert_eq!(truth.boxes("9"), [a_box("Subdural")], "{empty:?}");
        assert_eq!(truth.boxes("7"), [a_box("Epidural")], "{empty:?}");
        assert_eq!(skipped(&truth), [(3, "line 3: `data` is empty", false)]);
    }
}

#[test]
fn a_row_that_may_be_a_box_is_skipped_with_its_cause() {
    for (row, reason) in [
        (
            "8,1,1,\"{'x': 8, 'y': 4}\",Subdural,handDrawn",
            "line 3: `data` has no `width`",
        ),
        (
            "8,1,1,\"{'x': 8,\",Subdural,handDrawn",
            "line 3: `data` is not a dict of numbers: ",
        ),
        (
            "8,1,1,\"{'x': 8, 'y': 4, 'width': 0, 'height': 1}\",Subdural,handDrawn",
            "line 3: `width` in `data` is 0: expected a number above 0",
        ),
        (
            ",1,1,BOX,Subdural,handDrawn",
            "line 3, column `SOPInstanceUID`: found ``, expected a name",
        ),
    ] {
        let truth = parse_lines(&[HEADER, "9,1,1,BOX,Subdural,handDrawn", row]).unwrap();
        assert_eq!(truth.boxes("9"), [a_box("Subdural")]);
        let [
            SkippedRow {
                line: 3,
                may_be_a_box: true,
                reason: found,
                ..
            },
        ] = truth.skipped()
        else {
            panic!("{:?}", truth.skipped());
        };
        assert!(found.starts_with(reason), "{found}");
    }
}

#[test]
fn a_table_without_any_usable_row_is_an_error_of_its_first_broken_one() {
    let rows = [HEADER, "9,1,1,None,,", "8,1,1,box,,", "7,1,1,\"{}\",,"];
    let found = message(parse_lines(&rows));
    assert_eq!(found, "line 3: `data` is not a dict of numbers");
}

#[test]
fn a_row_of_another_length_stops_the_table_even_after_good_ones() {
    // A quote that swallowed the rest would lose every box after it.
    let rows = [
        HEADER,
        "9,1,1,BOX,Subdural,handDrawn",
        "8,1,1,\"{'x': 8",
        "7,1,1,BOX,,",
    ];
    let error = parse_lines(&rows).unwrap_err();
    assert!(matches!(error, Error::FieldCount { line: 3, .. }));
}

#[test]
fn the_reasons_of_many_rows_are_bounded_and_all_are_counted() {
    let table = format!("{HEADER}\n{}", ",,,,,\n".repeat(100_000));
    let truth = read(&table).unwrap();
    assert_eq!((truth.n_skipped(), truth.skipped().len()), (100_000, 100));
}

#[test]
fn lines_count_blank_ones_and_line_breaks_in_quotes() {
    for end in ["\n", "\r\n"] {
        let lines = [
            HEADER,                                 // 1
            "",                                     // 2
            "9,1,1,BOX,\"Sub",                      // 3
            "dural\",handDrawn",                    // 4
            "",                                     // 5
            "9,1,1,BOX,\"a, \"\"b\"\"\",handDrawn", // 6
            "9,1,1,None,Subdural,handDrawn",        // 7
            "",                                     // 8
            "8,1,1,{},Subdural,handDrawn",          // 9
        ];
        let table = lines.join(end).replace("BOX", BOX);
        let truth = read(&table).unwrap();
        let expected = [
            (7, "line 7: `data` is empty", false),
            (9, "line 9: `data` has no `x`", true),
        ];
        assert_eq!(skipped(&truth), expected);
    }
}
