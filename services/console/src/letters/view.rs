//! What a letter's page shows: how it stands, what the text check says, the rounds with the school,
//! the editions.

use visits_components::{Content, Details, Html};
use visits_proto::letters::v1 as pb;
use visits_proto::letters::v1::correction::Answer;
use visits_proto::letters::v1::finding::Severity;

use super::{text, words};
use crate::sheet::{self as page, facts, heading, list, stack};
use crate::visits::words::when;
use crate::words::code;

/// How it stands.
pub(super) fn standing(letter: &pb::Letter) -> Html {
    let team = letter.inspectors.iter().map(|name| code(name));
    let team = team.collect::<Vec<_>>().join(", ");
    let withdrawal = letter.withdrawal.clone().unwrap_or_default();
    let superseded = match letter.superseded_reason_code.as_str() {
        "NFD_REQUIRED" => "The visit was converted to an NFD, whose letter stands for both",
        "VISIT_STOPPED" => "The visit was stopped",
        other => other,
    };
    Html::of(&facts([
        ("Next step", words::next(letter).into()),
        ("Draft due", when(letter.draft_due_time.as_ref()).into()),
        (
            "Publish by",
            when(letter.publication_target_time.as_ref()).into(),
        ),
        (
            "Overdue since",
            when(letter.publication_overdue_time.as_ref()).into(),
        ),
        ("Lead inspector", code(&letter.lead).into()),
        ("Team", team.into()),
        ("Public address", letter.public_path.as_str().into()),
        (
            "Withdrawn on",
            when(withdrawal.withdraw_time.as_ref()).into(),
        ),
        ("Why it was withdrawn", withdrawal.reason.into()),
        ("Why it was superseded", superseded.into()),
        ("Revision", letter.revision.to_string().into()),
        ("Letter", code(&letter.name).into()),
    ]))
}

/// What keeps the text from going on, and what would make it better.
pub(super) fn findings(letter: &pb::Letter) -> Vec<Html> {
    if letter.findings.is_empty() {
        return Vec::new();
    }
    let lines = letter.findings.iter().map(|found| {
        let severity = match found.severity() {
            Severity::Refused => "Must be changed",
            Severity::Mark if found.confirmed => "Confirmed as ordinary use",
            Severity::Mark => "To be changed or confirmed",
            Severity::Hint | Severity::Unspecified => "Hint",
        };
        let rule = words::rule(found.rule());
        format!(
            "{severity}: “{}”. {rule}. In: {}",
            found.phrase, found.sentence
        )
    });
    vec![heading("What the text check says"), list(lines)]
}

/// The text as it stands.
pub(super) fn words(letter: &pb::Letter) -> Vec<Html> {
    let Some(shown) = &letter.text else {
        return Vec::new();
    };
    let mut parts = vec![heading("The text as it stands")];
    parts.extend(text::shown(shown));
    parts
}

/// The rounds with the school, the latest first.
pub(super) fn rounds(letter: &pb::Letter) -> Vec<Html> {
    let rounds = letter.factual_checks.iter().rev();
    rounds.flat_map(round).collect()
}

fn round(round: &pb::FactualCheck) -> Vec<Html> {
    let channel = match round.channel() {
        pb::ReplyChannel::Link => "On the page behind the link",
        pb::ReplyChannel::Recorded => "Written down here",
        pb::ReplyChannel::Unspecified => "",
    };
    let no_reply = round.no_reply.clone().unwrap_or_default();
    let outcome = if round.replied_time.is_some() && round.corrections.is_empty() {
        "The school found the letter accurate"
    } else {
        ""
    };
    let about = facts([
        ("Sent on", when(round.sent_time.as_ref()).into()),
        ("Delivered on", when(round.delivered_time.as_ref()).into()),
        ("Reply due", when(round.reply_due_time.as_ref()).into()),
        ("Reminded on", when(round.reminded_time.as_ref()).into()),
        ("Time passed on", when(round.overdue_time.as_ref()).into()),
        ("Replied on", when(round.replied_time.as_ref()).into()),
        ("By", round.respondent_role.as_str().into()),
        ("How", channel.into()),
        ("Outcome", outcome.into()),
        (
            "Goes on without a reply since",
            when(no_reply.decide_time.as_ref()).into(),
        ),
        ("Decided by", no_reply.decided_by.into()),
        ("Why", no_reply.reason.into()),
    ]);
    let title = format!("Factual accuracy check, round {}", round.round);
    let mut parts = vec![heading(title), Html::of(&about)];
    parts.extend(round.corrections.iter().map(correction));
    if let Some(sent) = &round.text {
        let shown = text::shown(sent).into_iter();
        let shown = shown.fold(Html::default(), |all, part| all.and(&part));
        parts.push(Html::of(&Details {
            summary_text: "The text that the school was sent".into(),
            text: shown.into(),
            ..Details::default()
        }));
    }
    parts
}

fn correction(asked: &pb::Correction) -> Html {
    let answer = match asked.answer() {
        Answer::Accepted => "Accepted",
        Answer::Declined => "Declined",
        Answer::Unspecified => "Not answered yet",
    };
    page::subheading(format!("Correction {}", asked.number)).and(&facts([
        ("Passage", asked.passage.as_str().into()),
        ("What the school says", asked.correction.as_str().into()),
        ("Answer", answer.into()),
        ("Why", asked.reason.as_str().into()),
        ("Answered on", when(asked.answer_time.as_ref()).into()),
    ]))
}

/// The published editions, the latest first.
pub(super) fn editions(letter: &pb::Letter) -> Vec<Html> {
    if letter.editions.is_empty() {
        return Vec::new();
    }
    let editions = letter.editions.iter().rev().map(|edition| {
        let note = match edition.change_note.as_str() {
            "" => "First published",
            note => note,
        };
        stack::<Content>([
            format!(
                "Edition {}, {}",
                edition.number,
                when(edition.publish_time.as_ref())
            )
            .into(),
            note.into(),
            format!("SHA-256 {}", edition.content_sha256).into(),
        ])
    });
    vec![heading("Published editions"), list(editions)]
}
