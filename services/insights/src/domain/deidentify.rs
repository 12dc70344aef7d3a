//! Takes out of an answer what says whose it is: the school's name, whole or by its core
//! ("St Nicolas" of "St Nicolas Church of England Primary School, Abingdon"), its URN, titled
//! surnames ("Mrs Okafor"), e-mail addresses and telephone numbers.
//!
//! This is a net under recording, which asks for roles and never for names; it is no proof that a
//! text names nobody. What stands for a thing taken out says what kind of thing it was.

/// Stands for the school.
pub const SCHOOL: &str = "[the school]";
/// Stands for a titled surname.
pub const NAME: &str = "[name]";
/// Stands for an e-mail address or a telephone number.
pub const CONTACT: &str = "[contact]";

const TITLES: [&str; 13] = [
    "Mr", "Mrs", "Ms", "Miss", "Mx", "Dr", "Sir", "Dame", "Father", "Sister", "Rev", "Revd",
    "Reverend",
];

/// Those of them that may end with a full stop.
const ABBREVIATED: [&str; 7] = ["Mr", "Mrs", "Ms", "Mx", "Dr", "Rev", "Revd"];

/// Words that say what kind of school it is, not which.
const KINDS: [&str; 37] = [
    "school",
    "schools",
    "primary",
    "junior",
    "infant",
    "infants",
    "first",
    "middle",
    "upper",
    "lower",
    "secondary",
    "high",
    "grammar",
    "nursery",
    "academy",
    "college",
    "community",
    "special",
    "free",
    "church",
    "of",
    "england",
    "c",
    "e",
    "ce",
    "cofe",
    "rc",
    "roman",
    "catholic",
    "voluntary",
    "aided",
    "controlled",
    "va",
    "vc",
    "and",
    "the",
    "sixth",
];

/// Takes one school's traces, and personal ones, out of texts.
#[derive(Clone, Debug)]
pub struct Deidentifier {
    /// Word by word, longest first.
    names: Vec<Vec<String>>,
    urn: String,
}

struct Word<'t> {
    text: &'t str,
    start: usize,
    end: usize,
}

impl Deidentifier {
    /// For the answers of the school of that name and URN.
    #[must_use]
    pub fn new(school_name: &str, urn: &str) -> Self {
        let whole: Vec<String> = words(school_name)
            .iter()
            .map(|word| bare(word.text))
            .collect();
        let before_comma = school_name.split(',').next().unwrap_or_default();
        let mut core: Vec<String> = words(before_comma)
            .iter()
            .map(|word| bare(word.text))
            .collect();
        let up_to_comma = core.clone();
        let is_kind =
            |word: Option<&String>| word.is_some_and(|word| KINDS.contains(&word.as_str()));
        while is_kind(core.last()) {
            core.pop();
        }
        while core.first().is_some_and(|word| word == "the") {
            core.remove(0);
        }
        let mut names = vec![whole, up_to_comma, core];
        names.retain(|name| !name.iter().all(|word| KINDS.contains(&word.as_str())));
        names.dedup();
        Self {
            names,
            urn: urn.to_owned(),
        }
    }

    /// The text without what says whose it is.
    #[must_use]
    pub fn clean(&self, text: &str) -> String {
        let words = words(text);
        let mut out = String::with_capacity(text.len());
        let (mut at, mut copied) = (0, 0);
        while let Some(word) = words.get(at) {
            if let Some((length, stand_in)) = self.match_at(text, &words[at..]) {
                out.push_str(&text[copied..word.start]);
                out.push_str(stand_in);
                copied = words[at + length - 1].end;
                at += length;
            } else {
                at += 1;
            }
        }
        out.push_str(&text[copied..]);
        out
    }

    fn match_at(&self, text: &str, words: &[Word<'_>]) -> Option<(usize, &'static str)> {
        let first = words.first()?;
        if let Some(name) = self.names.iter().find(|name| matches_name(name, words)) {
            return Some((name.len(), SCHOOL));
        }
        if first.text == self.urn {
            return Some((1, SCHOOL));
        }
        if first.text.contains('@') {
            return Some((1, CONTACT));
        }
        telephone(text, words)
            .map(|length| (length, CONTACT))
            .or_else(|| titled_surname(text, words).map(|length| (length, NAME)))
    }
}

/// One word alone is taken for the school only as the school writes it, with a capital: "Park" is
/// a school, "park" is a park.
fn matches_name(name: &[String], words: &[Word<'_>]) -> bool {
    let spelt_alike = words.len() >= name.len()
        && name
            .iter()
            .zip(words)
            .all(|(wanted, word)| bare(word.text) == *wanted);
    spelt_alike && (name.len() > 1 || words.first().is_some_and(|word| is_capitalised(word.text)))
}

/// A title and the capitalised words right after it.
fn titled_surname(text: &str, words: &[Word<'_>]) -> Option<usize> {
    let title = words.first()?.text;
    if !TITLES.contains(&title) {
        return None;
    }
    let between = |index: usize| &text[words[index - 1].end..words[index].start];
    let belongs = |index: usize| {
        let gap = between(index);
        let abbreviated = index == 1 && gap.trim() == "." && ABBREVIATED.contains(&title);
        is_capitalised(words[index].text) && (gap.trim().is_empty() || abbreviated)
    };
    let length = 1
        + (1..words.len().min(4))
            .take_while(|index| belongs(*index))
            .count();
    (length > 1).then_some(length)
}

/// Groups of digits with at least nine digits in all, with nothing but a blank or a hyphen between.
fn telephone(text: &str, words: &[Word<'_>]) -> Option<usize> {
    let (mut digits, mut length) = (0, 0);
    for (index, word) in words.iter().enumerate() {
        let joined = index == 0 || matches!(&text[words[index - 1].end..word.start], " " | "-");
        if !joined || !word.text.bytes().all(|b| b.is_ascii_digit() || b == b'-') {
            break;
        }
        digits += word.text.bytes().filter(u8::is_ascii_digit).count();
        length = index + 1;
    }
    (digits >= 9).then_some(length)
}

fn is_capitalised(word: &str) -> bool {
    word.chars().next().is_some_and(char::is_uppercase)
}

/// A word for comparing: lower case, without a possessive 's.
fn bare(word: &str) -> String {
    let word = word
        .strip_suffix("'s")
        .or_else(|| word.strip_suffix("’s"))
        .unwrap_or(word);
    word.to_lowercase()
}

/// The words of a text. A hyphen, an apostrophe, an @ or a dot inside a word belongs to it.
fn words(text: &str) -> Vec<Word<'_>> {
    let mut found = Vec::new();
    let mut start = None;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, next)| *next);
        let joins = matches!(c, '-' | '\'' | '’' | '@' | '.' | '_')
            && start.is_some()
            && next.is_some_and(char::is_alphanumeric);
        if c.is_alphanumeric() || joins {
            start.get_or_insert(at);
        } else if let Some(from) = start.take() {
            found.push(Word {
                text: &text[from..at],
                start: from,
                end: at,
            });
        }
    }
    if let Some(from) = start {
        found.push(Word {
            text: &text[from..],
            start: from,
            end: text.len(),
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn m11_what_says_whose_an_answer_is_is_taken_out() {
        let of = |name: &str| Deidentifier::new(name, "123166");
        let abingdon = of("St Nicolas Church of England Primary School, Abingdon");
        let park = of("Park School");
        let plain = of("Community Primary School");
        let table = [
            (
                &abingdon,
                "Pupils of St Nicolas came back.",
                "Pupils of [the school] came back.",
            ),
            (
                &abingdon,
                "ST NICOLAS CHURCH OF ENGLAND PRIMARY SCHOOL, ABINGDON is open",
                "[the school] is open",
            ),
            (
                &abingdon,
                "St Nicolas Church of England Primary School opened",
                "[the school] opened",
            ),
            (&abingdon, "St Nicolas's own plan", "[the school] own plan"),
            (
                &abingdon,
                "URN 123166, not 1231660",
                "URN [the school], not 1231660",
            ),
            (
                &abingdon,
                "Mrs Okafor-Smith leads. Dr. O'Neil helps.",
                "[name] leads. [name] helps.",
            ),
            (
                &abingdon,
                "Miss Ada Byron King and we miss Him",
                "[name] and we miss Him",
            ),
            (&abingdon, "Yes Sir. Then lunch.", "Yes Sir. Then lunch."),
            (
                &abingdon,
                "write to jane.doe@school.example.uk or 01235 555 0101.",
                "write to [contact] or [contact].",
            ),
            (
                &abingdon,
                "95 of 420 pupils, 2019-20",
                "95 of 420 pupils, 2019-20",
            ),
            (
                &park,
                "Park is open; the park is shut",
                "[the school] is open; the park is shut",
            ),
            (
                &plain,
                "our community primary school",
                "our community primary school",
            ),
            (&plain, "", ""),
        ];
        for (cleaner, text, expected) in table {
            assert_eq!(cleaner.clean(text), expected);
        }
    }

    #[test]
    fn a_school_called_by_a_kind_of_school_alone_takes_no_words_out() {
        assert!(Deidentifier::new("The Academy", "100000").names.is_empty());
    }

    proptest! {
        #[test]
        fn cleaning_twice_is_cleaning_once_and_no_text_breaks_it(
            text in "(St Nicolas|Mrs Ok|123166|[a-zA-Zé.'@ -]){0,20}",
        ) {
            let cleaner = Deidentifier::new("St Nicolas School", "123166");
            let once = cleaner.clean(&text);
            prop_assert_eq!(cleaner.clean(&once), once);
        }
    }
}
