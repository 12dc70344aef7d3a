//! Finds graded judgements in free text (M5): a visit has none, so notes that state one are
//! flagged for the writer to look at. The lists are short and literal on purpose: a flag costs a
//! glance, and a person decides.

/// Phrases that grade by themselves.
const PHRASES: [&str; 14] = [
    "requires improvement",
    "require improvement",
    "special measures",
    "serious weaknesses",
    "good or better",
    "less than good",
    "outstanding school",
    "good school",
    "inadequate",
    "strong school",
    "weak school",
    "failing school",
    "poor school",
    "overall effectiveness",
];

/// What a judgement is about.
const SUBJECTS: [&str; 14] = [
    "school",
    "academy",
    "provision",
    "leadership",
    "management",
    "teaching",
    "curriculum",
    "education",
    "behaviour",
    "attitudes",
    "attendance",
    "development",
    "safeguarding",
    "governance",
];

/// The words between a subject and its grade.
const LINKS: [&str; 5] = ["is", "are", "was", "were", "remains"];

/// Words that may stand before the grade without changing what it is.
const SOFTENERS: [&str; 10] = [
    "very", "now", "still", "truly", "clearly", "not", "judged", "rated", "to", "be",
];

/// Words that grade when they follow a subject.
const GRADES: [&str; 9] = [
    "outstanding",
    "good",
    "inadequate",
    "excellent",
    "poor",
    "weak",
    "strong",
    "effective",
    "ineffective",
];

fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// The phrases of `text` that state a graded judgement, in the order of the text, each once.
#[must_use]
pub fn phrases_in(text: &str) -> Vec<String> {
    let words = words(text);
    let mut found: Vec<String> = Vec::new();
    for start in 0..words.len() {
        let rest = &words[start..];
        for length in [literal(rest), sentence(rest)].into_iter().flatten() {
            let phrase = rest[..length].join(" ");
            if !found.contains(&phrase) {
                found.push(phrase);
            }
        }
    }
    found
}

/// How many words at the head of `words` are one of [`PHRASES`].
fn literal(words: &[String]) -> Option<usize> {
    PHRASES.iter().find_map(|phrase| {
        let length = phrase.split(' ').count();
        let same = words.len() >= length && phrase.split(' ').eq(words[..length].iter());
        same.then_some(length)
    })
}

/// How many words at the head of `words` read "subject – link – grade", as "the teaching is very
/// good".
fn sentence(words: &[String]) -> Option<usize> {
    let known =
        |list: &[&str], at: usize| words.get(at).is_some_and(|w| list.contains(&w.as_str()));
    if !known(&SUBJECTS, 0) || !known(&LINKS, 1) {
        return None;
    }
    let mut at = 2;
    while at < 5 && known(&SOFTENERS, at) {
        at += 1;
    }
    known(&GRADES, at).then_some(at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m5_a_graded_judgement_in_a_note_is_flagged() {
        for (text, phrase) in [
            ("The school is outstanding.", "school is outstanding"),
            ("Leadership\nis VERY strong", "leadership is very strong"),
            ("It still requires improvement", "requires improvement"),
            ("they felt it was inadequate", "inadequate"),
            (
                "safeguarding was not effective here",
                "safeguarding was not effective",
            ),
            ("a good school, parents say", "good school"),
            (
                "Behaviour was judged to be good",
                "behaviour was judged to be good",
            ),
        ] {
            let found = phrases_in(text);
            assert!(found.iter().any(|f| f == phrase), "{text}: {found:?}");
        }
    }

    #[test]
    fn m10_what_the_school_does_is_not_flagged() {
        for text in [
            "Pupils read every morning; 14 have not come back.",
            "The outstanding invoices for laptops are paid.",
            "It is good to see pupils back, the head said.",
            "Attendance is 91% and rising.",
            "",
        ] {
            assert_eq!(phrases_in(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn m5_each_phrase_is_named_once_in_the_order_of_the_text() {
        let found = phrases_in("special measures. The school is good. special measures");
        assert_eq!(found, ["special measures", "school is good"]);
    }
}
