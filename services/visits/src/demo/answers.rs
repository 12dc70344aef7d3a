//! The bank of plain sentences from which invented visits are made, and how they are coded.

use std::collections::BTreeMap;

use anyhow::Context as _;
use rand::Rng as _;
use rand::seq::IndexedRandom as _;
use rand_chacha::ChaCha20Rng;
use serde::Deserialize;

use super::data;

/// One answer in so many is "we would rather not say".
const DECLINED_ONE_IN: u32 = 60;

/// So many of ten answers have nothing in them to code.
const PLAIN_OF_TEN: u32 = 5;

/// Everything that invented leaders may say.
#[derive(Debug)]
pub struct Bank {
    plain: Vec<String>,
    by_question: BTreeMap<String, Vec<Sentence>>,
    codes: BTreeMap<String, Vec<String>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sentence {
    question: String,
    text: String,
    codes: Vec<String>,
}

#[derive(Deserialize)]
struct File {
    plain: Vec<String>,
    answer: Vec<Sentence>,
}

impl Bank {
    /// Reads the embedded bank.
    ///
    /// # Errors
    /// If it can't be read.
    pub fn open() -> anyhow::Result<Self> {
        let file: File = toml::from_str(data::ANSWERS).context("the bank of answers")?;
        let mut bank = Self {
            plain: file.plain,
            by_question: BTreeMap::new(),
            codes: BTreeMap::new(),
        };
        for sentence in file.answer {
            bank.codes
                .insert(sentence.text.clone(), sentence.codes.clone());
            bank.by_question
                .entry(sentence.question.clone())
                .or_default()
                .push(sentence);
        }
        Ok(bank)
    }

    /// The codes of the questions that begin with `prefix`, as `ATT`.
    pub fn questions<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a str> {
        self.by_question
            .keys()
            .map(String::as_str)
            .filter(move |code| code.starts_with(prefix))
    }

    /// What somebody says to a question; nothing if they would rather not.
    pub fn say(&self, question: &str, chance: &mut ChaCha20Rng) -> Option<String> {
        let sentences = self.by_question.get(question)?;
        if chance.random_range(0..DECLINED_ONE_IN) == 0 {
            return None;
        }
        if chance.random_range(0..10) < PLAIN_OF_TEN {
            return self.plain.choose(chance).cloned();
        }
        sentences
            .choose(chance)
            .map(|sentence| sentence.text.clone())
    }

    /// The codes that a researcher gives these words; none for words that are not in the bank.
    #[must_use]
    pub fn codes(&self, text: &str) -> Vec<String> {
        self.codes.get(text).cloned().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng as _;

    #[test]
    fn one_seed_says_the_same_twice() {
        let bank = Bank::open().expect("the bank");
        let say = |seed| {
            let mut chance = ChaCha20Rng::seed_from_u64(seed);
            let said: Vec<_> = bank
                .questions("CUR")
                .map(|question| bank.say(question, &mut chance))
                .collect();
            said
        };
        assert_eq!(say(7).len(), 8);
        assert_eq!(say(7), say(7));
        assert_ne!(say(7), say(8));
    }

    #[test]
    fn every_question_of_the_form_has_answers() {
        let bank = Bank::open().expect("the bank");
        let form: toml::Table = data::VISIT_FORM.parse().expect("the form");
        let questions = form["question"].as_array().expect("questions");
        for question in questions {
            let code = question["code"].as_str().expect("a code");
            assert_eq!(bank.questions(code).count(), 1, "{code}");
        }
    }
}
