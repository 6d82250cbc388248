//! The program of `examples/`, run as `cargo test` built it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use ct_phantom::{Cut, Lesions, Phantom};
use ndarray::Array2;

/// Beside this test's own folder, where Cargo leaves examples.
fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("this program");
    let folder = test.ancestors().nth(2).expect("a folder").join("examples");
    let path = folder.join(name);
    assert!(path.exists(), "{name} is not built; `cargo test` builds it");
    path
}

#[test]
fn training_slices_are_those_of_the_library_for_any_number_of_threads() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |name: &str, n_threads: &str| {
        let out = folder.path().join(name);
        let run = Command::new(example("training_slices"))
            .args([
                out.as_os_str(),
                "4".as_ref(),
                "20".as_ref(),
                n_threads.as_ref(),
            ])
            .output()
            .expect("it runs");
        assert!(
            run.status.success(),
            "{}",
            String::from_utf8_lossy(&run.stderr)
        );
        out
    };
    let (one, two) = (run("one", "1"), run("two", "2"));
    let table = fs::read_to_string(one.join("labels.csv")).expect("a table");
    assert_eq!(
        table,
        fs::read_to_string(two.join("labels.csv")).expect("a table")
    );
    let rows: Vec<Vec<&str>> = table.lines().map(|row| row.split(',').collect()).collect();
    assert_eq!(rows.len(), 5);
    assert_eq!(rows[0].len(), 9);
    for (k, (seed, lesions)) in [
        (20, Lesions::Random),
        (20, Lesions::Clear),
        (22, Lesions::Random),
        (23, Lesions::Clear),
    ]
    .into_iter()
    .enumerate()
    {
        let phantom = Phantom::anatomical(seed, Cut::Anywhere, &lesions).expect("room");
        let row = &rows[k + 1];
        assert_eq!(row[0], format!("{k:08}"));
        let n_kinds = row[2..7].iter().filter(|&&flag| flag == "1").count();
        assert_eq!(n_kinds, phantom.bleeds().len());
        assert_eq!(row[1] == "1", lesions == Lesions::Random);
        let file = format!("{k:08}.npy");
        let slice: Array2<i16> =
            ndarray_npy::read_npy(two.join("slices").join(&file)).expect("a slice");
        assert!(slice.iter().eq(phantom.hu()));
        let mask = two.join("masks").join(&file);
        assert_eq!(mask.exists(), lesions == Lesions::Random);
        if mask.exists() {
            let mask: Array2<u8> = ndarray_npy::read_npy(mask).expect("a mask");
            assert!(
                mask.iter()
                    .map(|&bits| bits != 0)
                    .eq(phantom.lesion().iter().copied())
            );
        }
    }
}

#[test]
fn an_existing_table_is_not_replaced() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("labels.csv"), "mine").expect("written");
    let run = Command::new(example("training_slices"))
        .args([folder.path().as_os_str(), "1".as_ref()])
        .output()
        .expect("it runs");
    assert!(!run.status.success());
    let table = fs::read_to_string(folder.path().join("labels.csv")).expect("a table");
    assert_eq!(table, "mine");
}
