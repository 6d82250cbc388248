use serde_json::Value;

use super::settings_report::SettingsReport;
use crate::Error;
use crate::session::{Method, Origin, Session};

/// What results depend on beside their slice.
#[derive(Debug, Clone)]
pub struct MadeWith<'a> {
    pub(crate) weights: &'a Origin,
    pub(crate) backgrounds: &'a [Origin],
    pub(crate) settings: SettingsReport,
}

impl<'a> MadeWith<'a> {
    /// What results of this session by this method depend on.
    pub fn of(session: &'a Session, method: &Method) -> Self {
        Self {
            weights: session.weights(),
            backgrounds: session.backgrounds(),
            settings: SettingsReport::of(session, method),
        }
    }

    /// What differs between a report and this run; what computed it, how fast, and when it was to end do
    /// not count.
    pub(crate) fn difference(&self, report: &Value) -> Result<Option<String>, Error> {
        let free = ["engine", "device", "threads"];
        let stop = ["tolerance", "budget", "time_limit_s"];
        let deciding = |settings: &Value| without(settings, &[free, stop].concat());
        let (found, wanted) = (
            deciding(&report["settings"]),
            deciding(&json(&self.settings)?),
        );
        if found != wanted {
            return Ok(Some(changed_settings(&found, &wanted)));
        }
        let version = env!("CARGO_PKG_VERSION");
        // Where a file lies says nothing of what is in it.
        let content = |origin: &Value| without(origin, &["source"]);
        let weights = content(&report["weights"]);
        let backgrounds = report["backgrounds"].as_array();
        let backgrounds: Value = backgrounds.into_iter().flatten().map(content).collect();
        let own = self.backgrounds.iter().map(|origin| json(origin.content()));
        let own: Value = own.collect::<Result<_, _>>()?;
        Ok(first_difference([
            ("weights", &weights, json(self.weights.content())?),
            ("backgrounds", &backgrounds, own),
            ("version", &report["version"], version.into()),
        ]))
    }

    /// Whether the explanation of a report went as far as this run would.
    pub(crate) fn is_far_enough(&self, report: &Value) -> bool {
        let Some(unexplored) = report.get("unexplored") else {
            return true;
        };
        let bound = unexplored["relative_bound"].as_f64();
        if bound.is_some_and(|bound| bound <= self.settings.tolerance) {
            return true;
        }
        let (limit, own) = match unexplored["ended_by"].as_str() {
            Some("evaluations") => ("budget", self.settings.budget.map(Value::from)),
            Some("time") => ("time_limit_s", self.settings.time_limit_s.map(Value::from)),
            _ => return false,
        };
        report["settings"].get(limit) == own.as_ref()
    }
}

/// An object without some of its fields.
fn without(object: &Value, names: &[&str]) -> Value {
    let mut object = object.clone();
    if let Some(fields) = object.as_object_mut() {
        for name in names {
            fields.remove(*name);
        }
    }
    object
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
