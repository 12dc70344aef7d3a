//! Reads the TOML of a visit form.

use sha2::{Digest as _, Sha256};
use visits_core::{Fault, FieldViolation};

use crate::domain::VisitForm;
use crate::domain::form::FormFile;

/// The largest form that is read.
pub const MAX_BYTES: usize = 256 * 1024;

/// Reads and checks a form; every fault of it is named.
pub fn read(toml: &str) -> Result<VisitForm, Fault> {
    if toml.len() > MAX_BYTES {
        return Err(at_fault(format!(
            "has {} bytes; at most {MAX_BYTES} are read",
            toml.len()
        )));
    }
    let file: FormFile = toml::from_str(toml).map_err(|error| at_fault(error.to_string()))?;
    VisitForm::check(file).map_err(|faults| {
        Fault::invalid(
            faults
                .into_iter()
                .map(|fault| {
                    FieldViolation::new(format!("toml.{}", fault.field), fault.description)
                })
                .collect(),
        )
    })
}

fn at_fault(description: String) -> Fault {
    Fault::invalid(vec![FieldViolation::new("toml", description)])
}

/// SHA-256 of what a form says, in hex: comments and layout of its file don't count.
#[must_use]
pub fn digest(form: &VisitForm) -> String {
    // A form holds nothing that JSON can't.
    let said = serde_json::to_vec(form).unwrap_or_default();
    hex::encode(Sha256::digest(said))
}
