//! Slices of one DICOM series belong together, in their order along the patient.

use std::collections::HashMap;
use std::path::Path;

use super::neighbours::{InSeries, Member};
use super::slice_ref::{Place, SliceRef};

/// Brings the slices of a DICOM series together, at the place of the first one, in their order
/// along the patient. All others stay where they are.
pub(crate) fn sort(slices: &mut Vec<SliceRef>) {
    let mut firsts: HashMap<String, usize> = HashMap::new();
    let mut keyed: Vec<_> = std::mem::take(slices)
        .into_iter()
        .enumerate()
        .map(|(index, slice)| match &slice.place {
            Some(place) => {
                let first = *firsts.entry(place.series.clone()).or_insert(index);
                ((first, place.geometry.along_normal_mm()), slice)
            }
            None => ((index, 0.0), slice),
        })
        .collect();
    keyed.sort_by(|(a, _), (b, _)| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    *slices = keyed.into_iter().map(|(_, slice)| slice).collect();
}

/// Tells each slice of a series, sorted, which lie beside it.
pub(crate) fn find_neighbours(slices: &mut [SliceRef]) {
    let is_of_one = |a: &SliceRef, b: &SliceRef| match (&a.place, &b.place) {
        (Some(a), Some(b)) => a.series == b.series,
        _ => false,
    };
    for series in slices.chunk_by_mut(is_of_one) {
        if series[0].place.is_none() {
            continue;
        }
        // What is sorted along a normal that points to the feet runs from the head.
        let mut order: Vec<&mut SliceRef> = series.iter_mut().collect();
        order.sort_by(|a, b| height_mm(a).total_cmp(&height_mm(b)));
        let members = order.iter().filter_map(|slice| {
            Some(Member {
                path: slice.path.clone()?,
                frame: slice.frame,
                height_mm: height_mm(slice),
            })
        });
        let members: Vec<_> = members.collect();
        for (slice, place) in order.into_iter().zip(InSeries::each(members)) {
            slice.series = Some(place);
        }
    }
}

/// How far a slice lies towards the head.
fn height_mm(slice: &SliceRef) -> f64 {
    slice.place.as_ref().map_or(0.0, Place::height_mm)
}

/// Names the volume of the files of a DICOM series that lie in one folder. One file alone is a
/// volume of its own name, so that calls with a slice each do not meet.
pub(crate) fn name_volumes(slices: &mut [SliceRef]) {
    let key = |slice: &SliceRef| {
        let place = slice.place.as_ref().filter(|_| slice.frame.is_none())?;
        let folder = slice.name.parent().unwrap_or(Path::new(""));
        Some((place.series.clone(), folder.to_owned()))
    };
    let mut counts: HashMap<_, usize> = HashMap::new();
    for key in slices.iter().filter_map(key) {
        *counts.entry(key).or_default() += 1;
    }
    for slice in slices {
        let Some((series, folder)) = key(slice) else {
            continue;
        };
        slice.volume = Some(match counts[&(series.clone(), folder.clone())] {
            1 => slice.name.clone(),
            _ => folder.join(format!("series-{}", file_name(&series))),
        });
    }
}

/// A UID as part of a file's name, whatever the file had in its place.
fn file_name(uid: &str) -> String {
    let is_safe = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    uid.chars().filter(is_safe).take(64).collect()
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use ct_io::SliceGeometry;

    use super::super::slice_ref::{Place, SliceKind};
    use super::*;

    #[test]
    fn the_files_of_a_series_in_one_folder_are_a_volume() {
        let slice = |name: &str, series: &str| SliceRef {
            place: Some(Place {
                series: series.to_owned(),
                geometry: SliceGeometry {
                    spacing_mm: (0.5, 0.5),
                    orientation: [1.0, 0.0, 0.0, 0.0, 1.0, 0.0],
                    position_mm: [0.0; 3],
                    thickness_mm: None,
                },
            }),
            ..SliceRef::file(name.into(), SliceKind::Dicom, 1, PathBuf::from(name))
        };
        let mut slices = vec![
            slice("a/1", "1.2"),
            slice("a/2", "1.2"),
            slice("b/1", "1.2"),
            slice("a/3", "../3"),
            slice("a/4", "../3"),
        ];
        name_volumes(&mut slices);
        let volumes = slices.iter().map(|slice| slice.volume.as_deref());
        let volumes: Vec<_> = volumes
            .map(|volume| volume.and_then(Path::to_str))
            .collect();
        let [of_a, odd] = [Some("a/series-1.2"), Some("a/series-..3")];
        assert_eq!(volumes, [of_a, of_a, Some("b/1"), odd, odd]);
    }
}
