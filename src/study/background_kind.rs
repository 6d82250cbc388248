use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// What masked parts show, as options say it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum BackgroundKind {
    /// A file: a slice in Hounsfield units of any format that slices have, a grey `.npy` of values from
    /// 0 to 1, or a tensor that is normalised already.
    File(PathBuf),
    /// `mean:PATH`: the mean of all slices in a folder or a file.
    Mean(PathBuf),
    /// `blur` or `blur:SIGMA`: the slice itself, blurred.
    Blur {
        /// Standard deviation of the Gaussian in pixels of the network's grid; 10 of 224 by default.
        sigma_px: Option<f64>,
    },
    /// `constant:HU`: the same everywhere.
    Constant {
        /// In Hounsfield units.
        hu: f32,
    },
}

impl BackgroundKind {
    /// The standard deviation of a blur where none is given, for this many rows: 10 pixels of 224, as
    /// Fong and Vedaldi (2017, "Interpretable explanations of black boxes by meaningful perturbation")
    /// blur photographs.
    pub fn default_sigma_px(n_rows: usize) -> f64 {
        n_rows as f64 * 10.0 / 224.0
    }
}

impl FromStr for BackgroundKind {
    type Err = String;

    /// A file whose name begins like one of the others is written with its folder: `./mean:a`.
    fn from_str(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("no file, mean:PATH, blur, blur:SIGMA or constant:HU".to_owned());
        }
        let of_number = |text: &str, what: &str| {
            let number = text.parse::<f64>().ok();
            number.ok_or_else(|| format!("{text:?} is no number of {what}"))
        };
        if text == "blur" {
            return Ok(Self::Blur { sigma_px: None });
        }
        match text.split_once(':') {
            Some(("mean", "")) => Err("mean: names no folder".to_owned()),
            Some(("mean", path)) => Ok(Self::Mean(path.into())),
            Some(("blur", sigma)) => match of_number(sigma, "pixels")? {
                sigma_px if (0.1..=1e3).contains(&sigma_px) => Ok(Self::Blur {
                    sigma_px: Some(sigma_px),
                }),
                sigma_px => Err(format!("a blur of {sigma_px} pixels, expected 0.1 to 1000")),
            },
            Some(("constant", hu)) => match of_number(hu, "Hounsfield units")? {
                hu if (-1e5..=1e5).contains(&hu) => Ok(Self::Constant { hu: hu as f32 }),
                hu => Err(format!("{hu} HU, expected -1e5 to 1e5")),
            },
            _ => Ok(Self::File(text.into())),
        }
    }
}

impl fmt::Display for BackgroundKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Mean(path) => write!(f, "mean:{}", path.display()),
            Self::Blur { sigma_px: None } => f.write_str("blur"),
            Self::Blur {
                sigma_px: Some(sigma_px),
            } => write!(f, "blur:{sigma_px}"),
            Self::Constant { hu } => write!(f, "constant:{hu}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        for text in [
            "a/b.npy",
            "mean:a:b",
            "blur",
            "blur:2.5",
            "constant:-1000",
            "./blur",
        ] {
            let kind: BackgroundKind = text.parse().expect(text);
            assert_eq!(kind.to_string(), text);
            assert_eq!(matches!(kind, BackgroundKind::File(_)), text.contains("/"));
        }
    }

    #[test]
    fn rejects_what_is_no_background() {
        for text in [
            "",
            "mean:",
            "blur:",
            "blur:0",
            "blur:nan",
            "constant:",
            "constant:1e9",
        ] {
            assert!(text.parse::<BackgroundKind>().is_err(), "{text:?}");
        }
    }
}
