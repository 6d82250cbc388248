//! `ich devices`.

use std::process::ExitCode;

use ich::device::{DeviceError, OpenDevice, SELF_TEST_TOLERANCE, SelfTest, devices, self_test};
use serde::Serialize;

use crate::args::DevicesArgs;
use crate::console::print_line;

/// What is printed of a device.
#[derive(Serialize)]
struct Line {
    device: String,
    #[serde(flatten)]
    adapter: Option<AdapterLine>,
    /// Why it cannot be used.
    problem: Option<String>,
    #[serde(flatten)]
    self_test: Option<TestLine>,
}

#[derive(Serialize)]
struct AdapterLine {
    adapter: String,
    driver: String,
    api: String,
    is_software: bool,
    max_buffer_bytes: u64,
}

#[derive(Serialize)]
struct TestLine {
    /// From the probability that the CPU finds.
    difference: f32,
    seconds: f64,
    has_f16: bool,
}

/// Lists the devices; a failure where one is there and does not work, or none is.
pub(crate) fn run(args: &DevicesArgs) -> anyhow::Result<ExitCode> {
    let (mut n_good, mut n_bad) = (0, 0);
    for opened in devices() {
        let tested = opened.and_then(|open| {
            let tested = self_test(&open)?;
            Ok((open, tested))
        });
        let line = match &tested {
            Ok((open, tested)) => Line::of(open, tested),
            Err(error) => Line::without(error),
        };
        match &tested {
            Ok((_, tested)) if tested.difference <= SELF_TEST_TOLERANCE => n_good += 1,
            Err(DeviceError::NotInBuild { .. } | DeviceError::NoAdapter { .. }) => {}
            Ok(_) | Err(_) => n_bad += 1,
        }
        if args.json {
            print_line(serde_json::to_string(&line)?)?;
        } else {
            print_line(line)?;
        }
    }
    Ok(match (n_good, n_bad) {
        (1.., 0) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

impl Line {
    fn of(open: &OpenDevice, tested: &SelfTest) -> Self {
        let wrong = format!("off by more than {SELF_TEST_TOLERANCE:e}: do not use it for anything");
        Self {
            device: open.name.to_string(),
            adapter: open.adapter.as_ref().map(|adapter| AdapterLine {
                adapter: adapter.name.clone(),
                driver: adapter.driver.clone(),
                api: adapter.api.clone(),
                is_software: adapter.is_software,
                max_buffer_bytes: adapter.max_buffer_bytes,
            }),
            problem: (tested.difference > SELF_TEST_TOLERANCE).then_some(wrong),
            self_test: Some(TestLine {
                difference: tested.difference,
                seconds: tested.seconds,
                has_f16: tested.has_f16,
            }),
        }
    }

    fn without(error: &DeviceError) -> Self {
        let device = match error {
            DeviceError::NotInBuild { device, .. }
            | DeviceError::NoAdapter { device, .. }
            | DeviceError::Open { device, .. }
            | DeviceError::Failed { device, .. }
            | DeviceError::WrongAnswer { device, .. } => device.to_string(),
            _ => String::new(),
        };
        Self {
            device,
            adapter: None,
            problem: Some(error.to_string()),
            self_test: None,
        }
    }
}

impl std::fmt::Display for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.device)?;
        match &self.adapter {
            Some(adapter) => {
                let kind = match adapter.is_software {
                    true => "software",
                    false => "GPU",
                };
                write!(
                    f,
                    "\t{} ({kind}), {}, driver {}, buffers up to {} MiB",
                    adapter.adapter,
                    adapter.api,
                    adapter.driver,
                    adapter.max_buffer_bytes >> 20
                )?;
            }
            None if self.self_test.is_some() => write!(f, "\tCPU")?,
            None => {}
        }
        if let Some(tested) = &self.self_test {
            write!(
                f,
                "\tself-test: off by {:.1e}, {:.1} ms{}",
                tested.difference,
                1e3 * tested.seconds,
                match tested.has_f16 {
                    true => ", half precision",
                    false => "",
                }
            )?;
        }
        match &self.problem {
            Some(problem) => write!(f, "\t{problem}"),
            None => Ok(()),
        }
    }
}
