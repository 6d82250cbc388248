/// By what other tools know a file. UIDs are as the file has them, valid or not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Identity {
    /// `SOPInstanceUID`: the file.
    pub sop_instance_uid: Option<String>,
    /// `SeriesInstanceUID`: the series it belongs to.
    pub series_instance_uid: Option<String>,
    /// `StudyInstanceUID`: the study of the series.
    pub study_instance_uid: Option<String>,
    /// `InstanceNumber`.
    pub instance_number: Option<i64>,
}
