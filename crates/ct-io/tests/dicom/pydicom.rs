use std::path::Path;
use std::process::Command;

use ct_io::{DicomFile, RsnaRepair};
use test_kit::{in_workspace, say, skipped, with_causes};

/// CT images that are no slices or not read, and what the error says of them.
const REFUSED: [(&str, &str); 10] = [
    ("6293", "survey image"),
    ("6924", "survey image"),
    ("07a-", "coronal"),
    ("07c-", "secondary capture"),
    ("07d-", "survey image"),
    ("07f-", "survey image"),
    ("DOSEIMG", "secondary capture"),
    ("SCOUT", "survey image"),
    ("deflated-", "Deflated"),
    // Headers alone, for tests of folders.
    ("TINY_ALPHA", "SamplesPerPixel (0028,0002) is missing"),
];

/// `ICH_PYTHON` names a Python with what `requirements.txt` lists. It writes pydicom's Hounsfield
/// units of every CT image that comes with pydicom and that is committed with this workspace, and of
/// some in other transfer syntaxes, of several frames and in several fragments a frame.
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
    let script = in_workspace("crates/ct-io/tests/dicom/pydicom_hu.py");
    let run = Command::new(python)
        .arg(script)
        .arg(folder.path())
        .arg(in_workspace("tests/cases/inputs"))
        .output();
    let run = run.expect("Python runs");
    let errors = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{errors}");

    let (mut n_equal, mut n_frames) = (0, 0);
    let list = String::from_utf8_lossy(&run.stdout).into_owned();
    for line in list.lines() {
        let (path, values) = line.split_once('\t').expect("two paths");
        let slices = DicomFile::read(path).and_then(|file| {
            let slices = (0..file.n_frames()).map(|frame| file.slice(frame, RsnaRepair::Off));
            slices.collect::<Result<Vec<_>, _>>()
        });
        let refused = REFUSED.iter().find(|(part, _)| path.contains(part));
        match (slices, refused) {
            (Ok(slices), None) => {
                let expected = test_kit::read_npy(Path::new(values));
                let (rows, cols) = (slices[0].hu.rows(), slices[0].hu.cols());
                assert_eq!(expected.dim(), (slices.len() * rows, cols), "{path}");
                let found = slices.iter().flat_map(|slice| slice.hu.values_hu());
                assert!(expected.iter().eq(found), "{path}");
                n_equal += 1;
                n_frames += slices.len();
            }
            (Err(error), Some((_, says))) => {
                let message = with_causes(&error);
                assert!(message.contains(says), "{message}");
            }
            (Ok(_), Some(_)) => panic!("{path} was to be refused"),
            (Err(error), None) => panic!("{}", with_causes(&error)),
        }
    }
    say(&format!(
        "{n_equal} DICOM images of {n_frames} frames have pydicom's values, pixel for pixel"
    ));
    assert!(n_equal >= 45 && n_frames >= 70, "{n_equal} images:\n{list}");
}
