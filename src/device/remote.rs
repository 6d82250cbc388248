//! A device of another process on this machine, by Burn's remote backend over WebSocket.

use std::net::{Ipv4Addr, TcpListener};

use burn::tensor::Device;
use burn::tensor::remote::RemoteHost;
use burn::tensor::server::{RemoteServer, TokenAuthorizer, WebSocketTransport};

use super::error::DeviceError;
use super::name::DeviceName;
use super::open_device::OpenDevice;

/// The environment variable of the secret that server and client share.
pub const TOKEN_VARIABLE: &str = "ICH_TOKEN";

fn token() -> Result<String, String> {
    match std::env::var(TOKEN_VARIABLE) {
        Ok(token) if !token.is_empty() => Ok(token),
        _ => Err(format!(
            "the environment variable {TOKEN_VARIABLE} is not set; server and client need the same"
        )),
    }
}

/// Connects to the server on a port of this machine.
pub(super) fn open(port: u16) -> Result<OpenDevice, DeviceError> {
    let name = DeviceName::Remote(port);
    let failed = |problem| DeviceError::Open {
        device: name,
        problem,
    };
    let host = RemoteHost::websocket(&format!("ws://{}:{port}", Ipv4Addr::LOCALHOST))
        .with_credential(token().map_err(failed)?);
    let device = Device::remote_options(&host)
        .init()
        .map_err(|error| failed(error.to_string()))?;
    Ok(OpenDevice {
        device,
        name,
        adapter: None,
    })
}

/// Lets other processes of this machine compute on a device, until the process is told to end. What
/// they send is not encrypted, so nothing listens beyond the machine.
///
/// `port` 0 stands for any that is free; `begun` is told which it is.
///
/// # Errors
///
/// [`DeviceError::Serve`] where the port is taken, the token is missing or the server fails.
pub fn serve(open: &OpenDevice, port: u16, begun: impl FnOnce(u16)) -> Result<(), DeviceError> {
    let failed = |problem: String| DeviceError::Serve { port, problem };
    let token = token().map_err(failed)?;
    let authorizer = TokenAuthorizer::new(token).map_err(|error| failed(error.to_string()))?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .map_err(|error| failed(error.to_string()))?;
    let address = listener
        .local_addr()
        .map_err(|error| failed(error.to_string()))?;
    begun(address.port());
    RemoteServer::new([open.device.clone()])
        .with_authorizer(authorizer)
        .serve(WebSocketTransport::from_listener(listener))
        .map_err(|error| failed(error.to_string()))
}
