//! The text check: a letter states no graded judgement about the school (M5) and names nobody.
//!
//! It refuses what it is sure of, marks what may be ordinary use for the writer to confirm, and gives
//! hints. It reads words, not letters: case, punctuation, hyphens and invisible characters make no
//! difference, and the school's own name counts as "the school", so that Good Shepherd School may be
//! written about. It can't understand a text; that is what the people in the round are for.

mod judgement;
mod names;
mod sentence;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::text::{Place, Text};
use sentence::{Sentence, words_of};

/// A sentence of more words than this gets a hint (R-LET-7).
const LONG_SENTENCE_WORDS: usize = 25;

/// What the check makes of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Severity {
    /// It can't stay.
    Refused,
    /// The writer changes or confirms it.
    Mark,
    /// Advice.
    Hint,
}

/// Which rule speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Rule {
    /// A graded judgement about the school (M5).
    GradedJudgement,
    /// A word of the grading scale in what may be ordinary use.
    JudgementWord,
    /// A person's name.
    PersonNamed,
    /// What may be a person's name.
    PossibleName,
    /// A long sentence.
    LongSentence,
}

/// Something that the check says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The same for the same words in the same sentence, through all revisions: a confirmation holds
    /// as long as its sentence stands.
    pub id: String,
    /// What the check makes of it.
    pub severity: Severity,
    /// Which rule speaks.
    pub rule: Rule,
    /// The words.
    pub phrase: String,
    /// Their sentence.
    pub sentence: String,
    /// Where it stands.
    pub place: Place,
}

/// A finding within one sentence: which words, and what of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Hit {
    first: usize,
    last: usize,
    severity: Severity,
    rule: Rule,
}

/// Everything that the check says about a letter to or about `school_name`, in reading order.
/// `names` are names of people that must not stand in it, besides those with a title.
#[must_use]
pub fn check(text: &Text, school_name: &str, names: &[String]) -> Vec<Finding> {
    let school = words_of(school_name);
    let names: Vec<Vec<String>> = names.iter().map(|name| words_of(name)).collect();
    let mut findings: Vec<Finding> = Vec::new();
    for (place, block) in text.blocks() {
        for sentence in sentence::split(block, &school) {
            let mut hits = judgement::hits(&sentence);
            hits.extend(names::hits(&sentence, &names));
            if sentence.words.len() > LONG_SENTENCE_WORDS {
                hits.push(Hit {
                    first: 0,
                    last: sentence.words.len() - 1,
                    severity: Severity::Hint,
                    rule: Rule::LongSentence,
                });
            }
            hits.sort_by_key(|hit| (hit.first, hit.severity));
            for hit in hits {
                let finding = finding(&sentence, hit, place);
                if !findings
                    .iter()
                    .any(|f| f.id == finding.id && f.place == place)
                {
                    findings.push(finding);
                }
            }
        }
    }
    findings
}

fn finding(sentence: &Sentence, hit: Hit, place: Place) -> Finding {
    let phrase = if hit.rule == Rule::LongSentence {
        format!("{} words", sentence.words.len())
    } else {
        sentence.phrase(hit.first, hit.last)
    };
    let mut hash = Sha256::new();
    for part in [
        &format!("{:?}", hit.rule),
        &phrase.to_lowercase(),
        &sentence.folded(),
    ] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let id = hex::encode(&hash.finalize()[..8]);
    Finding {
        id,
        severity: hit.severity,
        rule: hit.rule,
        phrase,
        sentence: sentence.raw.clone(),
        place,
    }
}
