//! The words of a letter: headings and paragraphs of plain text, no markup.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The text of a letter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// The title of the page.
    pub title: String,
    /// The sections, in order.
    pub sections: Vec<Section>,
}

/// A heading and what stands beneath it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// The heading; empty for the opening.
    pub heading: String,
    /// The paragraphs, in order.
    pub paragraphs: Vec<String>,
}

/// Where a block of text stands in a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The section, from 1; 0 is the title.
    pub section: u32,
    /// The paragraph in its section, from 1; 0 is the heading.
    pub paragraph: u32,
}

impl Text {
    /// Every block of words with its place, in reading order.
    pub fn blocks(&self) -> impl Iterator<Item = (Place, &str)> {
        let title = (
            Place {
                section: 0,
                paragraph: 0,
            },
            self.title.as_str(),
        );
        let body = (1..).zip(&self.sections).flat_map(|(section, part)| {
            let heading = (
                Place {
                    section,
                    paragraph: 0,
                },
                part.heading.as_str(),
            );
            let paragraphs = (1..)
                .zip(&part.paragraphs)
                .map(move |(paragraph, words)| (Place { section, paragraph }, words.as_str()));
            std::iter::once(heading).chain(paragraphs)
        });
        std::iter::once(title).chain(body)
    }

    /// SHA-256 of the text, in hexadecimal. Each block is preceded by its place and length, so that
    /// two texts with the same hash have the same blocks.
    #[must_use]
    pub fn sha256(&self) -> String {
        let mut hash = Sha256::new();
        for (place, words) in self.blocks() {
            hash.update(place.section.to_be_bytes());
            hash.update(place.paragraph.to_be_bytes());
            hash.update(u64::try_from(words.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(words.as_bytes());
        }
        hex::encode(hash.finalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_tells_texts_apart_that_hold_the_same_words() {
        let one = Text {
            title: "A".into(),
            sections: vec![Section {
                heading: "B".into(),
                paragraphs: vec!["C".into()],
            }],
        };
        let other = Text {
            title: "A".into(),
            sections: vec![Section {
                heading: String::new(),
                paragraphs: vec!["B".into(), "C".into()],
            }],
        };
        assert_ne!(one.sha256(), other.sha256());
        assert_eq!(one.sha256(), one.sha256());
    }
}
