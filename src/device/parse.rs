use std::str::FromStr;

use super::error::DeviceError;
use super::name::DeviceName;

impl FromStr for DeviceName {
    type Err = DeviceError;

    fn from_str(text: &str) -> Result<Self, DeviceError> {
        let unknown = || DeviceError::Unknown {
            name: text.to_owned(),
        };
        match text.to_ascii_lowercase().as_str() {
            "flex" => Ok(Self::Flex),
            "ndarray" => Ok(Self::Ndarray),
            "wgpu" => Ok(Self::Wgpu(None)),
            "auto" => Ok(Self::Auto),
            text => {
                let (kind, number) = text.split_once(':').ok_or_else(unknown)?;
                let name = match kind {
                    "wgpu" => number.parse().ok().map(|index| Self::Wgpu(Some(index))),
                    "remote" => number.parse().ok().map(Self::Remote),
                    _ => None,
                };
                name.ok_or_else(unknown)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for name in [
            DeviceName::Flex,
            DeviceName::Ndarray,
            DeviceName::Wgpu(None),
            DeviceName::Wgpu(Some(3)),
            DeviceName::Remote(3000),
            DeviceName::Auto,
        ] {
            let again: DeviceName = name.to_string().parse().expect("a name");
            assert_eq!(again, name);
        }
        assert_eq!("WGPU:0".parse().ok(), Some(DeviceName::Wgpu(Some(0))));
        for text in [
            "",
            "gpu",
            "wgpu:",
            "wgpu:-1",
            "wgpu:x",
            "remote:",
            "remote:70000",
            "cuda",
        ] {
            let error = text.parse::<DeviceName>().expect_err("no device");
            assert!(error.to_string().contains("flex, ndarray, wgpu"), "{error}");
        }
    }
}
