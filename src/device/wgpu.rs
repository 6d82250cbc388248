//! Graphics adapters, which a process can open only once.

use std::sync::LazyLock;

use burn::tensor::wgpu::WgpuInitError;
use burn::tensor::{Device, DeviceKind};

use super::error::DeviceError;
use super::name::DeviceName;
use super::open_device::{Adapter, OpenDevice};

/// More adapters of a kind than any machine has.
const MAX_OF_A_KIND: usize = 16;

/// All adapters that are there, GPUs first, in the order of their numbers.
pub(super) fn adapters() -> &'static [Result<OpenDevice, DeviceError>] {
    static ADAPTERS: LazyLock<Vec<Result<OpenDevice, DeviceError>>> = LazyLock::new(open_all);
    &ADAPTERS
}

/// The adapter of a number, or the first that works.
pub(super) fn open(index: Option<usize>) -> Result<OpenDevice, DeviceError> {
    let adapters = adapters();
    let chosen = match index {
        Some(index) => adapters.get(index),
        None => adapters
            .iter()
            .find(|opened| opened.is_ok())
            .or(adapters.first()),
    };
    chosen.cloned().unwrap_or_else(|| {
        Err(DeviceError::NoAdapter {
            device: DeviceName::Wgpu(index),
            found: adapters.len(),
        })
    })
}

fn open_all() -> Vec<Result<OpenDevice, DeviceError>> {
    let kinds: [fn(usize) -> DeviceKind; 4] = [
        DeviceKind::DiscreteGpu,
        DeviceKind::IntegratedGpu,
        DeviceKind::VirtualGpu,
        |_| DeviceKind::Cpu,
    ];
    let mut adapters = Vec::new();
    for kind in kinds {
        for number in 0..MAX_OF_A_KIND {
            let name = DeviceName::Wgpu(Some(adapters.len()));
            match open_kind(kind(number), name) {
                Ok(None) => break,
                Ok(Some(open)) => adapters.push(open.try_out()),
                Err(error) => adapters.push(Err(error)),
            }
            if kind(number) == DeviceKind::Cpu {
                break;
            }
        }
    }
    adapters
}

/// Opens an adapter, if there is one of the kind.
fn open_kind(kind: DeviceKind, name: DeviceName) -> Result<Option<OpenDevice>, DeviceError> {
    let is_software = kind == DeviceKind::Cpu;
    let options = Device::wgpu_options().device_kind(kind);
    let (device, setup) = match options.init_with_setup() {
        Ok(opened) => opened,
        Err(WgpuInitError::AdapterUnavailable { .. }) => return Ok(None),
        Err(error) => {
            return Err(DeviceError::Open {
                device: name,
                problem: error.to_string(),
            });
        }
    };
    let info = setup.adapter.get_info();
    let limits = setup.device.limits();
    let driver = format!("{} {}", info.driver, info.driver_info);
    Ok(Some(OpenDevice {
        device,
        name,
        adapter: Some(Adapter {
            name: info.name,
            driver: driver.trim().to_owned(),
            api: info.backend.to_string(),
            is_software,
            max_buffer_bytes: limits
                .max_buffer_size
                .min(limits.max_storage_buffer_binding_size),
        }),
    }))
}
