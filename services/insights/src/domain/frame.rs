//! Coding frames: versions that never change.
//!
//! | state × command | import, same content | import, other content |
//! |---|---|---|
//! | absent | imported | imported |
//! | imported | unchanged | refused: `CODING_FRAME_VERSION_TAKEN` |

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use visits_core::civil::Date;
use visits_core::{ErrorKind, FieldViolation, Refusal, Timestamp};

use super::{Context, Decision};

/// How many codes a frame may have: a coder must be able to hold it in view.
pub const MAX_CODES: usize = 200;

/// What kind of thing a code says about an answer (M1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CodeKind {
    /// What the answer is about.
    Theme,
    /// What stands in the school's way.
    Barrier,
    /// What the school does about it.
    Action,
    /// What help the school gets, or says that it needs.
    Support,
}

impl CodeKind {
    /// Every kind, in the order of tables.
    pub const ALL: [Self; 4] = [Self::Theme, Self::Barrier, Self::Action, Self::Support];

    /// The word in tables.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Theme => "Theme",
            Self::Barrier => "Barrier",
            Self::Action => "Action",
            Self::Support => "Support",
        }
    }
}

/// One code of a frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// Unique in its frame: lower case, digits and hyphens.
    pub code: String,
    /// What kind of code it is.
    pub kind: CodeKind,
    /// The words in tables.
    pub label: String,
    /// When the code applies and when it doesn't.
    #[serde(default)]
    pub definition: String,
}

/// What an import brings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrameContent {
    /// Year and month, with a letter after it if need be.
    pub version: String,
    /// What the frame is called in tables.
    pub title: String,
    /// The first day on which it is meant to be used.
    pub effective_date: Date,
    /// The codes in the order of tables.
    pub codes: Vec<Code>,
}

impl FrameContent {
    /// Everything that breaks a rule of form, each named by the field of the request.
    #[must_use]
    pub fn violations(&self) -> Vec<FieldViolation> {
        let mut found = Vec::new();
        let mut violate = |field: String, what: &str| found.push(FieldViolation::new(field, what));
        if !is_version(&self.version) {
            violate("version".into(), "must be such as 2020-09 or 2020-09b");
        }
        if self.codes.is_empty() || self.codes.len() > MAX_CODES {
            violate("codes".into(), "must hold 1 to 200 codes");
        }
        let mut seen = BTreeSet::new();
        for (index, code) in self.codes.iter().enumerate() {
            if !is_code(&code.code) {
                violate(
                    format!("codes[{index}].code"),
                    "must be lower case letters, digits and single hyphens, at most 63",
                );
            } else if !seen.insert(code.code.as_str()) {
                violate(format!("codes[{index}].code"), "occurs twice in the frame");
            }
            if code.label.trim().is_empty() || code.label.chars().count() > 120 {
                violate(
                    format!("codes[{index}].label"),
                    "must have 1 to 120 characters",
                );
            }
        }
        found
    }
}

fn is_version(text: &str) -> bool {
    let bytes = text.as_bytes();
    let month_ok = bytes.len() >= 7
        && bytes[..4].iter().all(u8::is_ascii_digit)
        && bytes[4] == b'-'
        && matches!(
            &text.as_bytes()[5..7],
            [b'0', b'1'..=b'9'] | [b'1', b'0'..=b'2']
        );
    month_ok && matches!(&bytes[7..], [] | [b'a'..=b'z'])
}

fn is_code(text: &str) -> bool {
    text.len() <= 63
        && text.split('-').all(|part| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
}

/// A version of the coding frame, as imported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// What was imported.
    pub content: FrameContent,
    /// Who imported it.
    pub importer: String,
    /// When.
    pub imported_at: Timestamp,
}

impl Frame {
    /// Whether the frame has this code.
    #[must_use]
    pub fn has(&self, code: &str) -> bool {
        self.content.codes.iter().any(|known| known.code == code)
    }
}

/// Why an import is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameRefusal {
    /// The version is there with other content; a frame never changes.
    #[error(
        "coding frame {version} is there already with other content; give the new content a \
         version of its own"
    )]
    VersionTaken {
        /// The version.
        version: String,
    },
}

impl Refusal for FrameRefusal {
    fn kind(&self) -> ErrorKind {
        ErrorKind::AlreadyExists
    }
    fn reason(&self) -> &'static str {
        "CODING_FRAME_VERSION_TAKEN"
    }
    fn metadata(&self) -> Vec<(&'static str, String)> {
        let Self::VersionTaken { version } = self;
        vec![("version", version.clone())]
    }
}

/// Decides an import.
pub fn decide(
    state: Option<&Frame>,
    import: &FrameContent,
    context: &Context,
) -> Result<Decision<Frame>, FrameRefusal> {
    match state {
        None => Ok(Decision::changed(Frame {
            content: import.clone(),
            importer: context.actor.principal.clone(),
            imported_at: context.now,
        })),
        Some(frame) if frame.content == *import => Ok(Decision::Unchanged),
        Some(_) => Err(FrameRefusal::VersionTaken {
            version: import.version.clone(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use visits_core::{Actor, Role, civil};

    fn context() -> Context {
        Context {
            now: "2020-09-28T09:00:00Z".parse().expect("instant"),
            actor: Actor::new("researcher-1", Role::Researcher),
        }
    }

    fn content(label: &str) -> FrameContent {
        FrameContent {
            version: "2020-09".into(),
            title: "Autumn term".into(),
            effective_date: civil::date(2020, 9, 29),
            codes: vec![Code {
                code: "theme-attendance".into(),
                kind: CodeKind::Theme,
                label: label.into(),
                definition: String::new(),
            }],
        }
    }

    #[test]
    fn every_state_of_a_frame_answers_every_import() {
        let imported = Frame {
            content: content("Attendance"),
            importer: "researcher-1".into(),
            imported_at: context().now,
        };
        let changed = Ok(Decision::changed(imported.clone()));
        let taken = Err(FrameRefusal::VersionTaken {
            version: "2020-09".into(),
        });
        let table = [
            (None, content("Attendance"), changed),
            (
                Some(&imported),
                content("Attendance"),
                Ok(Decision::Unchanged),
            ),
            (Some(&imported), content("Absence"), taken),
        ];
        for (state, import, expected) in table {
            assert_eq!(decide(state, &import, &context()), expected);
        }
    }

    #[test]
    fn every_field_of_a_frame_that_breaks_a_rule_is_named() {
        let mut frame = content("Attendance");
        assert_eq!(frame.violations(), []);
        frame.version = "2020-13".into();
        frame.codes.push(frame.codes[0].clone());
        frame.codes.push(Code {
            code: "Theme--X".into(),
            kind: CodeKind::Theme,
            label: " ".into(),
            definition: String::new(),
        });
        let fields: Vec<String> = frame.violations().into_iter().map(|v| v.field).collect();
        assert_eq!(
            fields,
            [
                "version",
                "codes[1].code",
                "codes[2].code",
                "codes[2].label"
            ]
        );
        frame.codes.clear();
        assert_eq!(frame.violations().len(), 2);
    }

    #[test]
    fn a_version_is_a_year_and_a_month_and_perhaps_a_letter() {
        for good in ["2020-09", "2020-12", "2021-01b"] {
            assert!(is_version(good), "{good}");
        }
        for bad in [
            "",
            "2020",
            "2020-00",
            "2020-13",
            "2020-9",
            "2020-09bb",
            "2020-09B",
            "v2020-09",
        ] {
            assert!(!is_version(bad), "{bad}");
        }
    }
}
