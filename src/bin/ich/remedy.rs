//! Which option cures an error.

use std::error::Error as StdError;

use ich::{Error, hshap, masked_cnn, message};

/// The error and its causes in one line, with the option that cures it, if one does.
pub(crate) fn with_remedy(error: &(dyn StdError + 'static)) -> String {
    let mut cause = Some(error);
    let mut found = None;
    while let Some(error) = cause
        && found.is_none()
    {
        found = error.downcast_ref().and_then(remedy);
        cause = error.source();
    }
    match found {
        Some(remedy) => format!("{}; {remedy}", message(error)),
        None => message(error),
    }
}

fn remedy(error: &Error) -> Option<&'static str> {
    Some(match error.innermost() {
        Error::NotOnGrid { reason, .. } if reason.can_be_forced() => {
            "--resample force takes the pixels to be square where their size is unknown, and the \
             slice to show a head from edge to edge; --resample never has the network see the slice \
             as it is"
        }
        Error::NotOnGrid { .. } => "--resample never has the network see the slice as it is",
        Error::EngineNotOnDevice { .. } => "leave one of --engine and --device out",
        Error::GreyBackground => "--background names its file",
        Error::NoLogits => "leave --explain logit out",
        Error::Explanation(hshap::Error::InvalidSetting {
            setting: "tolerance",
            ..
        }) => "leave --tolerance out, or give a --budget or a --time instead",
        Error::Explanation(hshap::Error::OtherRun { .. }) => {
            "--force without --resume explains it anew"
        }
        Error::ReplacesSlice => "use --out for another folder",
        Error::Exists { .. } => "use --force to replace it, or choose another place",
        Error::MadeOtherwise { .. } => "use --force to replace it, or --out for another folder",
        Error::TableInterrupted { .. } => "--resume goes on with them, --force begins anew",
        Error::TableMadeOtherwise { .. } => {
            "choose another table, or --force instead of --resume to begin anew"
        }
        Error::NotATable { .. } => "choose another table, or --force to begin anew",
        error if is_about_memory(error) => "--memory MIB says how much may be taken",
        _ => return None,
    })
}

fn is_about_memory(error: &Error) -> bool {
    use masked_cnn::Error::{MemoryBudget, MemoryLeft};
    let error = match error {
        Error::Engine(error) | Error::Explanation(hshap::Error::Network(error)) => error,
        _ => return false,
    };
    matches!(error, MemoryBudget { .. } | MemoryLeft { .. })
}
