//! One test for each way of being malformed.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use ct_labels::{Error, Labels, Predictions};

const NOT_UTF8: &str = "not UTF-8; save a spreadsheet as CSV in UTF-8, and unpack an archive first";

const FIELDS: &str = "expected 2 as in the header; a field that holds the separator, such as a decimal \
    comma, needs quotes";

const PROBABILITY: &str = "expected a number from 0 to 1 with a decimal point, or nothing where there is no \
    prediction";

#[track_caller]
fn labels_error(table: impl AsRef<[u8]>, expected: &str) -> Error {
    let error = Labels::from_reader(table.as_ref()).unwrap_err();
    assert_eq!(error.to_string(), expected);
    error
}

#[track_caller]
fn predictions_error(table: impl AsRef<[u8]>, expected: &str) -> Error {
    let error = Predictions::from_reader(table.as_ref()).unwrap_err();
    assert_eq!(error.to_string(), expected);
    error
}

#[test]
fn rejects_tables_without_rows() {
    for table in ["", "\u{feff}", "\n\n", "id,label\n", "ID,Label"] {
        labels_error(table, "a table without rows");
    }
    for table in ["", "  \n", "id,probability\r\n"] {
        let error = Predictions::from_reader(table.as_bytes()).unwrap_err();
        assert!(
            matches!(error, Error::NoRows | Error::Header { .. }),
            "{error}"
        );
    }
}

#[test]
fn rejects_text_that_is_not_utf8() {
    let error = labels_error(
        b"id,label\r\na,1\r\n\xff,0\r\n",
        &format!("line 3: {NOT_UTF8}"),
    );
    assert!(std::error::Error::source(&error).is_some());
    // UTF-16, as some programs export.
    labels_error(b"\xff\xfei\0d\0", &format!("line 1: {NOT_UTF8}"));
}

#[test]
fn rejects_an_unknown_header() {
    let expected = "expected the columns `ID` and `Label`, `SOPInstanceUID` and `labelName`, or `label` \
        or `any` (or all of epidural, intraparenchymal, intraventricular, subarachnoid and subdural) beside \
        one of `id`, `SOPInstanceUID`, `sop_instance_uid`, `file`, `ID`, `Image`, `image` and `filename`, \
        separated by commas, semicolons or tabs";
    labels_error(
        "Id,label\na,1\n",
        &format!("line 1: found the header `Id,label`, {expected}"),
    );
    labels_error(
        "\nSOPInstanceUID,data\n1.2,{}\n",
        &format!("line 2: found the header `SOPInstanceUID,data`, {expected}"),
    );
    // A wide table that leaves `any` open, and one that names no slice.
    let wide = "epidural;intraparenchymal;intraventricular;subarachnoid";
    labels_error(
        format!("ID;{wide}\na;0;0;0;0\n"),
        &format!("line 1: found the header `ID;{wide}`, {expected}"),
    );
    labels_error(
        format!("PatientNumber;any;{wide};subdural\n49;0;0;0;0;0;0\n"),
        &format!("line 1: found the header `PatientNumber;any;{wide};subdural`, {expected}"),
    );
}

#[test]
fn rejects_predictions_without_names_or_probabilities() {
    let expected = "expected `probability` (or `any`, and subtypes) and one of `SOPInstanceUID`, \
        `sop_instance_uid`, `id`, `file`, `ID`, `Image`, `image` and `filename`, or `ID` and `Label` as in \
        an RSNA submission, separated by commas, semicolons or tabs";
    for header in [
        "id,score",
        "slice,probability",
        "scan.npy\t0.5\t1",
        "ID,subdural",
        "id;label",
    ] {
        predictions_error(
            format!("{header}\na,1\n"),
            &format!("line 1: found the header `{header}`, {expected}").replace('\t', "\\t"),
        );
    }
}

#[test]
fn rejects_a_column_twice() {
    labels_error(
        "id,label,id\na,1,b\n",
        "line 1: the header has more than one column `id`",
    );
    labels_error(
        "id,any,Any\na,1,1\n",
        "line 1: the header has more than one column `any`",
    );
}

#[test]
fn rejects_records_of_other_lengths() {
    labels_error(
        "id,label\na,1\n\nb\n",
        &format!("line 4: found 1 fields, {FIELDS}"),
    );
    labels_error(
        "id,label\na,1,\n",
        &format!("line 2: found 3 fields, {FIELDS}"),
    );
    // A decimal comma where the comma separates.
    predictions_error(
        "id,probability\na,0,5\n",
        &format!("line 2: found 3 fields, {FIELDS}"),
    );
}

#[test]
fn rejects_a_quote_left_open() {
    labels_error(
        "id,label,note\na,1,fine\nb,0,\"open\nc,1,fine\nd,1,fine\n",
        "line 3: a field goes on after the end of the line; is a quote left open?",
    );
}

#[test]
fn rejects_labels_other_than_0_and_1() {
    for found in [
        "2",
        "",
        "-1",
        "0.7",
        "0.93",
        "1.01",
        "10",
        "yes",
        "NaN",
        "0.99999999999999999",
        "1e-400",
        "0,0",
    ] {
        labels_error(
            format!("id,label\na,1\nb,\"{found}\"\n"),
            &format!(
                "line 3, column `label`: found `{found}`, expected 0 or 1 (a probability is no label)"
            ),
        );
    }
    labels_error(
        "ID,Label\nID_a_any,0.5\n",
        "line 2, column `Label`: found `0.5`, expected 0 or 1 (a probability is no label)",
    );
    labels_error(
        "ID;any;subdural\na;1;0,5\n",
        "line 2, column `subdural`: found `0,5`, expected 0 or 1 (a probability is no label)",
    );
    labels_error(
        "ID;any;subdural\na;1;\n",
        "line 2, column `subdural`: found ``, expected 0 or 1 (a probability is no label)",
    );
}

#[test]
fn rejects_ids_that_are_not_rsna_rows() {
    for found in [
        "scan-7",
        "ID_a",
        "ID_any",
        "ID__any",
        "ID_a_Any",
        "a_any",
        "ID_a_other",
    ] {
        labels_error(
            format!("ID,Label\n{found},0\n"),
            &format!(
                "line 2, column `ID`: found `{found}`, expected `ID_<id>_<subtype>` with the subtype \
                 any, epidural, intraparenchymal, intraventricular, subarachnoid or subdural"
            ),
        );
    }
}

#[test]
fn rejects_blank_and_endless_names() {
    labels_error(
        "SOPInstanceUID,labelName\n ,Subdural\n",
        "line 2, column `SOPInstanceUID`: found ``, expected a name",
    );
    let long = "x".repeat(4097);
    labels_error(
        format!("id,label\n{long},1\n"),
        &format!(
            "line 2, column `id`: found `{}...`, expected a name of at most 4096 bytes",
            &long[..57]
        ),
    );
    predictions_error(
        "{\"file\": \"\", \"probability\": 1}",
        "line 1, column `file`: found ``, expected a name",
    );
}

#[test]
fn rejects_contradictions() {
    labels_error(
        "id,label\na,1\nb,1\na,0\n",
        "line 4: `a` is 0, but line 2 says 1",
    );
    labels_error(
        "ID,Label\nID_a_any,1\nID_a_subdural,0\nID_a_subdural,1\n",
        "line 4: subdural of `ID_a` is 1, but line 3 says 0",
    );
    predictions_error(
        "id,file,probability\na,a.npy,0.5\na,a.npy,0.25\n",
        "line 3: `a, a.npy` is 0.25, but line 2 says 0.5",
    );
    labels_error(
        "ID\tany\tsubdural\nID_a\t1\t0\nID_a\t1\t1\n",
        "line 3: subdural of `ID_a` is 1, but line 2 says 0",
    );
    predictions_error(
        "ID,Label\nID_a_any,0.5\nID_a_any,0.25\n",
        "line 3: `ID_a` is 0.25, but line 2 says 0.5",
    );
    predictions_error(
        "id,probability\na,0.5\na,\n",
        "line 3: `a` is empty, but line 2 says 0.5",
    );
}

#[test]
fn rejects_a_subtype_where_any_is_0() {
    labels_error(
        "ID,Label\nID_b_any,1\nID_a_subdural,1\nID_a_any,0\n",
        "line 4: `ID_a` has `any` 0, but line 3 says `subdural` 1",
    );
}

#[test]
fn rejects_slices_that_are_left_undecided() {
    labels_error(
        "ID,Label\nID_b_any,1\nID_a_subdural,0\nID_a_epidural,0\n",
        "line 3: `ID_a` has no row `any`, and not all others: expected all six",
    );
}

#[test]
fn rejects_submissions_without_any() {
    predictions_error(
        "ID,Label\nID_b_any,0.5\nID_a_subdural,0.5\nID_a_epidural,0.5\n",
        "line 3: `ID_a` has no row `any`: expected one with the probability of a hemorrhage of any kind",
    );
}

#[test]
fn rejects_predictions_that_are_all_empty() {
    for table in [
        "id,probability\na,\nb,\n",
        "ID,any,subdural\na,,0.5\nb,,0.5\n",
        "{\"id\": \"a\", \"probability\": null}\n{\"id\": \"b\", \"probability\": null}",
    ] {
        predictions_error(table, "none of 2 slices has a probability");
    }
}

#[test]
fn rejects_what_is_no_probability() {
    for found in [
        "NaN", "nan", "inf", "-0.1", "1.01", "50 %", "1e400", "0,5", "1,000",
    ] {
        predictions_error(
            format!("id,probability\na,\"{found}\"\n"),
            &format!("line 2, column `probability`: found `{found}`, {PROBABILITY}"),
        );
    }
    for found in ["NaN", "1,01", "0,0,5", "1.000,0", "5e-1,0"] {
        predictions_error(
            format!("id;probability\na;{found}\n"),
            &format!("line 2, column `probability`: found `{found}`, {PROBABILITY}"),
        );
    }
    predictions_error(
        "{\"id\": \"a\", \"probability\": 0.5}\n{\"id\": \"b\", \"probability\": 1.5}",
        &format!("line 2, column `probability`: found `1.5`, {PROBABILITY}"),
    );
}

#[test]
fn rejects_lines_that_are_not_json_objects() {
    for (line, character) in [
        ("{\"id\": \"a\", \"probability\": NaN}", 28),
        ("{\"id\": \"a\", \"probability\": 1e400}", 32),
        ("{\"id\": 7, \"probability\": 0.5}", 8),
        ("{\"id\": \"a\", \"id\": \"b\", \"probability\": 0.5}", 16),
        ("{\"id\": \"a\"", 10),
        ("[\"a\", \"a\", \"a\", \"a\", 0.5]", 1),
        ("a,0.5", 1),
    ] {
        let error = predictions_error(
            format!("{{\"id\": \"z\", \"probability\": 0}}\n\n{line}\n"),
            &format!("line 3, character {character}: expected a JSON object of a prediction"),
        );
        assert!(matches!(error, Error::Json { .. }));
    }
}

#[test]
fn rejects_json_that_is_nested_without_end() {
    let nested = "[".repeat(100_000);
    let text = format!("{{\"id\": \"a\", \"probability\": 0, \"more\": {nested}");
    let error = Predictions::from_reader(text.as_bytes()).unwrap_err();
    assert!(matches!(error, Error::Json { line: 1, .. }), "{error}");
}

#[test]
fn rejects_json_objects_that_lack_keys() {
    predictions_error(
        "{\"id\": \"a\", \"score\": 0.5}",
        "line 1: the object has no `probability`",
    );
    predictions_error(
        "{\"name\": \"a\", \"probability\": 0.5}",
        "line 1: the object has no `SOPInstanceUID`, `sop_instance_uid`, `id` or `file`",
    );
}

#[test]
fn shows_no_control_characters() {
    labels_error(
        "id,label\na,\u{1b}[31m\u{202e}\n",
        "line 2, column `label`: found `\\u{1b}[31m\\u{202e}`, expected 0 or 1 (a probability is no \
         label)",
    );
}
