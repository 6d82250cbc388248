//! `ich labels`.

use ich::ct_labels::{Labels, Predictions, judge};

use crate::args::LabelsArgs;
use crate::console::print_line;
use crate::fault::Fault;
use crate::report::NOTICE;

pub(crate) fn run(args: &LabelsArgs) -> Result<(), Fault> {
    let mut labels = Labels::read(&args.labels)?;
    if args.unlisted_negative {
        labels = labels
            .with_unlisted_negative()
            .map_err(|error| Fault::in_file(&args.labels, error))?;
    }
    let predictions = Predictions::read(&args.predictions)?;
    let summary = judge(&labels, &predictions, args.threshold)?;
    if args.json {
        print_line(serde_json::to_string(&summary)?)
    } else {
        print_line(format_args!("{summary}\n{NOTICE}"))
    }
}
