use ct_io::{Error, NiftiEncoding, NiftiError, NiftiVolume};
use test_kit::bounded::{on_a_small_stack, within_a_gibibyte};
use test_kit::damage::damage_every_byte;
use test_kit::gzip;

use crate::volume::File;

/// Reads everything that can be read.
fn read(bytes: &[u8]) -> Result<(), Error> {
    let volume = NiftiVolume::from_bytes(bytes)?;
    for k in 0..volume.header().n_slices() {
        volume.slice(k)?;
    }
    volume
        .header()
        .blank_map()?
        .to_bytes(NiftiEncoding::Plain)?;
    Ok(())
}

fn changed(change: impl FnOnce(&mut File)) -> Vec<u8> {
    let mut file = File::small();
    change(&mut file);
    file.bytes()
}

/// Zeros that fill 2 GiB, in members of 64 MiB each.
fn bomb(header: &[u8]) -> Vec<u8> {
    let zeros = gzip(&vec![0; 64 << 20]);
    [gzip(header), zeros.repeat(32)].concat()
}

fn cut<const N: usize>(bytes: &[u8]) -> Vec<u8> {
    bytes[..bytes.len() - N].to_vec()
}

/// Files with what their errors must say.
fn files() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let good = File::small().bytes();
    let sides = |side| changed(|file| file.dim[1..4].fill(side));
    let rank = |rank| changed(|file| file.dim[0] = rank);
    let offset = |offset| changed(|file| file.vox_offset = offset);
    let datatype =
        |datatype, bitpix| changed(|file| (file.datatype, file.bitpix) = (datatype, bitpix));
    let qform = |quatern, pixdim| {
        changed(|file| {
            file.codes = [1, 0];
            file.quatern[..3].copy_from_slice(quatern);
            file.pixdim[1..4].copy_from_slice(pixdim);
        })
    };
    let float = |value: f32| {
        changed(|file| {
            (file.datatype, file.bitpix) = (16, 32);
            let values = (0..12).map(|index| if index == 7 { value } else { 0.0 });
            file.data = values.flat_map(f32::to_le_bytes).collect();
        })
    };
    let mut wrong_sum = gzip(&good);
    let end = wrong_sum.len();
    wrong_sum[end - 6] ^= 1;
    vec![
        ("empty", vec![], "0 bytes"),
        ("text", b"hello world\n".repeat(100), "field magic"),
        ("half a header", good[..200].to_vec(), "200 bytes"),
        (
            "header alone",
            good[..348].to_vec(),
            "0 bytes behind the header, expected 24",
        ),
        (
            "bad magic",
            changed(|file| file.magic = *b"xxxx"),
            "magic is \"xxxx\"",
        ),
        (
            "hdr without img",
            changed(|file| file.magic = *b"ni1\0")[..348].to_vec(),
            ".hdr/.img pair",
        ),
        ("NIfTI-2", changed(|file| file.sizeof_hdr = 540), "NIfTI-2"),
        (
            "big NIfTI-2",
            changed(|file| (file.is_big, file.sizeof_hdr) = (true, 540)),
            "NIfTI-2",
        ),
        (
            "sizeof_hdr",
            changed(|file| file.sizeof_hdr = 347),
            "sizeof_hdr is 347",
        ),
        ("rank 0", rank(0), "dim[0] is 0"),
        ("rank 1", rank(1), "dim[0] is 1"),
        (
            "rank 7, two of something",
            changed(|file| (file.dim[0], file.dim[6]) = (7, 2)),
            "dim[6] is 2, expected 1",
        ),
        (
            "rank 5, none of something",
            changed(|file| (file.dim[0], file.dim[5]) = (5, 0)),
            "dim[5] is 0, expected 1",
        ),
        (
            "a line",
            changed(|file| file.dim[..4].copy_from_slice(&[1, 12, 1, 1])),
            "dim[0] is 1",
        ),
        (
            "one sagittal plane",
            changed(|file| {
                file.dim[1..4].copy_from_slice(&[1, 4, 3]);
                file.data.truncate(24);
            }),
            "[1, 4, 3] voxels whose axes run to RAS, expected an axial slice",
        ),
        ("rank 8", rank(8), "dim[0] is 8"),
        ("rank -1", rank(-1), "dim[0] is -1"),
        (
            "rank of the other byte order",
            rank(0x0300),
            "dim[0] is 768",
        ),
        (
            "huge, rank 7",
            changed(|file| file.dim = [7, 32767, 32767, 32767, 32767, 32767, 32767, 32767]),
            "dim[1] is 32767",
        ),
        (
            "two volumes",
            changed(|file| (file.dim[0], file.dim[4]) = (4, 2)),
            "dim[4] is 2, expected 1",
        ),
        (
            "huge",
            sides(32767),
            "dim[1] is 32767, expected from 1 to 8192",
        ),
        ("8192 cubed", sides(8192), "549755813888 voxels"),
        (
            "just too many",
            changed(|file| file.dim[1..4].copy_from_slice(&[512, 512, 513])),
            "at most 134217728",
        ),
        (
            "negative side",
            changed(|file| file.dim[2] = -5),
            "dim[2] is -5",
        ),
        ("no slices", changed(|file| file.dim[3] = 0), "dim[3] is 0"),
        ("no datatype", datatype(0, 16), "datatype is 0"),
        ("complex", datatype(32, 64), "datatype is 32"),
        ("RGB", datatype(128, 24), "datatype is 128"),
        ("f128", datatype(1536, 128), "datatype is 1536"),
        (
            "u64 of 32 bits",
            datatype(1280, 32),
            "bitpix is 32, expected 64",
        ),
        ("unknown datatype", datatype(-7, 64), "datatype is -7"),
        ("bitpix 8", datatype(4, 8), "bitpix is 8, expected 16"),
        ("bitpix -16", datatype(4, -16), "bitpix is -16"),
        ("offset NaN", offset(f32::NAN), "vox_offset is NaN"),
        (
            "offset infinite",
            offset(f32::INFINITY),
            "vox_offset is inf",
        ),
        ("offset -1", offset(-1.0), "vox_offset is -1"),
        ("offset 0", offset(0.0), "vox_offset is 0"),
        (
            "offset within the header",
            offset(347.0),
            "vox_offset is 347",
        ),
        (
            "offset with a fraction",
            offset(352.5),
            "vox_offset is 352.5",
        ),
        ("offset 1e9", offset(1e9), "vox_offset is 1000000000"),
        (
            "offset beyond the file",
            offset(8192.0),
            "0 bytes behind the header",
        ),
        (
            "cut",
            cut::<1>(&good),
            "23 bytes behind the header, expected 24",
        ),
        (
            "large and short",
            sides(512),
            "24 bytes behind the header, expected 268435456",
        ),
        (
            "intercept NaN",
            changed(|file| file.scl[1] = f32::NAN),
            "scl_inter is NaN",
        ),
        (
            "affine NaN",
            changed(|file| file.srow[1][3] = f32::NAN),
            "srow_x, srow_y, srow_z: NaN",
        ),
        (
            "affine of zeros",
            changed(|file| file.srow = [[0.0; 4]; 3]),
            "voxels of [0.0, 0.0, 0.0] mm",
        ),
        (
            "parallel axes",
            changed(|file| {
                file.srow = [
                    [1.0, 1.0, 0.0, 0.0],
                    [0.0, 1e-4, 0.0, 0.0],
                    [0.0, 0.0, 1.0, 0.0],
                ]
            }),
            "in one plane",
        ),
        (
            "quaternion NaN",
            qform(&[f32::NAN, 0.0, 0.0], &[1.0; 3]),
            "quatern_b, quatern_c, quatern_d is NaN",
        ),
        (
            "long quaternion",
            qform(&[1.0, 1.0, 0.0], &[1.0; 3]),
            "quatern_b, quatern_c, quatern_d is 1, 1, 0",
        ),
        (
            "negative pixdim",
            qform(&[0.0; 3], &[1.0, -1.0, 1.0]),
            "pixdim[1..3] is 1, -1, 1",
        ),
        (
            "pixdim NaN",
            qform(&[0.0; 3], &[1.0, f32::NAN, 1.0]),
            "affine from the quaternion and pixdim",
        ),
        (
            "no pixdim",
            changed(|file| (file.codes, file.pixdim) = ([0, 0], [0.0; 8])),
            "affine from pixdim",
        ),
        (
            "unit of time",
            changed(|file| file.xyzt_units = 7),
            "xyzt_units is 7",
        ),
        (
            "slice NaN",
            changed(|file| {
                (file.datatype, file.bitpix) = (16, 32);
                let values = (0..12).map(|index| if index < 8 { 0.0 } else { f32::NAN });
                file.data = values.flat_map(f32::to_le_bytes).collect();
            }),
            "4 of the 6 pixels in the middle of the slice are no numbers (NaN)",
        ),
        (
            "voxel infinite",
            float(f32::NEG_INFINITY),
            "voxel [1, 0, 1] is -inf",
        ),
        (
            "voxel beyond f32",
            changed(|file| file.scl = [3e38, 3e38]),
            "voxel [2, 1, 0] is 2.1",
        ),
        ("cut gzip", cut::<12>(&gzip(&good)), "NIfTI data"),
        ("cut check sum", cut::<3>(&gzip(&good)), "NIfTI data"),
        ("wrong check sum", wrong_sum, "NIfTI data"),
        ("gzip of nothing", gzip(&[]), "0 bytes"),
        ("gzip in gzip", gzip(&gzip(&good)), "header alone has 348"),
        ("magic of gzip alone", b"\x1f\x8b".to_vec(), "NIfTI data"),
        (
            "bomb of 1024 cubed",
            bomb(&sides(1024)[..352]),
            "1073741824 voxels",
        ),
    ]
}

fn check_all() {
    for (name, bytes, says) in files() {
        let message = read(&bytes).expect_err(name).to_string();
        assert!(message.contains(says), "{name}: no {says:?} in: {message}");
    }
}

#[test]
fn every_malformed_file_is_an_error_that_names_what_is_wrong() {
    check_all();
}

#[test]
fn a_stack_of_2_mib_suffices() {
    on_a_small_stack(check_all);
}

#[cfg(unix)]
#[test]
fn a_gibibyte_of_address_space_suffices() {
    within_a_gibibyte("malformed::a_gibibyte_of_address_space_suffices", || {
        check_all();
        // All voxels that are accepted, of the largest type: true, but more than there is room for.
        let full = changed(|file| {
            file.dim[1..4].fill(512);
            (file.datatype, file.bitpix) = (64, 64);
        });
        let error = NiftiVolume::from_bytes(&bomb(&full[..352])).expect_err("no room");
        assert!(matches!(error, Error::Nifti(NiftiError::Io(_))), "{error}");
        // A volume for which there is room, but not for a map of it twice.
        let large = changed(|file| {
            file.dim[1..4].fill(512);
            (file.datatype, file.bitpix, file.data) = (2, 8, vec![0; 1 << 27]);
        });
        let error = read(&large).expect_err("no room for a map");
        assert!(matches!(error, Error::Nifti(NiftiError::Io(_))), "{error}");
    });
}

/// Any byte changed, any piece cut out: an answer or an error.
#[test]
fn damaged_files_are_an_answer_or_an_error() {
    let mut qform = File::small();
    qform.codes = [1, 0];
    for file in [
        File::small().bytes(),
        qform.bytes(),
        gzip(&File::small().bytes()),
    ] {
        assert!(read(&file).is_ok());
        damage_every_byte(&file, |bytes| drop(read(bytes)));
    }
}
