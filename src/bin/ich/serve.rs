//! `ich serve`.

use ich::device;

use crate::args::ServeArgs;
use crate::fault::Fault;

pub(crate) fn run(args: &ServeArgs) -> Result<(), Fault> {
    let open = args.device.open()?;
    device::serve(&open, args.port, |port| {
        println!("{} is remote:{port} to other processes", open.name);
    })?;
    Ok(())
}
