/// Sides of the test volume along the patient's axes: to the right, to the front, to the head.
pub(crate) const SIDES: [usize; 3] = [5, 4, 3];

/// Distances between voxels along these axes.
pub(crate) const SPACING_MM: [f32; 3] = [0.5, 0.75, 5.0];

/// The value at a place of the test volume, by its indices along the patient's axes.
pub(crate) fn value_at([x, y, z]: [usize; 3]) -> i16 {
    (100 * z + 10 * y + x) as i16
}

/// A file to be: the fields of its header under their names in the standard.
#[derive(Debug, Clone)]
pub(crate) struct File {
    pub(crate) is_big: bool,
    pub(crate) sizeof_hdr: i32,
    pub(crate) dim: [i16; 8],
    pub(crate) datatype: i16,
    pub(crate) bitpix: i16,
    pub(crate) pixdim: [f32; 8],
    pub(crate) vox_offset: f32,
    pub(crate) scl: [f32; 2],
    pub(crate) xyzt_units: u8,
    /// `qform_code` and `sform_code`.
    pub(crate) codes: [i16; 2],
    /// `quatern_b` to `quatern_z`.
    pub(crate) quatern: [f32; 6],
    pub(crate) srow: [[f32; 4]; 3],
    pub(crate) magic: [u8; 4],
    /// Voxels, in the byte order of the file.
    pub(crate) data: Vec<u8>,
}

impl File {
    /// 3 x 2 x 2 voxels of `i16`, 1 to 12, on the patient's axes.
    pub(crate) fn small() -> Self {
        Self {
            is_big: false,
            sizeof_hdr: 348,
            dim: [3, 3, 2, 2, 1, 1, 1, 1],
            datatype: 4,
            bitpix: 16,
            pixdim: [1.0; 8],
            vox_offset: 352.0,
            scl: [1.0, 0.0],
            xyzt_units: 2,
            codes: [0, 1],
            quatern: [0.0; 6],
            srow: [
                [1.0, 0.0, 0.0, 0.0],
                [0.0, 1.0, 0.0, 0.0],
                [0.0, 0.0, 1.0, 0.0],
            ],
            magic: *b"n+1\0",
            data: (1..=12_i16).flat_map(i16::to_le_bytes).collect(),
        }
    }

    /// The test volume with the patient's axes in another order, axis `a` of the voxels being
    /// `axes[a]` of the patient, and some of them reversed.
    pub(crate) fn oriented(axes: [usize; 3], is_reversed: [bool; 3]) -> Self {
        let mut file = Self::small();
        let sides = axes.map(|patient| SIDES[patient]);
        file.srow = [[0.0; 4]; 3];
        for axis in 0..3 {
            let (patient, step) = (axes[axis], SPACING_MM[axes[axis]]);
            file.dim[axis + 1] = sides[axis] as i16;
            file.pixdim[axis + 1] = step;
            file.srow[patient][axis] = if is_reversed[axis] { -step } else { step };
            // The place of index 0 along the patient's axis is 0, wherever it is stored.
            file.srow[patient][3] = if is_reversed[axis] {
                step * (sides[axis] - 1) as f32
            } else {
                0.0
            };
        }
        file.data.clear();
        for k in 0..sides[2] {
            for j in 0..sides[1] {
                for i in 0..sides[0] {
                    let mut place = [0; 3];
                    for (axis, index) in [i, j, k].into_iter().enumerate() {
                        place[axes[axis]] = if is_reversed[axis] {
                            sides[axis] - 1 - index
                        } else {
                            index
                        };
                    }
                    file.data.extend(value_at(place).to_le_bytes());
                }
            }
        }
        file
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.header();
        let start = if self.vox_offset.is_finite() {
            self.vox_offset as usize
        } else {
            352
        };
        bytes.resize(start.clamp(352, 4096), 0);
        bytes.extend(&self.data);
        bytes
    }

    pub(crate) fn header(&self) -> Vec<u8> {
        let mut header = vec![0; 348];
        self.put(&mut header, 0, self.sizeof_hdr.to_le_bytes());
        self.shorts(&mut header, 40, &self.dim);
        self.shorts(&mut header, 70, &[self.datatype, self.bitpix]);
        self.floats(&mut header, 76, &self.pixdim);
        self.floats(&mut header, 108, &[self.vox_offset]);
        self.floats(&mut header, 112, &self.scl);
        header[123] = self.xyzt_units;
        header[148..155].copy_from_slice(b"DOE^JIM");
        self.shorts(&mut header, 252, &self.codes);
        self.floats(&mut header, 256, &self.quatern);
        self.floats(&mut header, 280, self.srow.as_flattened());
        header[344..].copy_from_slice(&self.magic);
        header
    }

    fn shorts(&self, header: &mut [u8], at: usize, numbers: &[i16]) {
        for (index, number) in numbers.iter().enumerate() {
            self.put(header, at + 2 * index, number.to_le_bytes());
        }
    }

    fn floats(&self, header: &mut [u8], at: usize, numbers: &[f32]) {
        for (index, number) in numbers.iter().enumerate() {
            self.put(header, at + 4 * index, number.to_le_bytes());
        }
    }

    fn put<const N: usize>(&self, header: &mut [u8], at: usize, mut bytes: [u8; N]) {
        if self.is_big {
            bytes.reverse();
        }
        header[at..at + N].copy_from_slice(&bytes);
    }
}

/// All orders of three axes and all reversals of them.
pub(crate) fn orientations() -> impl Iterator<Item = ([usize; 3], [bool; 3])> {
    let orders = [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ];
    orders.into_iter().flat_map(|order| {
        (0..8).map(move |bits| (order, [0, 1, 2].map(|axis| bits >> axis & 1 == 1)))
    })
}
