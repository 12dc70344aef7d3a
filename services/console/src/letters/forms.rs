//! The forms of a letter's page.

use visits_components::{Button, Details, Html};
use visits_proto::letters::v1 as pb;

use super::offer::{OfLetter, marks};
use super::request::{CORRECTIONS, MARK};
use super::{text, words};
use crate::form::Filled;
use crate::sheet::{self as page, Desk, Fields, Offer as _};

const REASON_MOST: u32 = 1_000;
const WORDS_MOST: u32 = 4_000;

/// What a form looks like.
struct Look<'a> {
    heading: &'a str,
    button: Button,
    fields: Vec<Html>,
}

/// The form of `offer`. `found` is what the text check says of a new edition's text.
pub(super) async fn form(
    desk: &Desk<'_>,
    letter: &pb::Letter,
    offer: &OfLetter,
    found: &[pb::Finding],
) -> Html {
    let empty = match offer {
        OfLetter::Revise | OfLetter::Correct => letter.text.as_ref().map(text::filled),
        _ => None,
    };
    let action = format!("/{}/{}", letter.name, offer.path());
    let begun = desk.begin(action, empty.unwrap_or_default()).await;
    let look = look(letter, offer, found, begun.fields());
    let carried = vec![("etag", letter.etag.clone())];
    begun.carrying(look.heading, look.fields, carried, look.button)
}

fn look<'a>(
    letter: &pb::Letter,
    offer: &OfLetter,
    found: &[pb::Finding],
    fields: Fields<'_>,
) -> Look<'a> {
    let sections = letter.text.as_ref().map_or(0, |text| text.sections.len());
    match offer {
        OfLetter::Confirm => plain(
            "Confirm marks of the text check",
            "Confirm as ordinary use",
            vec![checks(marks(letter), fields)],
        ),
        OfLetter::Revise => plain(
            "Change the text",
            "Save the text",
            text::fields(fields, sections),
        ),
        OfLetter::Send => plain("Send it to the school", "Send to the school", send(fields)),
        OfLetter::Reply => plain(
            "Write down the school’s reply",
            "Record the reply",
            reply(fields),
        ),
        OfLetter::NoReply => warned(
            "Go on without the school’s reply",
            "Go on without a reply",
            vec![fields.text(
                "reason",
                "Why does the letter go on without a reply?",
                "For example, how often the school was called",
                REASON_MOST,
            )],
        ),
        OfLetter::Answer(number) => answer(letter, *number, fields),
        OfLetter::Ready => plain("Bring it to publication", "It may be published", Vec::new()),
        OfLetter::Publish => plain("Publish it", "Publish for parents", Vec::new()),
        OfLetter::Correct => plain("Publish a corrected edition", "Publish the new edition", {
            let mut all = text::fields(fields, sections);
            let note = "Readers see it beside the letter";
            all.push(fields.text("change_note", "What has changed?", note, REASON_MOST));
            if !found.is_empty() {
                all.push(checks(found.iter(), fields));
            }
            all
        }),
        OfLetter::Withdraw => warned(
            "Withdraw it",
            "Withdraw the letter",
            vec![fields.text(
                "reason",
                "Why is it withdrawn?",
                "Readers see it in the letter’s place",
                REASON_MOST,
            )],
        ),
    }
}

fn plain<'a>(heading: &'a str, button: &str, fields: Vec<Html>) -> Look<'a> {
    Look {
        heading,
        button: Button::new(button),
        fields,
    }
}

fn warned<'a>(heading: &'a str, button: &str, fields: Vec<Html>) -> Look<'a> {
    Look {
        button: Button {
            classes: "govuk-button--warning".to_owned(),
            ..Button::new(button)
        },
        ..plain(heading, "", fields)
    }
}

fn checks<'a>(found: impl Iterator<Item = &'a pb::Finding>, fields: Fields<'_>) -> Html {
    let choices = found.map(|found| {
        let phrase = format!("“{}”: {}", found.phrase, words::rule(found.rule()));
        let lines = [phrase, found.sentence.clone()];
        (found.id.clone(), page::stack(lines))
    });
    let name = MARK.trim_end_matches('-');
    let legend = "Which of these are ordinary use?";
    let hint = "A word of the grading scale that grades nothing; a word that is nobody’s name.";
    fields.checks(name, legend, hint, &choices.collect::<Vec<_>>())
}

fn send(fields: Fields<'_>) -> Vec<Html> {
    let hint = "It gets a link that works for one reply. For example, head@appleby.example";
    vec![fields.line("recipient", "The school’s mailbox", hint)]
}

fn reply(fields: Fields<'_>) -> Vec<Html> {
    let mut shown = vec![
        fields.line(
            "respondent_role",
            "The role of whoever replied",
            "For example, headteacher. Never a name",
        ),
        page::paragraph("If the school found everything accurate, leave the corrections empty."),
    ];
    let names = |number| ["passage", "correction"].map(|part| format!("{part}-{number}"));
    let mut corrections = Vec::new();
    for number in 1..=CORRECTIONS {
        let [passage, correction] = names(number);
        let label = format!("Correction {number}: the passage that is not accurate");
        corrections.push(fields.text(&passage, &label, "", WORDS_MOST));
        let label = format!("Correction {number}: what would be accurate");
        corrections.push(fields.text(&correction, &label, "", WORDS_MOST));
    }
    let mut all = (1..=CORRECTIONS).flat_map(names);
    let corrections = corrections.into_iter();
    let corrections = corrections.reduce(|all, field| all.and(&field));
    shown.push(Html::of(&Details {
        summary_text: "Write down what the school wants corrected".into(),
        text: corrections.unwrap_or_default().into(),
        // What was typed, or is refused, is seen at once.
        open: all.any(|name| fields.says(&name)),
        ..Details::default()
    }));
    shown
}

fn answer<'a>(letter: &pb::Letter, number: i32, fields: Fields<'_>) -> Look<'a> {
    let round = letter.factual_checks.last();
    let asked = round.and_then(|round| {
        let mut corrections = round.corrections.iter();
        corrections.find(|correction| correction.number == number)
    });
    let mut shown = Vec::new();
    if let Some(asked) = asked {
        shown.push(Html::of(&page::facts([
            ("Correction", number.to_string().into()),
            ("Passage", asked.passage.as_str().into()),
            ("What the school says", asked.correction.as_str().into()),
        ])));
    }
    let choices = [
        ("accepted", "Accept: the text changes accordingly"),
        ("declined", "Decline: the text stays"),
    ];
    shown.push(fields.radios("answer", "What do you answer?", &choices));
    let hint = "The school may be told";
    shown.push(fields.text("reason", "Why?", hint, REASON_MOST));
    plain("Answer a correction", "Record the answer", shown)
}

/// The text that a form of this page holds, if somebody has sent one.
pub(super) fn typed(filled: &Filled) -> Option<pb::LetterText> {
    (!filled.get("title").is_empty()).then(|| text::read(filled))
}
