//! Promises that say what a contract has no place for: M5, M7, M16, M17, M18, M23.

use super::{Contracts, Message, Named};
use crate::Finding;

/// A word that may stand in no name, and the promise that forbids it.
const NO_PLACE_FOR: &[(&str, &str)] = &[
    ("complaint", "M17"),
    ("complaints", "M17"),
    ("lesson", "M23"),
    ("lessons", "M23"),
    ("document", "M7"),
    ("documents", "M7"),
    ("attachment", "M7"),
    ("attachments", "M7"),
];
/// A visit has none of these (M5); only the previous inspection has.
const GRADES: &[&str] = &[
    "grade",
    "grades",
    "graded",
    "grading",
    "judgement",
    "rating",
    "score",
];
/// What the day-before call never asks about (M16).
const EDUCATION: &[&str] = &[
    "education",
    "curriculum",
    "teaching",
    "learning",
    "attainment",
];
/// The context pack holds exactly this (M18); what else it may carry says when it was frozen.
const CONTEXT_PACK: &[&str] = &[
    "previous_grade",
    "previous_report_uri",
    "idaci_quintile",
    "school_type",
    "phase",
    "pupils_on_roll",
];

/// Names that a promise forbids.
pub(super) fn check(contracts: &Contracts) -> Vec<Finding> {
    let mut findings = Vec::new();
    for named in declared(contracts) {
        findings.extend(forbidden_words(named));
        findings.extend(grades(named));
    }
    for (value, _) in contracts.enums.iter().flat_map(|declared| &declared.values) {
        findings.extend(forbidden_words(value));
    }
    for message in &contracts.messages {
        findings.extend(check_call(message));
        findings.extend(check_context_pack(message));
    }
    findings
}

/// Everything that has a name but the values of enums.
fn declared(contracts: &Contracts) -> impl Iterator<Item = &Named> {
    let messages = contracts.messages.iter().flat_map(|message| {
        let fields = message.fields.iter().map(|field| &field.named);
        std::iter::once(&message.named).chain(fields)
    });
    let enums = contracts.enums.iter().map(|declared| &declared.named);
    let rpcs = contracts.rpcs.iter().map(|rpc| &rpc.named);
    messages.chain(enums).chain(rpcs)
}

fn forbidden_words(named: &Named) -> Vec<Finding> {
    let words = words(&named.name);
    let forbidden = NO_PLACE_FOR
        .iter()
        .filter(|(word, _)| words.iter().any(|w| w == word));
    forbidden
        .map(|(word, promise)| {
            let what = format!(
                "{}: no contract has a place for a {word} ({promise})",
                named.name
            );
            Finding::new(&named.place, what)
        })
        .collect()
}

fn grades(named: &Named) -> Option<Finding> {
    let words = words(&named.name);
    let of_the_past = words.windows(2).any(|pair| pair == ["previous", "grade"]);
    let of_a_visit = words.iter().any(|word| GRADES.contains(&word.as_str()));
    (of_a_visit && !of_the_past).then(|| {
        Finding::new(
            &named.place,
            format!("{}: a visit has no grade (M5)", named.name),
        )
    })
}

/// `previous_grade`, `PREVIOUS_GRADE_GOOD` and `PreviousGrade` as their words in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut after_small = false;
    for c in name.chars() {
        let starts = c == '_' || c == '.' || (c.is_ascii_uppercase() && after_small);
        if starts {
            words.push(String::new());
        }
        if c.is_ascii_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.push(c.to_ascii_lowercase());
        }
        after_small = c.is_ascii_lowercase() || c.is_ascii_digit();
    }
    words
}

fn check_call(message: &Message) -> Vec<Finding> {
    let of_the_call = message.full_name.starts_with("ofsted.visits.scheduling.")
        && words(&message.named.name).iter().any(|word| word == "call");
    let fields = message.fields.iter().filter(|_| of_the_call);
    fields
        .filter(|field| {
            words(&field.named.name)
                .iter()
                .any(|w| EDUCATION.contains(&w.as_str()))
        })
        .map(|field| {
            let what = format!("{}: the call isn't about education (M16)", field.named.name);
            Finding::new(&field.named.place, what)
        })
        .collect()
}

fn check_context_pack(message: &Message) -> Vec<Finding> {
    if message.named.name != "ContextPack" {
        return Vec::new();
    }
    let may = |name: &str| CONTEXT_PACK.contains(&name) || name.ends_with("_time");
    let more = message
        .fields
        .iter()
        .filter(|field| !may(&field.named.name));
    let more = more.map(|field| {
        let what = format!("{}: isn't part of the context pack (M18)", field.named.name);
        Finding::new(&field.named.place, what)
    });
    let less = CONTEXT_PACK
        .iter()
        .filter(|name| message.field(name).is_none());
    let less = less.map(|name| {
        Finding::new(
            &message.named.place,
            format!("the context pack holds {name} (M18)"),
        )
    });
    more.chain(less).collect()
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    fn found(body: &str) -> usize {
        check(&sample("x.proto", body)).len()
    }

    #[test]
    fn m5_a_grade_of_a_visit_is_found_and_the_previous_one_is_not() {
        assert_eq!(found("message A { string grade = 1; }"), 1);
        assert_eq!(found("enum OverallGrade { OVERALL_UNSPECIFIED = 0; }"), 1);
        assert_eq!(
            found("message A { string previous_grade = 1; string upgrade = 2; }"),
            0
        );
        assert_eq!(
            found("enum PreviousGrade { PREVIOUS_GRADE_UNSPECIFIED = 0; }"),
            0
        );
    }

    #[test]
    fn m7_m17_m23_a_place_for_a_document_a_complaint_or_a_lesson_is_found() {
        assert_eq!(found("message A { string document_uri = 1; }"), 1);
        assert_eq!(found("message Complaint {}"), 1);
        assert_eq!(
            found("enum E { E_UNSPECIFIED = 0; E_LESSON_VISIT = 1; }"),
            1
        );
    }

    #[test]
    fn m18_a_context_pack_with_more_or_less_is_found() {
        assert_eq!(found("message ContextPack { string head_teacher = 1; }"), 7);
    }

    #[test]
    fn names_fall_into_words() {
        assert_eq!(words("Case.NfdDecision"), ["case", "nfd", "decision"]);
        assert_eq!(words("MODE_ON_SITE"), ["mode", "on", "site"]);
    }
}
