use std::path::Path;
use std::process::Command;

use ct_preprocess::{DicomFile, RsnaRepair};
use test_kit::{in_workspace, say, skipped};

/// CT images among pydicom's files that are no slices, and what the error says of them.
const REFUSED: [(&str, &str); 3] = [
    ("6293", "survey image"),
    ("6924", "survey image"),
    // Headers alone, for tests of folders.
    ("TINY_ALPHA", "SamplesPerPixel (0028,0002) is missing"),
];

/// `ICH_PYTHON` names a Python with what `requirements.txt` lists. It writes pydicom's Hounsfield
/// units of every CT image that comes with pydicom, and of two of them in other transfer syntaxes.
#[test]
fn hounsfield_units_equal_those_of_pydicom() {
    let Some(python) = std::env::var_os("ICH_PYTHON") else {
        skipped(
            "hounsfield_units_equal_those_of_pydicom",
            "ICH_PYTHON is not set",
        );
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let script = in_workspace("crates/ct-preprocess/tests/dicom/pydicom_hu.py");
    let run = Command::new(python).arg(script).arg(folder.path()).output();
    let run = run.expect("Python runs");
    let errors = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{errors}");

    let mut n_equal = 0;
    let list = String::from_utf8_lossy(&run.stdout).into_owned();
    for line in list.lines() {
        let (path, values) = line.split_once('\t').expect("two paths");
        let slice = DicomFile::read(path).and_then(|file| Ok(file.slice(0, RsnaRepair::Off)?));
        let refused = REFUSED.iter().find(|(part, _)| path.contains(part));
        match (slice, refused) {
            (Ok(slice), None) => {
                let expected = test_kit::read_npy(Path::new(values));
                assert_eq!(expected.dim(), (slice.hu.rows(), slice.hu.cols()), "{path}");
                let is_equal = expected.iter().eq(slice.hu.values_hu());
                assert!(is_equal, "{path}");
                n_equal += 1;
            }
            (Err(error), Some((_, says))) => {
                assert!(error.to_string().contains(says), "{error}");
            }
            (Ok(_), Some(_)) => panic!("{path} was to be refused"),
            (Err(error), None) => panic!("{error}"),
        }
    }
    say(&format!(
        "{n_equal} DICOM images have pydicom's values, pixel for pixel"
    ));
    assert!(n_equal >= 12, "{n_equal} images:\n{list}");
}
