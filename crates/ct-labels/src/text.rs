use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::Error;

/// Bytes a table may have: four times the labels of the RSNA 2019 data.
const MAX_BYTES: u64 = 512 << 20;

/// Rows a table may have: three times the labels of the RSNA 2019 data.
pub(crate) const MAX_ROWS: usize = 16_000_000;

/// Bytes the name of a slice may have, as a path on Linux.
pub(crate) const MAX_NAME_BYTES: usize = 4096;

/// Characters shown of a text from a file.
const N_SHOWN: usize = 60;

/// Reads a regular file, which errors name: a pipe might never end.
pub(crate) fn from_file<T>(
    path: &Path,
    read: impl FnOnce(File) -> Result<T, Error>,
) -> Result<T, Error> {
    open(path).and_then(read).map_err(|source| Error::InFile {
        path: path.to_owned(),
        source: Box::new(source),
    })
}

fn open(path: &Path) -> Result<File, Error> {
    if !std::fs::metadata(path).map_err(Error::Io)?.is_file() {
        return Err(Error::NotAFile);
    }
    File::open(path).map_err(Error::Io)
}

/// Reads the text of a table as [`read_at_most`] does, with the limit of most tables.
pub(crate) fn read(reader: impl Read) -> Result<String, Error> {
    read_at_most(reader, MAX_BYTES)
}

/// Reads UTF-8 of at most `limit` bytes, without its byte-order mark.
pub(crate) fn read_at_most(reader: impl Read, limit: u64) -> Result<String, Error> {
    let mut bytes = Vec::new();
    let mut reader = reader.take(limit + 1);
    reader.read_to_end(&mut bytes).map_err(Error::Io)?;
    if bytes.len() as u64 > limit {
        return Err(Error::TooLarge { limit });
    }
    if bytes.starts_with(b"\xef\xbb\xbf") {
        bytes.drain(..3);
    }
    String::from_utf8(bytes).map_err(|error| {
        let source = error.utf8_error();
        Error::NotUtf8 {
            line: 1 + n_line_ends(&error.as_bytes()[..source.valid_up_to()]),
            source,
        }
    })
}

/// Counts `\n`, `\r\n` and a lone `\r` once each.
pub(crate) fn n_line_ends(bytes: &[u8]) -> usize {
    let is_end = |at: usize| match bytes[at] {
        b'\n' => true,
        b'\r' => bytes.get(at + 1) != Some(&b'\n'),
        _ => false,
    };
    (0..bytes.len()).filter(|&at| is_end(at)).count()
}

/// Text from a file as it may be shown: escaped, cut and in backquotes.
pub(crate) fn quoted(text: &str) -> String {
    format!("`{}`", cut(text, N_SHOWN))
}

/// Text without control characters, of at most `n_shown` characters.
pub(crate) fn cut(text: &str, n_shown: usize) -> String {
    let mut shown: Vec<char> = text
        .chars()
        .take(n_shown + 1)
        .flat_map(|c| match c {
            '"' | '\'' | '\\' => vec![c],
            _ => c.escape_debug().collect(),
        })
        .collect();
    if shown.len() > n_shown {
        shown.truncate(n_shown.saturating_sub(3));
        shown.extend("...".chars());
    }
    shown.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_more_bytes_than_the_limit() {
        assert_eq!(read_at_most(&b"abc"[..], 3).unwrap(), "abc");
        let error = read_at_most(&b"abcd"[..], 3).unwrap_err();
        assert!(matches!(error, Error::TooLarge { limit: 3 }));
    }

    #[test]
    fn counts_every_kind_of_line_end_once() {
        assert_eq!(n_line_ends(b"a\nb\r\nc\rd"), 3);
    }

    #[test]
    fn cuts_long_text_and_escapes_control_characters() {
        assert_eq!(cut("abcdef", 6), "abcdef");
        assert_eq!(cut("abcdefg", 6), "abc...");
        assert_eq!(cut("a\u{1b}[31m", 20), "a\\u{1b}[31m");
        assert_eq!(cut("", 6), "");
    }
}
