//! Sentences as words: what the rules of the check look at.

/// A word with what the rules ask of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// In lower case, without a possessive ending.
    pub folded: String,
    /// As written.
    pub written: String,
    /// Whether it begins with a capital.
    pub capital: bool,
    /// Whether it ends in an apostrophe and an s: `it's`, `school's`.
    pub contracted: bool,
    /// Whether a comma, a dash, a bracket or the like follows.
    pub ends_clause: bool,
}

/// A sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sentence {
    /// As written, trimmed.
    pub raw: String,
    /// Its words; the school's name stands as one word, `school`.
    pub words: Vec<Word>,
}

impl Sentence {
    /// The words from `first` to `last` as written.
    pub fn phrase(&self, first: usize, last: usize) -> String {
        let written: Vec<&str> = self.words[first..=last]
            .iter()
            .map(|w| w.written.as_str())
            .collect();
        written.join(" ")
    }

    /// The whole sentence in lower case.
    pub fn folded(&self) -> String {
        let folded: Vec<&str> = self.words.iter().map(|w| w.folded.as_str()).collect();
        folded.join(" ")
    }

    /// The folded word at `index`, or the empty text outside of the sentence.
    pub fn at(&self, index: usize) -> &str {
        self.words
            .get(index)
            .map_or("", |word| word.folded.as_str())
    }

    /// Whether `phrase` stands at `index`.
    pub fn has_at(&self, index: usize, phrase: &[&str]) -> bool {
        phrase
            .iter()
            .enumerate()
            .all(|(offset, word)| self.at(index + offset) == *word)
    }

    /// Whether a clause ends with the word at `index`, or the sentence does.
    pub fn clause_ends_at(&self, index: usize) -> bool {
        self.words.get(index + 1).is_none() || self.words.get(index).is_some_and(|w| w.ends_clause)
    }
}

/// Abbreviations whose full stop ends no sentence.
const ABBREVIATIONS: [&str; 13] = [
    "mr", "mrs", "ms", "mx", "dr", "prof", "rev", "revd", "st", "fr", "eg", "ie", "etc",
];

/// The sentences of a block of words. A line break ends a sentence.
pub(super) fn split(block: &str, school: &[String]) -> Vec<Sentence> {
    let mut sentences = Vec::new();
    let mut raw = String::new();
    let mut chars = block.chars().filter(|c| !is_invisible(*c)).peekable();
    while let Some(c) = chars.next() {
        raw.push(c);
        let gap_follows = chars.peek().is_none_or(|next| {
            next.is_whitespace() || matches!(next, '"' | '”' | '\'' | '’' | ')')
        });
        let ends = match c {
            '\n' | '\r' => true,
            '!' | '?' | '…' => gap_follows,
            '.' => gap_follows && !ends_in_abbreviation(&raw),
            _ => false,
        };
        if ends {
            push(&mut sentences, &raw, school);
            raw.clear();
        }
    }
    push(&mut sentences, &raw, school);
    sentences
}

/// The folded words of a name.
pub(super) fn words_of(text: &str) -> Vec<String> {
    words(text).into_iter().map(|word| word.folded).collect()
}

fn push(sentences: &mut Vec<Sentence>, raw: &str, school: &[String]) {
    let words = mask(words(raw), school);
    if !words.is_empty() {
        sentences.push(Sentence {
            raw: raw.trim().to_owned(),
            words,
        });
    }
}

fn ends_in_abbreviation(raw: &str) -> bool {
    let word: String = raw
        .chars()
        .rev()
        .skip(1)
        .take_while(|c| c.is_alphabetic() || *c == '.')
        .filter(|c| *c != '.')
        .collect::<Vec<char>>()
        .into_iter()
        .rev()
        .collect();
    let initial = word.chars().count() == 1 && word.chars().all(char::is_uppercase);
    initial || ABBREVIATIONS.contains(&word.to_lowercase().as_str())
}

/// Characters that show nothing and would break a word in two for us only.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

fn words(text: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut written = String::new();
    for c in text.chars().chain(std::iter::once(' ')) {
        let apostrophe = matches!(c, '\'' | '’') && !written.is_empty();
        if c.is_alphanumeric() || apostrophe {
            written.push(c);
            continue;
        }
        if !written.is_empty() {
            words.extend(word(&std::mem::take(&mut written)));
        }
        let breaks_clause =
            !c.is_whitespace() && !matches!(c, '-' | '.' | '"' | '“' | '”' | '‘' | '*' | '_');
        if breaks_clause && let Some(last) = words.last_mut() {
            last.ends_clause = true;
        }
    }
    words
}

fn word(written: &str) -> Option<Word> {
    let written = written.trim_end_matches(['\'', '’']);
    let folded = written.to_lowercase().replace('’', "'");
    let contracted = folded.ends_with("'s");
    let folded = folded.strip_suffix("'s").unwrap_or(&folded).to_owned();
    let capital = written.chars().next().is_some_and(char::is_uppercase);
    (!folded.is_empty()).then(|| Word {
        folded,
        written: written.to_owned(),
        capital,
        contracted,
        ends_clause: false,
    })
}

/// Puts the one word `school` in the place of each mention of the school's own name.
fn mask(words: Vec<Word>, school: &[String]) -> Vec<Word> {
    if school.is_empty() {
        return words;
    }
    let mut masked = Vec::with_capacity(words.len());
    let mut rest = words.as_slice();
    while let Some((first, others)) = rest.split_first() {
        let here = rest.len() >= school.len()
            && rest
                .iter()
                .zip(school)
                .all(|(word, name)| word.folded == *name);
        if here {
            let (name, after) = rest.split_at(school.len());
            let written: Vec<&str> = name.iter().map(|w| w.written.as_str()).collect();
            masked.push(Word {
                folded: "school".to_owned(),
                written: written.join(" "),
                capital: false,
                contracted: name.last().is_some_and(|w| w.contracted),
                ends_clause: name.last().is_some_and(|w| w.ends_clause),
            });
            rest = after;
        } else {
            masked.push(first.clone());
            rest = others;
        }
    }
    masked
}
