//! How long a network of an ONNX file takes for whole images and for masks, on this machine's CPU.
//!
//! `cargo run --release -p masked-cnn --example network_time -- NETWORK.onnx IMAGES.npy THREADS`
//! reads an image and a background, f32 `[2, channels, rows, cols]`, and then a request a line from
//! standard input, so that another program can take turns with it:
//!
//! | request | what is timed |
//! | --- | --- |
//! | `forward` | the network on the whole image |
//! | `masks FILE` | the image prepared, and all masks of the file |
//!
//! A line of the file is a mask: its group, and for each of its rectangles the first row and column,
//! rows and columns. Masks between two empty lines are evaluated at once. Every answer is a line of
//! JSON: `seconds`, `answers` and the share of the work that the masks ask for.

use std::error::Error;
use std::io::{BufRead, stdin};
use std::path::Path;
use std::time::{Duration, Instant};

use cnn_onnx::Model;
use masked_cnn::{Engine, Mask, Rect, Region, Settings, Size};
use ndarray::Array4;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [network, images, threads] = args.as_slice() else {
        return Err("expected NETWORK.onnx IMAGES.npy THREADS".into());
    };
    let images: Array4<f32> = ndarray_npy::read_npy(images)?;
    let (n_images, _, rows, cols) = images.dim();
    if n_images != 2 {
        return Err(format!("{n_images} images, expected an image and a background").into());
    }
    let size = Size { rows, cols };
    let images: Vec<f32> = images.iter().copied().collect();
    let (image, background) = images.split_at(images.len() / 2);

    let model = Model::from_bytes(std::fs::read(network)?, Path::new(network).parent())?;
    let settings = Settings::default().with_n_threads(threads.parse::<usize>()?);
    let engine = Engine::new(&model.graph(size)?, &settings)?;
    println!("{{\"instructions\": \"{:?}\"}}", engine.instruction_set());

    for request in stdin().lock().lines() {
        let request = request?;
        match request.split_once(' ') {
            None if request == "forward" => {
                let start = Instant::now();
                let answers = engine.forward(image)?;
                report(start.elapsed(), &answers, 1.0);
            }
            Some(("masks", path)) => {
                let levels = read_masks(path, size)?;
                let start = Instant::now();
                let mut masked = engine.mask(image, &[background])?;
                let mut answers = Vec::new();
                for level in &levels {
                    answers.extend(masked.evaluate(&of_the_background(level))?);
                }
                let seconds = start.elapsed();
                let n_masks: usize = levels.iter().map(Vec::len).sum();
                let work = levels.iter().map(|level| {
                    engine.share_of_work(&of_the_background(level)) * level.len() as f64
                });
                report(seconds, &answers, work.sum::<f64>() / n_masks as f64);
            }
            _ => return Err(format!("{request}: expected `forward` or `masks FILE`").into()),
        }
    }
    Ok(())
}

fn report(time: Duration, answers: &[f32], share: f64) {
    let seconds = time.as_secs_f64();
    println!("{{\"seconds\": {seconds}, \"share\": {share}, \"answers\": {answers:?}}}");
}

/// Masks that are evaluated at once, with their groups.
type Level = Vec<(usize, Region)>;

fn of_the_background(level: &[(usize, Region)]) -> Vec<Mask<'_>> {
    let masks = level.iter().map(|(group, shown)| Mask {
        background: 0,
        shown,
        group: *group,
    });
    masks.collect()
}

/// The masks of a file with their groups, as many at a time as are evaluated at once.
fn read_masks(path: &str, size: Size) -> Result<Vec<Level>, Box<dyn Error>> {
    let mut levels = vec![Vec::new()];
    for line in std::fs::read_to_string(path)?.lines() {
        let numbers = line.split_whitespace().map(str::parse);
        let numbers: Vec<usize> = numbers.collect::<Result<_, _>>()?;
        match (numbers.split_first(), levels.last_mut()) {
            (Some((&group, rects)), Some(level)) => {
                let (rects, rest) = rects.as_chunks::<4>();
                if !rest.is_empty() {
                    return Err(
                        format!("{line}: expected a group and four numbers a rectangle").into(),
                    );
                }
                let rects = rects.iter().map(|&[row, col, n_rows, n_cols]| Rect {
                    row,
                    col,
                    n_rows,
                    n_cols,
                });
                level.push((group, Region::union(rects, size)));
            }
            _ => levels.push(Vec::new()),
        }
    }
    levels.retain(|level| !level.is_empty());
    Ok(levels)
}
