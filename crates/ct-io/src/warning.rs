use std::fmt;

/// Something a user should know of a slice that was read all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    code: &'static str,
    text: String,
}

impl Warning {
    /// A warning by its code, which tables show, and a sentence, which messages do.
    ///
    /// Codes are words joined by hyphens, such as `surplus-pixel-data`.
    pub fn new(code: &'static str, text: impl Into<String>) -> Self {
        Self {
            code,
            text: text.into(),
        }
    }

    /// What the warning is about, in a word for tables and programs.
    pub fn code(&self) -> &'static str {
        self.code
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
