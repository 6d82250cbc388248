//! Writes anatomical phantoms to train a network on: Hounsfield units, masks, and a table of labels.
//!
//! `cargo run --release -p ct-phantom --example training_slices -- FOLDER N_SLICES [FIRST_SEED] [N_THREADS]`
//!
//! - `FOLDER/slices/SSSSSSSS.npy`: i16, 512 x 512, Hounsfield units.
//! - `FOLDER/masks/SSSSSSSS.npy`: u8, 512 x 512; bit k is set where blood of the k-th kind of
//!   `Bleed::ALL` shows. Only for slices with blood.
//! - `FOLDER/labels.csv`: one row a slice, `id,any`, a column for each kind, `level,pixel_mm`.
//!
//! Slices come in fours: a head with a bleed, the same head without, another head with a bleed, and
//! another without. So half are positive, and half of the negatives differ from a positive only by
//! the blood and what it does to the brain, where the first head of the seed had room for it.

use std::error::Error;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use ct_phantom::{Bleed, Cut, Lesions, Phantom, SIDE};
use ndarray::ArrayView2;
use ndarray_npy::WriteNpyExt;

type Failure = Box<dyn Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [folder, n_slices, rest @ ..] = &args[..] else {
        return Err("usage: training_slices FOLDER N_SLICES [FIRST_SEED] [N_THREADS]".into());
    };
    let folder = Path::new(folder);
    let n_slices: u64 = n_slices.parse()?;
    let first_seed: u64 = rest.first().map_or(Ok(0), |seed| seed.parse())?;
    let n_threads = match rest.get(1) {
        Some(n_threads) => n_threads.parse()?,
        None => thread::available_parallelism()?.get(),
    };

    fs::create_dir_all(folder.join("slices"))?;
    fs::create_dir_all(folder.join("masks"))?;
    let mut table = BufWriter::new(File::create_new(folder.join("labels.csv"))?);
    let kinds = Bleed::ALL.map(|bleed| bleed.to_string()).join(",");
    writeln!(table, "id,any,{kinds},level,pixel_mm")?;

    let next = AtomicU64::new(0);
    let work = || -> Result<Vec<(u64, String)>, Failure> {
        let mut rows = Vec::new();
        loop {
            let k = next.fetch_add(1, Ordering::Relaxed);
            if k >= n_slices {
                return Ok(rows);
            }
            rows.push((k, write_slice(folder, k, first_seed)?));
        }
    };
    let mut rows = thread::scope(|scope| -> Result<Vec<(u64, String)>, Failure> {
        let workers: Vec<_> = (0..n_threads).map(|_| scope.spawn(work)).collect();
        let mut rows = Vec::new();
        for worker in workers {
            rows.extend(worker.join().map_err(|_| "a thread panicked")??);
        }
        Ok(rows)
    })?;
    rows.sort_unstable();
    for (_, row) in rows {
        writeln!(table, "{row}")?;
    }
    table.flush()?;
    Ok(())
}

/// Draws and writes the `k`-th slice; its row of the table.
fn write_slice(folder: &Path, k: u64, first_seed: u64) -> Result<String, Failure> {
    // The second slice of four has the seed of the first.
    let seed = first_seed + if k % 4 == 1 { k - 1 } else { k };
    let is_positive = k.is_multiple_of(2);
    let lesions = if is_positive {
        Lesions::Random
    } else {
        Lesions::Clear
    };
    let phantom = Phantom::anatomical(seed, Cut::Anywhere, &lesions)?;

    let file = format!("{k:08}.npy");
    write_npy(&folder.join("slices").join(&file), phantom.hu())?;
    if is_positive {
        write_npy(&folder.join("masks").join(&file), &kind_bits(&phantom))?;
    }
    let flag = |is_set: bool| u8::from(is_set).to_string();
    let flags = Bleed::ALL.map(|bleed| flag(phantom.lesion_of(bleed).is_some()));
    let level = phantom.level().map(|level| level.to_string());
    Ok(format!(
        "{k:08},{},{},{},{:.4}",
        flag(is_positive),
        flags.join(","),
        level.unwrap_or_default(),
        phantom.pixel_mm().unwrap_or_default(),
    ))
}

/// One bit for each kind of blood.
fn kind_bits(phantom: &Phantom) -> Vec<u8> {
    let mut bits = vec![0; SIDE * SIDE];
    for (k, bleed) in Bleed::ALL.into_iter().enumerate() {
        for (pixel, &is_blood) in bits
            .iter_mut()
            .zip(phantom.lesion_of(bleed).into_iter().flatten())
        {
            *pixel |= u8::from(is_blood) << k;
        }
    }
    bits
}

fn write_npy<T: ndarray_npy::WritableElement>(path: &Path, pixels: &[T]) -> Result<(), Failure> {
    let file = BufWriter::new(File::create(path)?);
    ArrayView2::from_shape((SIDE, SIDE), pixels)?.write_npy(file)?;
    Ok(())
}
