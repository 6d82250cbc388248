use std::collections::BTreeMap;
use std::path::Path;

/// Names of files of a kind that are said; the others are counted.
const N_NAMES: usize = 3;

/// Files in folders that are no slices, by what they are.
#[derive(Debug, Default)]
pub struct PassedOver(BTreeMap<String, Kind>);

/// Files of one kind.
#[derive(Debug, Default)]
struct Kind {
    n: usize,
    /// The first of them.
    names: Vec<String>,
}

impl PassedOver {
    pub(crate) fn add(&mut self, kind: String, path: &Path) {
        let files = self.0.entry(kind).or_default();
        files.n += 1;
        if files.names.len() < N_NAMES {
            let name = path.file_name().unwrap_or(path.as_os_str());
            files.names.push(name.to_string_lossy().into_owned());
        }
    }

    /// A line for each kind: how many files, and the names of the first.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|(kind, files)| {
            let mut names = files.names.join(", ");
            if files.n > files.names.len() {
                names.push_str(", ...");
            }
            format!("{} x {kind} ({names})", files.n)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_passed_over_is_counted_by_kind_and_the_first_are_named() {
        let mut passed_over = PassedOver::default();
        for k in 0..5 {
            passed_over.add(
                "structured report".to_owned(),
                Path::new(&format!("a/SR{k}")),
            );
        }
        passed_over.add("DICOMDIR".to_owned(), Path::new("DICOMDIR"));
        let lines: Vec<_> = passed_over.lines().collect();
        assert_eq!(
            lines,
            [
                "1 x DICOMDIR (DICOMDIR)",
                "5 x structured report (SR0, SR1, SR2, ...)"
            ]
        );
    }
}
