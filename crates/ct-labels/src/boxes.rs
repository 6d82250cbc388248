use std::collections::{BTreeMap, BTreeSet};

use crate::table::{Column, Table};
use crate::{Error, Label, Subtype};

/// The column that names the slice of a box.
pub(crate) const SOP_INSTANCE_UID: &str = "SOPInstanceUID";

/// The column of the kind of hemorrhage.
pub(crate) const LABEL_NAME: &str = "labelName";

/// Reads the slices of a table of boxes and what their boxes hold; the boxes themselves are not looked at.
pub(crate) fn read(
    table: &mut Table<'_>,
    sop_instance_uid: Column,
    label_name: Column,
    other_names: &mut BTreeSet<String>,
) -> Result<BTreeMap<String, Label>, Error> {
    let mut slices: BTreeMap<String, Label> = BTreeMap::new();
    while table.advance()?.is_some() {
        let name = table.field(label_name);
        let subtype = Subtype::from_name(name).unwrap_or_else(|| {
            if !name.is_empty() && !other_names.contains(name) {
                other_names.insert(name.to_owned());
            }
            Subtype::Any
        });
        let uid = table.name(sop_instance_uid)?;
        let label = slices.entry(uid.to_owned()).or_default();
        *label = label.with(subtype);
    }
    Ok(slices)
}
