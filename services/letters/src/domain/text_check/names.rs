//! Names of people: letters name roles.

use super::sentence::{Sentence, Word};
use super::{Hit, Rule, Severity};

/// Titles that stand before a surname, however it is written.
const TITLES: [&str; 4] = ["mr", "mrs", "ms", "mx"];

/// Titles that are so only with a capital, before a capital.
const CAPITAL_TITLES: [&str; 8] = [
    "miss",
    "dr",
    "doctor",
    "prof",
    "professor",
    "rev",
    "revd",
    "reverend",
];

/// What may be a title or may not: Father Christmas, Lady Day.
const DOUBTFUL_TITLES: [&str; 8] = [
    "sir", "dame", "lord", "lady", "father", "sister", "brother", "canon",
];

/// Roles after which two capitals are likely a name.
const ROLES: [&str; 10] = [
    "headteacher",
    "head",
    "principal",
    "deputy",
    "teacher",
    "governor",
    "inspector",
    "ceo",
    "dsl",
    "trustee",
];

/// What the sentence says of people; `register` holds names that must not stand in it.
pub(super) fn hits(sentence: &Sentence, register: &[Vec<String>]) -> Vec<Hit> {
    let mut hits = Vec::new();
    for at in 0..sentence.words.len() {
        hits.extend(titled(sentence, at));
        hits.extend(after_role(sentence, at));
        for name in register.iter().filter(|name| !name.is_empty()) {
            let name: Vec<&str> = name.iter().map(String::as_str).collect();
            if sentence.has_at(at, &name) {
                // A surname alone may be an ordinary word: Baker, Young.
                let severity = if name.len() > 1 {
                    Severity::Refused
                } else {
                    Severity::Mark
                };
                hits.push(hit(at, at + name.len() - 1, severity));
            }
        }
    }
    hits
}

fn titled(sentence: &Sentence, at: usize) -> Option<Hit> {
    let title = sentence.words.get(at)?;
    let name = sentence.words.get(at + 1)?;
    let is_name = name.folded.chars().all(|c| c.is_alphabetic() || c == '\'')
        && !matches!(name.folded.as_str(), "and" | "or" | "school");
    if !is_name {
        return None;
    }
    let folded = title.folded.as_str();
    let last = end_of_name(sentence, at + 1);
    if TITLES.contains(&folded)
        || (CAPITAL_TITLES.contains(&folded) && title.capital && name.capital)
    {
        return Some(hit(at, last, Severity::Refused));
    }
    let doubtful = DOUBTFUL_TITLES.contains(&folded) && title.capital && name.capital;
    doubtful.then(|| hit(at, last, Severity::Mark))
}

/// Forenames and initials before the surname: all the capitals in a row.
fn end_of_name(sentence: &Sentence, first: usize) -> usize {
    let ends = |word: &Word| word.ends_clause || word.contracted;
    let mut last = first;
    while sentence.words.get(last).is_some_and(|word| !ends(word))
        && sentence
            .words
            .get(last + 1)
            .is_some_and(|word| word.capital)
    {
        last += 1;
    }
    last
}

fn after_role(sentence: &Sentence, at: usize) -> Option<Hit> {
    let capital = |index: usize| {
        sentence.words.get(index).is_some_and(|w| {
            w.capital
                && w.written.chars().any(char::is_lowercase)
                && w.folded.chars().all(char::is_alphabetic)
        })
    };
    let named = ROLES.contains(&sentence.at(at)) && capital(at + 1) && capital(at + 2);
    named.then(|| hit(at + 1, at + 2, Severity::Mark))
}

const fn hit(first: usize, last: usize, severity: Severity) -> Hit {
    let rule = match severity {
        Severity::Refused => Rule::PersonNamed,
        _ => Rule::PossibleName,
    };
    Hit {
        first,
        last,
        severity,
        rule,
    }
}
