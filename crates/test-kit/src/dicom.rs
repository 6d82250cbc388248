//! Bytes of DICOM files, written element by element (PS3.5, 7.1; PS3.10, 7.1).

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// Implicit VR, little endian.
    Implicit,
    /// Explicit VR, little endian.
    Explicit,
    /// Explicit VR, big endian.
    BigEndian,
    /// Run-length encoded pixels.
    Rle,
    /// Any other, by its UID; written as explicit little endian.
    Other(&'static str),
}

impl Syntax {
    fn uid(self) -> &'static str {
        match self {
            Syntax::Implicit => "1.2.840.10008.1.2",
            Syntax::Explicit => "1.2.840.10008.1.2.1",
            Syntax::BigEndian => "1.2.840.10008.1.2.2",
            Syntax::Rle => "1.2.840.10008.1.2.5",
            Syntax::Other(uid) => uid,
        }
    }
}

/// Elements of a data set, in the order of their tags.
#[derive(Debug, Clone)]
pub struct DataSet {
    syntax: Syntax,
    elements: Vec<(u16, u16, &'static str, Vec<u8>)>,
}

impl DataSet {
    /// No elements.
    pub fn empty(syntax: Syntax) -> Self {
        Self {
            syntax,
            elements: Vec::new(),
        }
    }

    /// A CT image of 2 x 3 signed pixels of 16 bits, without pixel data.
    pub fn ct(syntax: Syntax) -> Self {
        Self::empty(syntax)
            .text(0x0008, 0x0018, "UI", "ID_fb8152b48")
            .text(0x0008, 0x0060, "CS", "CT")
            .short(0x0028, 0x0002, 1)
            .text(0x0028, 0x0004, "CS", "MONOCHROME2")
            .short(0x0028, 0x0010, 2)
            .short(0x0028, 0x0011, 3)
            .short(0x0028, 0x0100, 16)
            .bits(16, 1)
            .text(0x0028, 0x1052, "DS", "-1024")
            .text(0x0028, 0x1053, "DS", "1")
    }

    /// Text, padded to an even length.
    pub fn text(self, group: u16, element: u16, vr: &'static str, text: &str) -> Self {
        let mut bytes = text.as_bytes().to_vec();
        if bytes.len() % 2 == 1 {
            bytes.push(if vr == "UI" { 0 } else { b' ' });
        }
        self.with(group, element, vr, bytes)
    }

    /// An unsigned number of 16 bits.
    pub fn short(self, group: u16, element: u16, value: u16) -> Self {
        let bytes = self.words(&[value]);
        self.with(group, element, "US", bytes)
    }

    /// Bits stored, the high bit below them, and the sign.
    pub fn bits(self, stored: u16, representation: u16) -> Self {
        self.short(0x0028, 0x0101, stored)
            .short(0x0028, 0x0102, stored.wrapping_sub(1))
            .short(0x0028, 0x0103, representation)
    }

    /// Pixel data that are not compressed.
    pub fn pixels(self, values: &[u16]) -> Self {
        let bytes = self.words(values);
        self.with(0x7fe0, 0x0010, "OW", bytes)
    }

    /// Compressed frames, each one fragment.
    pub fn fragments(self, frames: &[&[u8]]) -> Self {
        self.encapsulated(&[], frames)
    }

    /// Compressed frames in fragments, and a basic offset table, which may be empty.
    pub fn encapsulated(self, offsets: &[u32], fragments: &[&[u8]]) -> Self {
        let item = |bytes: &[u8]| {
            let length = (bytes.len() as u32).to_le_bytes();
            [&[0xfe, 0xff, 0x00, 0xe0], &length[..], bytes].concat()
        };
        let table: Vec<u8> = offsets
            .iter()
            .flat_map(|offset| offset.to_le_bytes())
            .collect();
        let mut bytes = item(&table);
        for fragment in fragments {
            bytes.extend(item(fragment));
        }
        bytes.extend([0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0]);
        self.with(0x7fe0, 0x0010, "OB", bytes)
    }

    /// A sequence of items, which are written in the same syntax.
    pub fn sequence(self, group: u16, element: u16, items: &[DataSet]) -> Self {
        let bytes = self.items(items);
        self.with(group, element, "SQ", bytes)
    }

    /// A sequence whose representation is unknown: its items are written in implicit little endian
    /// (PS3.5, 6.2.2), or however they say.
    pub fn unknown_sequence(self, group: u16, element: u16, items: &[DataSet]) -> Self {
        let bytes = Self::empty(Syntax::Implicit).items(items);
        self.with(group, element, "UN", bytes)
    }

    fn items(&self, items: &[DataSet]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for item in items {
            let inner = item.data_set();
            bytes.extend(self.words(&[0xfffe, 0xe000]));
            bytes.extend(self.long(inner.len() as u32));
            bytes.extend(inner);
        }
        bytes
    }

    /// The same elements, all of unknown representation.
    pub fn all_unknown(mut self) -> Self {
        for (.., vr, _) in &mut self.elements {
            *vr = "UN";
        }
        self
    }

    /// Sets an element, in place of one of the same tag. An empty representation is left out, as in
    /// implicit files.
    pub fn with(mut self, group: u16, element: u16, vr: &'static str, bytes: Vec<u8>) -> Self {
        self.elements
            .retain(|(g, e, ..)| (*g, *e) != (group, element));
        self.elements.push((group, element, vr, bytes));
        self.elements.sort_by_key(|(g, e, ..)| (*g, *e));
        self
    }

    /// Leaves an element out.
    pub fn without(mut self, group: u16, element: u16) -> Self {
        self.elements
            .retain(|(g, e, ..)| (*g, *e) != (group, element));
        self
    }

    /// The whole file.
    pub fn file(&self) -> Vec<u8> {
        self.file_with(&self.meta())
    }

    /// The whole file, its group 2 not its own.
    pub fn file_with(&self, meta: &DataSet) -> Vec<u8> {
        [&[0; 128][..], b"DICM", &meta.data_set(), &self.data_set()].concat()
    }

    /// The elements of group 2, with their length.
    pub fn meta(&self) -> DataSet {
        let meta = self.meta_without_length();
        let length = meta.data_set().len() as u32;
        meta.with(2, 0, "UL", length.to_le_bytes().to_vec())
    }

    /// The elements of group 2 but their length.
    pub fn meta_without_length(&self) -> DataSet {
        Self::empty(Syntax::Explicit)
            .text(2, 2, "UI", "1.2.840.10008.5.1.4.1.1.2")
            .text(2, 3, "UI", "1.2.3")
            .text(2, 0x10, "UI", self.syntax.uid())
    }

    /// The elements alone.
    pub fn data_set(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (group, element, vr, value) in &self.elements {
            let is_encapsulated = (*group, *vr) == (0x7fe0, "OB");
            let length = if is_encapsulated {
                u32::MAX
            } else {
                value.len() as u32
            };
            bytes.extend(self.words(&[*group, *element]));
            if self.syntax == Syntax::Implicit || vr.is_empty() {
                bytes.extend(self.long(length));
            } else {
                bytes.extend(vr.as_bytes());
                if matches!(*vr, "OB" | "OV" | "OW" | "SQ" | "UN" | "ob") {
                    bytes.extend([0, 0]);
                    bytes.extend(self.long(length));
                } else {
                    bytes.extend(self.words(&[length as u16]));
                }
            }
            bytes.extend(value);
        }
        bytes
    }

    fn words(&self, words: &[u16]) -> Vec<u8> {
        let bytes = words.iter().map(|word| match self.syntax {
            Syntax::BigEndian => word.to_be_bytes(),
            _ => word.to_le_bytes(),
        });
        bytes.flatten().collect()
    }

    fn long(&self, long: u32) -> [u8; 4] {
        match self.syntax {
            Syntax::BigEndian => long.to_be_bytes(),
            _ => long.to_le_bytes(),
        }
    }
}
