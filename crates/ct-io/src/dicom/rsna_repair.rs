/// What to do about files of the RSNA 2019 data whose 12-bit values hold negative numbers wrapped
/// around 4096: unsigned, 12 bits stored, an intercept above -100.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RsnaRepair {
    /// Leave them as they are.
    #[default]
    Off,
    /// Unwrap them: add 1000, subtract 4096 where that is reached, and use an intercept of -1000.
    On,
}
