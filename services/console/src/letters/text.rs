//! The text of a letter: as it is read, and as it is written in a form: a title, and for each section
//! a heading and its paragraphs, with an empty line between two.

use visits_components::Html;
use visits_proto::letters::v1 as pb;

use crate::form::Filled;
use crate::sheet::{self as page, Fields};

/// As many sections as a form has room for beyond those that are there.
const MORE: usize = 1;
/// As many as a letter can have.
const MOST: usize = 40;
const CHARACTERS_MOST: u32 = 4_000;

/// The text as it is read, below a heading of the second level.
pub(super) fn shown(text: &pb::LetterText) -> Vec<Html> {
    let mut parts = vec![page::subheading(text.title.as_str())];
    for section in &text.sections {
        if !section.heading.is_empty() {
            parts.push(page::subheading(section.heading.as_str()));
        }
        let paragraphs = section.paragraphs.iter();
        parts.extend(paragraphs.map(|words| page::paragraph(words.as_str())));
    }
    parts
}

/// A form filled in with a text.
pub(super) fn filled(text: &pb::LetterText) -> Filled {
    let mut filled = Filled::default();
    filled.set("title", text.title.as_str());
    for (place, section) in text.sections.iter().enumerate() {
        let number = place + 1;
        filled.set(&format!("heading-{number}"), section.heading.as_str());
        filled.set(&format!("words-{number}"), section.paragraphs.join("\n\n"));
    }
    filled.set("sections", text.sections.len().to_string());
    filled
}

/// The fields of a form with a text.
pub(super) fn fields(fields: Fields<'_>, sections: usize) -> Vec<Html> {
    let mut shown = vec![fields.line("title", "Title", "")];
    for number in 1..=(sections + MORE).min(MOST) {
        let heading = format!("Heading of section {number} (may be empty)");
        let words = format!("Text of section {number}");
        let hint = "An empty line between two paragraphs. A section without text is left out.";
        shown.push(fields.line(&format!("heading-{number}"), &heading, ""));
        shown.push(fields.text(&format!("words-{number}"), &words, hint, CHARACTERS_MOST));
    }
    shown
}

/// The text that a form holds.
pub(super) fn read(filled: &Filled) -> pb::LetterText {
    let sections = (1..=MOST).filter_map(|number| {
        let words = filled.get(&format!("words-{number}"));
        let paragraphs = words.split("\n\n").map(str::trim);
        let paragraphs: Vec<_> = paragraphs
            .filter(|words| !words.is_empty())
            .map(str::to_owned)
            .collect();
        (!paragraphs.is_empty()).then(|| pb::Section {
            heading: filled.get(&format!("heading-{number}")).trim().to_owned(),
            paragraphs,
        })
    });
    pb::LetterText {
        title: filled.get("title").to_owned(),
        sections: sections.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_comes_back_from_its_form_as_it_was() {
        let text = pb::LetterText {
            title: "Letter".to_owned(),
            sections: vec![
                pb::Section {
                    heading: String::new(),
                    paragraphs: vec!["One.".to_owned(), "Two\nlines.".to_owned()],
                },
                pb::Section {
                    heading: "Curriculum".to_owned(),
                    paragraphs: vec!["Three.".to_owned()],
                },
            ],
        };
        assert_eq!(read(&filled(&text)), text);
    }

    #[test]
    fn a_section_whose_text_is_taken_out_is_left_out() {
        let mut filled = Filled::default();
        filled.set("title", "Letter");
        filled.set("heading-1", "Empty");
        filled.set("words-1", " \n\n ");
        assert!(read(&filled).sections.is_empty());
    }
}
