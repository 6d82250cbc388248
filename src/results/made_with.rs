use serde_json::Value;

use super::settings_report::SettingsReport;
use crate::Error;
use crate::session::{Method, Origin, Session};

/// What results depend on beside their slice.
#[derive(Debug, Clone)]
pub struct MadeWith<'a> {
    pub(crate) weights: &'a Origin,
    pub(crate) background: &'a Origin,
    pub(crate) settings: SettingsReport,
}

impl<'a> MadeWith<'a> {
    /// What results of this session by this method depend on.
    pub fn of(session: &'a Session, method: &Method) -> Self {
        Self {
            weights: session.weights(),
            background: session.background(),
            settings: SettingsReport::of(session, method),
        }
    }

    /// What differs between a report and this run; what computed it and how fast does not count.
    pub(crate) fn difference(&self, report: &Value) -> Result<Option<String>, Error> {
        let mut settings = json(&self.settings)?;
        for free in ["engine", "device", "threads"] {
            settings[free] = report["settings"][free].clone();
        }
        if report["settings"] != settings {
            return Ok(Some(changed_settings(&report["settings"], &settings)));
        }
        let version = env!("CARGO_PKG_VERSION");
        let content = |origin: &Value| {
            let mut content = origin.clone();
            // Where a file lies says nothing of what is in it.
            if let Some(fields) = content.as_object_mut() {
                fields.remove("source");
            }
            content
        };
        let [weights, background] = [&report["weights"], &report["background"]].map(content);
        Ok(first_difference([
            ("weights", &weights, json(self.weights.content())?),
            ("background", &background, json(self.background.content())?),
            ("version", &report["version"], version.into()),
        ]))
    }
}

/// The first field that is not as wanted.
pub(crate) fn first_difference<const N: usize>(
    fields: [(&str, &Value, Value); N],
) -> Option<String> {
    let different = fields
        .into_iter()
        .find(|(_, found, wanted)| *found != wanted);
    different.map(|(what, found, wanted)| format!("{what} {found}, now {wanted}"))
}

/// The settings that differ, one by one.
fn changed_settings(found: &Value, wanted: &Value) -> String {
    let fields = wanted.as_object().into_iter().flatten();
    let changed = fields
        .filter(|(name, value)| found[name.as_str()] != **value)
        .map(|(name, value)| format!("{name} {}, now {value}", found[name.as_str()]));
    let changed: Vec<_> = changed.collect();
    match changed.is_empty() {
        true => "other settings".to_owned(),
        false => changed.join("; "),
    }
}

pub(crate) fn json(value: &impl serde::Serialize) -> Result<Value, Error> {
    serde_json::to_value(value).map_err(Error::other)
}
