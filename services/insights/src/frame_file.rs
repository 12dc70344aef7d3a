//! A coding frame as a file of data: TOML, so that a new version needs no new build.

use visits_core::{Fault, FieldViolation};

use crate::domain::frame::FrameContent;

/// The first coding frame, for the autumn term 2020.
pub const FIRST: &str = include_str!("../frames/2020-09.toml");

/// Reads a frame. Whatever is wrong with its form is said at once.
pub fn read(text: &str) -> Result<FrameContent, Fault> {
    let content: FrameContent = toml::from_str(text)
        .map_err(|error| Fault::invalid(vec![FieldViolation::new("file", error.to_string())]))?;
    let violations = content.violations();
    if violations.is_empty() {
        Ok(content)
    } else {
        Err(Fault::invalid(violations))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::frame::CodeKind;

    #[test]
    fn m1_the_first_frame_has_codes_of_each_kind_each_with_a_definition() {
        let frame = read(FIRST).expect("the first frame");
        assert_eq!(frame.version, "2020-09");
        for kind in CodeKind::ALL {
            assert!(
                frame.codes.iter().filter(|code| code.kind == kind).count() >= 8,
                "{kind:?}"
            );
        }
        for code in &frame.codes {
            assert!(!code.definition.is_empty(), "{}", code.code);
            assert!(
                code.code.starts_with(&code.kind.label().to_lowercase()),
                "{}",
                code.code
            );
        }
    }

    #[test]
    fn m5_no_code_of_the_first_frame_judges() {
        let lower = FIRST.to_lowercase();
        for grade in [
            "outstanding",
            "requires improvement",
            "inadequate",
            "good practice",
        ] {
            assert!(!lower.contains(grade), "{grade}");
        }
    }

    #[test]
    fn a_file_with_faults_says_them() {
        let fault = read("version = 3").expect_err("no frame");
        assert_eq!(fault.violations[0].field, "file");
        let text = FIRST.replace("theme-reading", "theme-attendance");
        let fault = read(&text).expect_err("a repeated code");
        assert!(fault.violations[0].description.contains("twice"));
    }
}
