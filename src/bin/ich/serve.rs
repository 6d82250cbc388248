//! `ich serve`.

use ich::device;

use crate::console::print_line;
use crate::network_args::ServeArgs;

pub(crate) fn run(args: &ServeArgs) -> anyhow::Result<()> {
    let open = args.device.open()?;
    device::serve(&open, args.port, |port| {
        // A server serves, whether or not anybody reads where.
        drop(print_line(format_args!(
            "{} is remote:{port} to other processes",
            open.name
        )));
    })?;
    Ok(())
}
