//! The first text of a letter, from what was agreed with the school or found by the NFD inspection.
//!
//! What it says by itself is short, in sentences that the text check has no finding on (R-LET-7).

use jiff::civil::Date;

use super::text::{Section, Text};

/// One point to tell: under which heading, and the words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// The heading; points with the same heading stand together, in the order in which they came.
    pub heading: String,
    /// The words.
    pub words: String,
}

/// The letter about an interim visit, from the content agreed with the school (M24, M35).
#[must_use]
pub fn interim_letter(school_name: &str, visit_date: Date, points: &[Point]) -> Text {
    let day = spoken(visit_date);
    let opening = Section {
        heading: String::new(),
        paragraphs: vec![
            format!("This letter is about our visit to {school_name} on {day}."),
            "The visit was part of our work to understand how schools are managing after the first \
             national lockdown. We asked what the school is doing, what makes it hard, and how this can \
             be overcome."
                .to_owned(),
            "It was not an inspection. We did not evaluate the school, and we make no graded judgements."
                .to_owned(),
        ],
    };
    letter(
        format!("Letter about the visit to {school_name}, {day}"),
        opening,
        points,
    )
}

/// The letter with the findings of an NFD inspection (M31, M32).
#[must_use]
pub fn nfd_letter(school_name: &str, visit_date: Date, points: &[Point]) -> Text {
    let day = spoken(visit_date);
    let opening = Section {
        heading: String::new(),
        paragraphs: vec![
            format!("This letter is about an inspection of {school_name}. It followed our visit on {day}."),
            "We inspected under section 8 of the Education Act 2005, with no formal designation. The \
             inspection looked into specific concerns only."
                .to_owned(),
            "It was not a full inspection. It does not change what the last full inspection said."
                .to_owned(),
        ],
    };
    letter(
        format!("Letter about the inspection of {school_name} after the visit of {day}"),
        opening,
        points,
    )
}

fn letter(title: String, opening: Section, points: &[Point]) -> Text {
    let mut sections = vec![opening];
    for point in points {
        let words = point.words.trim().to_owned();
        match sections[1..]
            .iter_mut()
            .find(|section| section.heading == point.heading)
        {
            Some(section) => section.paragraphs.push(words),
            None => sections.push(Section {
                heading: point.heading.clone(),
                paragraphs: vec![words],
            }),
        }
    }
    Text { title, sections }
}

/// A date in words, as `13 October 2020`.
#[must_use]
pub fn spoken(date: Date) -> String {
    date.strftime("%-d %B %Y").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::text_check;
    use jiff::civil::date;

    #[test]
    fn what_a_draft_says_by_itself_has_no_finding() {
        let name = "Outstanding Oaks Primary School";
        for text in [
            interim_letter(name, date(2020, 10, 13), &[]),
            nfd_letter(name, date(2020, 10, 13), &[]),
        ] {
            assert_eq!(text_check::check(&text, name, &[]), []);
        }
    }

    #[test]
    fn points_under_one_heading_stand_together() {
        let point = |heading: &str, words: &str| Point {
            heading: heading.into(),
            words: words.into(),
        };
        let text = interim_letter(
            "Appleby School",
            date(2020, 10, 13),
            &[
                point("Curriculum", "One."),
                point("Behaviour", "Two."),
                point("Curriculum", "Three."),
            ],
        );
        assert_eq!(
            text.title,
            "Letter about the visit to Appleby School, 13 October 2020"
        );
        let headings: Vec<_> = text.sections.iter().map(|s| s.heading.as_str()).collect();
        assert_eq!(headings, ["", "Curriculum", "Behaviour"]);
        assert_eq!(text.sections[1].paragraphs, ["One.", "Three."]);
    }
}
