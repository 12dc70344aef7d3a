//! The call's script as versioned, effective-dated data (M8, M14).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use visits_core::civil::Date;
use visits_core::{Fault, Fields, Timestamp};

/// At most so many steps in a script.
const MOST_STEPS: usize = 50;

/// One version of the script.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallScript {
    /// The version: `2020-09-29`.
    pub version: String,
    /// The first call day on which it is used.
    pub effective_date: Date,
    /// What the inspector is told first (M16).
    pub notice: String,
    /// The steps, in the order of the script.
    pub steps: Vec<ScriptStep>,
    /// When it was imported.
    pub created_at: Timestamp,
}

/// One step of the script.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScriptStep {
    /// The step's code.
    pub code: String,
    /// What the step is about.
    pub title: String,
    /// The words that the inspector says.
    pub wording: String,
    /// Whether the call can't be completed without it.
    #[serde(default = "yes")]
    pub required: bool,
}

const fn yes() -> bool {
    true
}

/// The file that a script is imported from. A key that it doesn't know is refused, so that no
/// field of another kind can ride along (M16, M17).
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScriptFile {
    version: String,
    effective_date: String,
    notice: String,
    steps: Vec<ScriptStep>,
}

impl CallScript {
    /// Reads a script from its file, naming everything that is wrong with it.
    pub fn read(content: &str, now: Timestamp) -> Result<Self, Fault> {
        let mut fields = Fields::new();
        let file: ScriptFile = match toml::from_str(content) {
            Ok(file) => file,
            Err(error) => {
                fields.violate("content", format!("is not a script: {}", error.message()));
                return Err(fields
                    .finish()
                    .err()
                    .unwrap_or_else(|| Fault::invalid(vec![])));
            }
        };
        let version = fields.code(
            "content.version",
            &format!("callScripts/{}", file.version),
            "callScripts",
        );
        let effective_date = fields.date("content.effective_date", &file.effective_date);
        let notice = fields.text("content.notice", &file.notice, 1_000);
        if file.steps.is_empty() || file.steps.len() > MOST_STEPS {
            fields.violate("content.steps", "must be between 1 and 50");
        }
        let mut codes = BTreeSet::new();
        for (at, step) in file.steps.iter().enumerate() {
            fields.text(&format!("content.steps[{at}].code"), &step.code, 63);
            fields.text(&format!("content.steps[{at}].title"), &step.title, 200);
            fields.text(
                &format!("content.steps[{at}].wording"),
                &step.wording,
                4_000,
            );
            if !codes.insert(step.code.as_str()) {
                fields.violate(format!("content.steps[{at}].code"), "occurs twice");
            }
        }
        fields.finish()?;
        Ok(Self {
            version,
            effective_date,
            notice,
            steps: file.steps,
            created_at: now,
        })
    }

    /// Whether the script has a step of that code.
    #[must_use]
    pub fn has_step(&self, code: &str) -> bool {
        self.steps.iter().any(|step| step.code == code)
    }

    /// The codes of the required steps that `recorded` lacks, in the order of the script.
    #[must_use]
    pub fn missing(&self, recorded: &[String]) -> Vec<String> {
        self.steps
            .iter()
            .filter(|step| step.required && !recorded.contains(&step.code))
            .map(|step| step.code.clone())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m14_m16_the_first_script_reads_and_says_what_the_call_is_not() {
        let script = CallScript::read(crate::FIRST_CALL_SCRIPT, Timestamp::UNIX_EPOCH)
            .expect("the script that ships");
        assert!(
            script
                .notice
                .contains("not an educationally focused conversation")
        );
        assert!(script.has_step("system-of-controls"), "M15");
        assert!(script.has_step("home-time"), "M25");
        assert!(script.has_step("executive-leaders"), "M12");
        assert_eq!(script.missing(&[])[0], script.steps[0].code);
    }

    #[test]
    fn m16_m17_a_script_with_a_key_of_another_kind_is_refused() {
        let smuggled = format!("complaints = \"x\"\n{}", crate::FIRST_CALL_SCRIPT);
        let fault = CallScript::read(&smuggled, Timestamp::UNIX_EPOCH).expect_err("refused");
        assert_eq!(fault.violations[0].field, "content");
    }

    #[test]
    fn every_fault_of_a_script_is_named_at_once() {
        let fault = CallScript::read(
            "version = 'a b'\neffective_date = 'soon'\nnotice = ''\nsteps = []",
            Timestamp::UNIX_EPOCH,
        )
        .expect_err("four faults");
        assert_eq!(fault.violations.len(), 4);
    }
}
