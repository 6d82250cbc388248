//! `ich labels`.

use anyhow::Context;
use ich::ct_labels::{Labels, Predictions, judge};
use ich::results::NOTICE;

use crate::args::LabelsArgs;
use crate::console::print_line;

pub(crate) fn run(args: &LabelsArgs) -> anyhow::Result<()> {
    let mut labels = Labels::read(&args.labels)?;
    if args.unlisted_negative {
        labels = labels
            .with_unlisted_negative()
            .with_context(|| args.labels.display().to_string())?;
    }
    let predictions = Predictions::read(&args.predictions)?;
    let summary = judge(&labels, &predictions, args.threshold)?;
    if args.json {
        print_line(serde_json::to_string(&summary)?)?;
    } else {
        print_line(format_args!("{summary}\n{NOTICE}"))?;
    }
    Ok(())
}
