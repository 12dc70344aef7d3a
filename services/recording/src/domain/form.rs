//! The visit form: the basic questions that every visit asks (M21), as versioned, effective-dated
//! data (M8). A version is never altered; a visit keeps the one that it began with.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use visits_core::FieldViolation;

use super::judgement;
use super::topic::Area;

/// The most questions that a form may have.
pub const MAX_QUESTIONS: usize = 200;

/// A version of the form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitForm {
    /// The version, as `2020-09`.
    pub version: String,
    /// A title for people.
    pub title: String,
    /// The first date on which visits begin with it.
    pub effective_from: Date,
    /// The questions, in the order of the form.
    pub questions: Vec<Question>,
}

/// One of the basic questions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// The code that answers refer to, as `ATT-1`.
    pub code: String,
    /// The discussion to which it belongs.
    pub area: Area,
    /// The question as asked.
    pub text: String,
    /// What may be probed with follow-ups.
    pub prompts: Vec<String>,
}

/// A form as its file has it, before anything was checked. Unknown keys are refused: a form that
/// brings something new, a grade for instance, has no place to put it (M5).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormFile {
    version: String,
    title: String,
    effective_from: String,
    #[serde(default, rename = "question")]
    questions: Vec<QuestionFile>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct QuestionFile {
    code: String,
    area: String,
    text: String,
    #[serde(default)]
    prompts: Vec<String>,
}

impl VisitForm {
    /// The question with that code.
    #[must_use]
    pub fn question(&self, code: &str) -> Option<&Question> {
        self.questions.iter().find(|question| question.code == code)
    }

    /// Checks a form's file: every fault at once, with its path.
    pub fn check(file: FormFile) -> Result<Self, Vec<FieldViolation>> {
        let mut faults = Faults::default();
        faults.code("version", &file.version, 32);
        faults.text("title", &file.title, 200);
        let effective_from = file.effective_from.parse().unwrap_or_else(|_| {
            faults.say("effective_from", "must be a date such as 2020-09-28");
            Date::ZERO
        });
        if file.questions.is_empty() || file.questions.len() > MAX_QUESTIONS {
            faults.say(
                "question",
                format!("1 to {MAX_QUESTIONS} questions are needed"),
            );
        }
        let mut codes = BTreeSet::new();
        let mut questions = Vec::with_capacity(file.questions.len());
        for (index, question) in file.questions.into_iter().enumerate() {
            let path = format!("question[{index}]");
            if !codes.insert(question.code.clone()) {
                faults.say(format!("{path}.code"), "is used by an earlier question");
            }
            questions.push(faults.question(&path, question));
        }
        faults.areas(&questions);
        if faults.0.is_empty() {
            Ok(Self {
                version: file.version,
                title: file.title,
                effective_from,
                questions: questions.into_iter().flatten().collect(),
            })
        } else {
            Err(faults.0)
        }
    }
}

#[derive(Default)]
struct Faults(Vec<FieldViolation>);

impl Faults {
    fn say(&mut self, path: impl Into<String>, description: impl Into<String>) {
        self.0.push(FieldViolation::new(path, description));
    }

    fn code(&mut self, path: &str, value: &str, max: usize) {
        let legal = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.';
        if value.is_empty() || value.len() > max || !value.bytes().all(legal) {
            self.say(
                path,
                format!("must be 1 to {max} letters, digits, dots or hyphens"),
            );
        }
    }

    fn text(&mut self, path: &str, value: &str, max: usize) {
        if value.trim().is_empty() || value.chars().count() > max {
            self.say(path, format!("must have 1 to {max} characters"));
        }
    }

    fn question(&mut self, path: &str, file: QuestionFile) -> Option<Question> {
        self.code(&format!("{path}.code"), &file.code, 16);
        self.text(&format!("{path}.text"), &file.text, 1_000);
        for (index, prompt) in file.prompts.iter().enumerate() {
            self.text(&format!("{path}.prompts[{index}]"), prompt, 200);
        }
        let graded = judgement::phrases_in(&file.text);
        if !graded.is_empty() {
            self.say(
                format!("{path}.text"),
                format!("states a graded judgement: {}", graded.join(", ")),
            );
        }
        let area = file.area.parse::<Area>();
        if let Err(unknown) = &area {
            let known = Area::ALL.map(Area::code).join(", ");
            self.say(format!("{path}.area"), format!("{unknown}; it has {known}"));
        }
        Some(Question {
            code: file.code,
            area: area.ok()?,
            text: file.text,
            prompts: file.prompts,
        })
    }

    /// Every topic of M20 must be asked about.
    fn areas(&mut self, questions: &[Option<Question>]) {
        for area in Area::ALL {
            if !questions.iter().flatten().any(|q| q.area == area) {
                self.say("question", format!("no question is about {}", area.code()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> FormFile {
        toml::from_str(text).expect("a form's file")
    }

    #[test]
    fn m9_m20_the_first_form_asks_about_every_topic_in_plain_words() {
        let form = VisitForm::check(file(crate::FIRST_FORM)).expect("a valid form");
        assert_eq!(form.version, "2020-09");
        assert!(form.questions.len() >= 20);
        for area in Area::ALL {
            let asked = form.questions.iter().filter(|q| q.area == area).count();
            assert!(asked >= 4, "{area:?}");
        }
        for topic in [
            "reading",
            "remote learning",
            "broad",
            "catch up",
            "returning",
            "priorities",
            "support from outside",
            "remember",
            "attend",
            "risks",
            "actions",
            "wellbeing",
        ] {
            assert!(
                form.questions.iter().any(|q| q.text.contains(topic)),
                "no question is about {topic}"
            );
        }
    }

    #[test]
    fn m7_m23_the_first_form_asks_for_no_document_and_no_lesson() {
        let form = VisitForm::check(file(crate::FIRST_FORM)).expect("a valid form");
        for question in &form.questions {
            let said = format!("{} {}", question.text, question.prompts.join(" ")).to_lowercase();
            for banned in [
                "document", "policies", "lesson", "observ", "show us", "evidence",
            ] {
                assert!(!said.contains(banned), "{}: {banned}", question.code);
            }
        }
    }

    #[test]
    fn m8_a_form_with_faults_names_them_all() {
        let faults = VisitForm::check(file(
            r#"
            version = "a b"
            title = ""
            effective_from = "soon"
            [[question]]
            code = "X-1"
            area = "lessons"
            text = "Is it true that the school is outstanding?"
            [[question]]
            code = "X-1"
            area = "curriculum"
            text = " "
            "#,
        ))
        .expect_err("faults");
        let paths: Vec<_> = faults.iter().map(|fault| fault.field.as_str()).collect();
        for path in [
            "version",
            "title",
            "effective_from",
            "question[0].text",
            "question[0].area",
            "question[1].code",
            "question[1].text",
            "question",
        ] {
            assert!(paths.contains(&path), "{path} in {paths:?}");
        }
    }

    #[test]
    fn m5_a_form_has_no_place_for_a_grade() {
        let with_grade = crate::FIRST_FORM.replace("title =", "grade = 2\ntitle =");
        assert!(toml::from_str::<FormFile>(&with_grade).is_err());
    }
}
