//! What the demo prints: acts, the time in England when it has moved, and one line a step.

use std::io::{self, IsTerminal as _, Write as _};

use anstyle::{AnsiColor, Style};
use visits_core::{Timestamp, london};

use super::answered::Refused;

const WIDTH: usize = 100;
/// The column in which the words begin; before it stands who acts.
const WORDS_AT: usize = 23;
/// Who acts when nobody does.
const BY_ITSELF: &str = "by itself";

/// Where the story goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Readers of stdout.
    Stdout,
    /// Readers of stderr: stdout belongs to the figures.
    Stderr,
    /// Nobody: only the kept text counts.
    Nobody,
}

/// Tells the story and keeps its plain text.
#[derive(Debug)]
pub struct Teller {
    audience: Audience,
    colour: bool,
    acts: u32,
    told_at: Option<Timestamp>,
    kept: String,
}

const PLAIN: Style = Style::new();
const TITLE: Style = Style::new().bold();
const TIME: Style = Style::new().dimmed();
const REASON: Style = AnsiColor::Yellow.on_default().bold();

impl Teller {
    /// A teller before the first word. Colour only on a terminal, and never under `NO_COLOR`.
    #[must_use]
    pub fn new(audience: Audience) -> Self {
        let terminal = match audience {
            Audience::Stdout => io::stdout().is_terminal(),
            Audience::Stderr => io::stderr().is_terminal(),
            Audience::Nobody => false,
        };
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self {
            audience,
            colour: terminal && wanted,
            acts: 0,
            told_at: None,
            kept: String::new(),
        }
    }

    /// The whole story so far, without colour.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.kept
    }

    /// Whether there is a terminal on which progress can be shown.
    #[must_use]
    pub fn has_terminal(&self) -> bool {
        self.audience != Audience::Nobody && io::stderr().is_terminal()
    }

    /// A new act.
    pub fn act(&mut self, title: &str) {
        self.acts += 1;
        self.told_at = None;
        let number = self.acts;
        self.put("\n", PLAIN);
        self.put(&format!("{number}  {title}\n"), TITLE);
    }

    /// Words of the teller, across the page.
    pub fn prose(&mut self, words: &str) {
        for line in wrapped(words, WIDTH - 3) {
            self.put(&format!("   {line}\n"), PLAIN);
        }
    }

    /// Text as it is, line by line.
    pub fn block(&mut self, lines: &str) {
        for line in lines.lines() {
            self.put(&format!("{}\n", format!("   {line}").trim_end()), PLAIN);
        }
    }

    /// An empty line.
    pub fn gap(&mut self) {
        self.put("\n", PLAIN);
    }

    /// Somebody did something.
    pub fn does(&mut self, now: Timestamp, who: &str, what: &str) {
        self.time(now);
        self.step(who, what);
    }

    /// The system did something by itself.
    pub fn by_itself(&mut self, now: Timestamp, what: &str) {
        self.does(now, BY_ITSELF, what);
    }

    /// Somebody tried something and was refused.
    pub fn is_refused(&mut self, now: Timestamp, who: &str, what: &str, refused: &Refused) {
        let Refused { reason, message } = refused;
        self.does(now, who, &format!("{what}: refused, {reason} ({message})"));
    }

    fn time(&mut self, now: Timestamp) {
        if self.told_at != Some(now) {
            self.told_at = Some(now);
            self.put("\n", PLAIN);
            self.put(&format!("   {}\n", london::spoken(now)), TIME);
        }
    }

    fn step(&mut self, who: &str, what: &str) {
        for (index, line) in wrapped(what, WIDTH - WORDS_AT).iter().enumerate() {
            let who = if index == 0 { who } else { "" };
            let style = if who == BY_ITSELF { TIME } else { PLAIN };
            let width = WORDS_AT - 5;
            self.put(&format!("     {who:width$}"), style);
            self.words(line);
            self.put("\n", PLAIN);
        }
    }

    /// A line of words in which reasons (`LIKE_THIS`) stand out.
    fn words(&mut self, line: &str) {
        for (index, word) in line.split(' ').enumerate() {
            if index > 0 {
                self.put(" ", PLAIN);
            }
            let style = if is_reason(word) { REASON } else { PLAIN };
            self.put(word, style);
        }
    }

    fn put(&mut self, text: &str, style: Style) {
        self.kept.push_str(text);
        let shown = if self.colour && style != PLAIN {
            let body = text.trim_end_matches('\n');
            let rest = &text[body.len()..];
            format!("{style}{body}{style:#}{rest}")
        } else {
            text.to_owned()
        };
        // A story is not stopped by nobody listening.
        let _ = match self.audience {
            Audience::Stdout => io::stdout().write_all(shown.as_bytes()),
            Audience::Stderr => io::stderr().write_all(shown.as_bytes()),
            Audience::Nobody => Ok(()),
        };
    }
}

fn is_reason(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    word.contains('_')
        && word
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

fn wrapped(words: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in words.split_whitespace() {
        let full = lines.last().is_some_and(|line| {
            !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width
        });
        if full {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("instant")
    }

    #[test]
    fn a_step_is_told_under_its_time_and_the_time_only_when_it_moves() {
        let mut teller = Teller::new(Audience::Nobody);
        teller.act("Concern");
        teller.does(at("2020-10-23T13:30:00Z"), "RD-SOUTH-EAST", "decides.");
        teller.by_itself(at("2020-10-23T13:30:00Z"), "The visit stops.");
        teller.does(at("2020-10-25T13:30:00Z"), "duty-desk", "looks.");
        assert_eq!(
            teller.text(),
            "\n1  Concern\n\
             \n   Friday 23 October 2020 at 2:30pm BST\n\
             \u{20}    RD-SOUTH-EAST     decides.\n\
             \u{20}    by itself         The visit stops.\n\
             \n   Sunday 25 October 2020 at 1:30pm GMT\n\
             \u{20}    duty-desk         looks.\n"
        );
    }

    #[test]
    fn long_words_wrap_beneath_themselves_and_a_reason_is_known() {
        let lines = wrapped(&"word ".repeat(40), 79);
        assert_eq!(lines.len(), 3);
        assert!(lines.iter().all(|line| line.len() <= 79));
        assert!(is_reason("LETTER_BEFORE_DEPARTURE,"));
        assert!(!is_reason("HMI"));
    }
}
