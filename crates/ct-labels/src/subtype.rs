use serde::Serialize;

/// A kind of hemorrhage, as the RSNA 2019 challenge divides them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Subtype {
    /// A hemorrhage of whatever kind.
    Any,
    /// Between skull and dura.
    Epidural,
    /// In the tissue of the brain.
    Intraparenchymal,
    /// In the ventricles.
    Intraventricular,
    /// Below the arachnoid.
    Subarachnoid,
    /// Below the dura.
    Subdural,
}

impl Subtype {
    /// All of them, [`Any`](Subtype::Any) first.
    pub const ALL: [Subtype; 6] = [
        Subtype::Any,
        Subtype::Epidural,
        Subtype::Intraparenchymal,
        Subtype::Intraventricular,
        Subtype::Subarachnoid,
        Subtype::Subdural,
    ];

    /// The name in RSNA tables, in lower case.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Subtype::Any => "any",
            Subtype::Epidural => "epidural",
            Subtype::Intraparenchymal => "intraparenchymal",
            Subtype::Intraventricular => "intraventricular",
            Subtype::Subarachnoid => "subarachnoid",
            Subtype::Subdural => "subdural",
        }
    }

    /// The subtype of a name, in whatever case.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Subtype> {
        Subtype::ALL
            .into_iter()
            .find(|subtype| subtype.name().eq_ignore_ascii_case(name))
    }

    fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// What was found in one slice: a set of [`Subtype`]s, in which every kind brings
/// [`Any`](Subtype::Any) with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Label {
    bits: u8,
}

impl Label {
    /// No hemorrhage.
    pub const NEGATIVE: Label = Label { bits: 0 };

    /// The label with a subtype more.
    #[must_use]
    pub fn with(self, subtype: Subtype) -> Label {
        Label {
            bits: self.bits | subtype.bit() | Subtype::Any.bit(),
        }
    }

    /// Whether the subtype was found; a table that does not speak of it says no.
    #[must_use]
    pub fn has(self, subtype: Subtype) -> bool {
        self.bits & subtype.bit() != 0
    }

    /// Whether a hemorrhage of whatever kind was found.
    #[must_use]
    pub fn is_positive(self) -> bool {
        self.has(Subtype::Any)
    }
}
