use std::borrow::Cow;

use crate::spreadsheet;

/// A path without the extension of its last component, `.gz` and one more at once: what names a slice where
/// its file does.
///
/// What stands behind the last dot is no extension if it is a number: a SOPInstanceUID is numbers and dots,
/// and often names a file alone. Both `/` and `\` separate components, wherever the path comes from.
///
/// ```
/// use ct_labels::without_extension;
///
/// assert_eq!(without_extension("scans/ID_0a.nii.gz"), "scans/ID_0a");
/// assert_eq!(without_extension("1.2.840.17.dcm"), "1.2.840.17");
/// assert_eq!(without_extension("1.2.840.17"), "1.2.840.17");
/// ```
#[must_use]
pub fn without_extension(path: &str) -> &str {
    match cut_extension(path) {
        Some((stem, extension)) if extension.eq_ignore_ascii_case("gz") => {
            cut_extension(stem).map_or(stem, |(stem, _)| stem)
        }
        Some((stem, _)) => stem,
        None => path,
    }
}

fn cut_extension(path: &str) -> Option<(&str, &str)> {
    let (stem, extension) = path.rsplit_once('.')?;
    let name = stem.rsplit(is_separator).next().unwrap_or(stem);
    let is_extension = !extension.contains(is_separator)
        && !extension.bytes().all(|byte| byte.is_ascii_digit())
        && name.contains(|c| c != '.');
    is_extension.then_some((stem, extension))
}

/// The path, then the same without its first component, to the last component alone.
pub(crate) fn trailing_paths(path: &str) -> impl Iterator<Item = &str> {
    let starts = path
        .match_indices(is_separator)
        .map(|(at, _)| at + 1)
        .filter(|&start| start < path.len());
    std::iter::once(0).chain(starts).map(|start| &path[start..])
}

/// How a table may write the last component of a path instead: with or without the prefix `ID_` of RSNA's
/// tables, and guarded against spreadsheets.
pub(crate) fn other_spellings(path: &str) -> impl Iterator<Item = String> {
    let (folder, name) = path.split_at(path.rfind(is_separator).map_or(0, |at| at + 1));
    let name = match name.strip_prefix("ID_") {
        Some(id) => id.to_owned(),
        None => format!("ID_{name}"),
    };
    let prefixed = (!name.is_empty()).then(|| format!("{folder}{name}"));
    let guarded = match spreadsheet::guard(path) {
        Cow::Owned(path) => Some(path),
        Cow::Borrowed(_) => None,
    };
    prefixed.into_iter().chain(guarded)
}

/// Of Unix or of Windows: a table may come from another machine.
fn is_separator(c: char) -> bool {
    c == '/' || c == '\\'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_extensions_but_no_part_of_a_uid() {
        for (path, expected) in [
            ("ID_0a.dcm", "ID_0a"),
            ("1.2.840.17", "1.2.840.17"),
            ("1.2.840.17.npy", "1.2.840.17"),
            ("a/b.c/scan", "a/b.c/scan"),
            ("a/scan.nii.gz", "a/scan"),
            ("scan.gz", "scan"),
            (".hidden", ".hidden"),
            ("a/.hidden", "a/.hidden"),
            ("a/..dcm", "a/..dcm"),
            ("scan.", "scan."),
            ("", ""),
        ] {
            assert_eq!(without_extension(path), expected, "{path}");
        }
    }

    #[test]
    fn spells_a_name_with_and_without_its_prefix() {
        for (path, expected) in [
            ("ID_0a", vec!["0a"]),
            ("p1/ID_0a", vec!["p1/0a"]),
            (r"C:\0a", vec![r"C:\ID_0a"]),
            ("ID_", vec![]),
            ("=0a", vec!["ID_=0a", "'=0a"]),
        ] {
            assert_eq!(
                other_spellings(path).collect::<Vec<_>>(),
                expected,
                "{path}"
            );
        }
    }

    #[test]
    fn walks_from_the_whole_path_to_the_last_component() {
        let paths: Vec<_> = trailing_paths(r"C:\a/b.npy").collect();
        assert_eq!(paths, [r"C:\a/b.npy", "a/b.npy", "b.npy"]);
        assert_eq!(trailing_paths("a/").collect::<Vec<_>>(), ["a/"]);
    }
}
