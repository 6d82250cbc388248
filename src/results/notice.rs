/// Said in every report and on every figure.
pub const NOTICE: &str = "Research use only. Not a medical device, not for clinical use.";
