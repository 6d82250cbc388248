//! What a file holds is told by its bytes.

use ct_io::{Content, Error, Foreign};
use test_kit::gzip;
use test_kit::random::Random;

fn dicom() -> Vec<u8> {
    [&[0; 128][..], b"DICM\x02\0\0\0UL\x04\0"].concat()
}

/// A header of 348 bytes with these last four.
fn nifti(magic: &[u8; 4], is_big: bool) -> Vec<u8> {
    let mut header = vec![0; 348];
    header[..4].copy_from_slice(&if is_big {
        348_i32.to_be_bytes()
    } else {
        348_i32.to_le_bytes()
    });
    header[344..].copy_from_slice(magic);
    header
}

/// The first file of a zip archive.
fn zip(name: &str) -> Vec<u8> {
    let length = (name.len() as u16).to_le_bytes();
    [
        &b"PK\x03\x04"[..],
        &[0; 22],
        &length,
        &[0; 2],
        name.as_bytes(),
        &[7; 40],
    ]
    .concat()
}

#[test]
fn what_is_read_is_told_by_its_first_bytes() {
    let npy = b"\x93NUMPY\x01\x00v\x00{'descr'".to_vec();
    let explicit = b"\x08\0\x05\0CS\x0a\0ISO_IR 100".to_vec();
    let implicit = b"\x08\0\x16\0\x1a\0\0\x001.2.840.10008.5.1.4.1.1.2\0".to_vec();
    let version_2 = [&540_i32.to_le_bytes()[..], b"n+2\0\r\n\x1a\n"].concat();
    for (name, bytes, expected) in [
        ("DICOM", dicom(), Content::Dicom),
        (
            "DICOM behind a PNG in its preamble",
            {
                let mut bytes = dicom();
                bytes[..8].copy_from_slice(b"\x89PNG\r\n\x1a\n");
                bytes
            },
            Content::Dicom,
        ),
        (
            "explicit without preamble",
            explicit.clone(),
            Content::Dicom,
        ),
        (
            "implicit without preamble",
            implicit.clone(),
            Content::Dicom,
        ),
        (
            "group 2 without preamble",
            b"\x02\0\0\0UL\x04\0\xc0\0\0\0".to_vec(),
            Content::Dicom,
        ),
        ("DICOM in gzip", gzip(&dicom()), Content::GzippedDicom),
        (
            "without preamble in gzip",
            gzip(&explicit),
            Content::GzippedDicom,
        ),
        ("NIfTI", nifti(b"n+1\0", false), Content::Nifti),
        ("big NIfTI", nifti(b"n+1\0", true), Content::Nifti),
        (
            "NIfTI in gzip",
            gzip(&nifti(b"n+1\0", false)),
            Content::Nifti,
        ),
        (
            "NIfTI cut short",
            nifti(b"n+1\0", false)[..300].to_vec(),
            Content::Nifti,
        ),
        (
            "NIfTI-2, which has an error of its own",
            version_2,
            Content::Nifti,
        ),
        ("npy", npy, Content::Npy),
    ] {
        assert_eq!(Content::of(&bytes), expected, "{name}");
    }
}

#[test]
fn what_is_not_read_is_named_with_a_remedy() {
    let mut tar = vec![b'x'; 512];
    tar[257..262].copy_from_slice(b"ustar");
    let bmp = b"BM\x36\x10\0\0\0\0\0\0\x36\0\0\0".to_vec();
    for (bytes, name, remedy) in [
        (b"".to_vec(), "an empty file", "again"),
        (vec![0; 512], "nothing but zeros", "again"),
        (
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(),
            "a PNG picture",
            "Hounsfield",
        ),
        (
            b"\xff\xd8\xff\xe0\0\x10JFIF".to_vec(),
            "a JPEG picture",
            "Hounsfield",
        ),
        (b"GIF89a\x01\0".to_vec(), "a GIF picture", "Hounsfield"),
        (bmp, "a BMP picture", "Hounsfield"),
        (b"II*\0\x08\0\0\0".to_vec(), "a TIFF picture", "Hounsfield"),
        (b"MM\0*\0\0\0\x08".to_vec(), "a TIFF picture", "Hounsfield"),
        (
            b"RIFF\x10\0\0\0WEBPVP8 ".to_vec(),
            "a WebP picture",
            "Hounsfield",
        ),
        (
            b"\0\0\0\x0cjP  \r\n\x87\n".to_vec(),
            "a JPEG 2000 picture",
            "DICOM",
        ),
        (
            zip("arr_0.npy"),
            "an .npz archive",
            "numpy.load(FILE)[NAME]",
        ),
        (zip("study/IM0001"), "an archive (zip)", "unpack"),
        (b"PK\x05\x06\0\0".to_vec(), "an archive (zip)", "unpack"),
        (b"7z\xbc\xaf\x27\x1c".to_vec(), "an archive (7z)", "unpack"),
        (b"\xfd7zXZ\0".to_vec(), "an archive (xz)", "unpack"),
        (tar.clone(), "an archive (tar)", "unpack"),
        (gzip(&tar), "a gzip file with neither", "gunzip"),
        (
            gzip(b"\x93NUMPY\x01\0"),
            "a gzip file with neither",
            "gunzip",
        ),
        (gzip(&gzip(&dicom())), "a gzip file with neither", "gunzip"),
        (
            gzip(b"neither nor")[..16].to_vec(),
            "a gzip file that is cut short",
            "again",
        ),
        (
            gzip(&dicom())[..12].to_vec(),
            "a gzip file that is cut short",
            "again",
        ),
        (gzip(b""), "a gzip file that is cut short", "again"),
        (
            b"NRRD0004\ntype: short".to_vec(),
            "an NRRD image",
            "SimpleITK",
        ),
        (
            b"ObjectType = Image\nNDims = 3\n".to_vec(),
            "a MetaImage",
            "SimpleITK",
        ),
        (b"NDims = 3\n".to_vec(), "a MetaImage", "SimpleITK"),
        (nifti(b"ni1\0", false), ".hdr/.img pair", "nibabel"),
        (nifti(b"\0\0\0\0", true), ".hdr/.img pair", "nibabel"),
        (gzip(&nifti(b"ni1\0", true)), ".hdr/.img pair", "nibabel"),
        (b"\x89HDF\r\n\x1a\n\0".to_vec(), "an HDF5 file", "h5py"),
        (
            b"MATLAB 7.3 MAT-file, Platform".to_vec(),
            "an HDF5 file",
            "h5py",
        ),
        (
            b"MATLAB 5.0 MAT-file, Platform".to_vec(),
            "a MATLAB file",
            "scipy",
        ),
        (
            b"\x80\x04\x95\x10\0\0\0".to_vec(),
            "a pickled object",
            "numpy.save",
        ),
        (b"\x80\x02}q\0".to_vec(), "a pickled object", "numpy.save"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n".to_vec(),
            "a Git LFS pointer",
            "git lfs pull",
        ),
        (
            b"\n<!DOCTYPE html>\n<html>".to_vec(),
            "a web page",
            "log in",
        ),
        (b"\xef\xbb\xbf<HTML><head>".to_vec(), "a web page", "log in"),
        (
            b"<?xml version=\"1.0\"?><a/>".to_vec(),
            "an XML file",
            "no image",
        ),
        (b"{\"a\": 1}".to_vec(), "a JSON file", "no image"),
        (b"ID,Label\nID_1,0\n".to_vec(), "a text", "no image"),
        (
            "Gr\u{f6}\u{df}e;1\r\n".repeat(400).into_bytes(),
            "a text",
            "no image",
        ),
        (b"%PDF-1.7\n".to_vec(), "a PDF document", "no image"),
        (
            b"\0\x05\x16\x07\0\x02\0\0Mac OS X".to_vec(),
            "an AppleDouble file",
            "macOS",
        ),
        (b"\0\0\0\x01Bud1\0\0".to_vec(), "a .DS_Store file", "macOS"),
        (
            vec![0xe8, 0x03, 0x18, 0xfc, 0x20, 0],
            "no known format",
            "raw",
        ),
        (dicom()[..130].to_vec(), "no known format", "raw"),
    ] {
        let bytes = &bytes[..bytes.len().min(Content::PREFIX_BYTES)];
        let Content::Other(found) = Content::of(bytes) else {
            panic!("{name} was taken for {:?}", Content::of(bytes));
        };
        let message = Error::Foreign { found }.to_string();
        for says in [
            name,
            remedy,
            "expected a DICOM file, NIfTI (.nii, .nii.gz) or .npy",
        ] {
            assert!(message.contains(says), "no {says:?} in: {message}");
        }
    }
}

#[test]
fn the_img_of_a_pair_is_known_by_the_hdr_beside_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let write = |name: &str, bytes: &[u8]| std::fs::write(path(name), bytes).expect("written");
    let raw = [0xe8, 0x03, 0x18, 0xfc];
    for (name, magic) in [("nifti", b"ni1\0"), ("analyze", b"\0\0\0\0")] {
        write(&format!("{name}.hdr"), &nifti(magic, false));
        write(&format!("{name}.img"), &raw);
        for ending in ["hdr", "img"] {
            let content = Content::read(path(&format!("{name}.{ending}"))).expect("a file");
            assert_eq!(content, Content::Other(Foreign::Pair), "{name}.{ending}");
        }
    }
    // Zeros are voxels of a pair too; a picture is a picture.
    write("nifti.img", &[0; 64]);
    assert_eq!(
        Content::read(path("nifti.img")).expect("a file"),
        Content::Other(Foreign::Pair)
    );
    write("nifti.img", b"GIF89a");
    let content = Content::read(path("nifti.img")).expect("a file");
    assert_eq!(content, Content::Other(Foreign::Picture("GIF")));
    write("alone.img", &raw);
    assert_eq!(
        Content::read(path("alone.img")).expect("a file"),
        Content::Other(Foreign::Unknown)
    );

    for name in ["none", ""] {
        let error = Content::read(path(name)).expect_err("no file");
        assert!(matches!(error, Error::File { .. }), "{error}");
    }
}

#[test]
fn no_bytes_make_it_panic() {
    let sources = [
        dicom(),
        gzip(&nifti(b"n+1\0", false)),
        zip("a.npy"),
        b"<html>\xc3\xa9".to_vec(),
    ];
    for seed in 0..2000 {
        let mut random = Random::new(seed);
        let mut bytes = sources[random.below(sources.len())].clone();
        random.damage(&mut bytes);
        let _ = Content::of(&bytes);
    }
}
