//! Letters as the contract has them.

use visits_durable::store::Versioned;
use visits_proto::letters::v1 as wire;
use visits_proto::timestamp;
use visits_runtime::etag;

use crate::domain::letter::{
    Channel, Correction, Edition, Letter, Outcome, Round, State, SupersedeCause, Withdrawal,
};
use crate::domain::text_check::{self, Finding, Rule, Severity};
use crate::domain::{Section, Text};
use crate::publish::{count, wire_kind};

/// A letter with its draft and rounds; `names` are those that the text check knows.
#[must_use]
pub fn letter(found: &Versioned<Letter>, names: &[String]) -> wire::Letter {
    let letter = &found.value;
    let about = &letter.about;
    let findings = text_check::check(&letter.text, &about.school_name, names);
    let inspector = |code: &String| format!("inspectors/{code}");
    wire::Letter {
        name: letter.name(),
        kind: wire_kind(about.kind).into(),
        state: state(letter.state).into(),
        visit: format!("visits/{}", about.visit),
        school: format!("schools/{}", about.urn),
        case: about
            .case
            .map_or_else(String::new, |case| format!("cases/{case}")),
        visit_date: about.visit_date.to_string(),
        lead: inspector(&about.lead),
        inspectors: about.inspectors.iter().map(inspector).collect(),
        text: Some(text(&letter.text)),
        revision: count(letter.revision),
        content_version: count(letter.content_version),
        findings: findings
            .iter()
            .map(|each| finding(each, letter.confirmed.contains(&each.id)))
            .collect(),
        factual_checks: letter.rounds.iter().map(factual_check).collect(),
        editions: letter.editions.iter().map(edition).collect(),
        draft_due_time: Some(timestamp(letter.draft_due)),
        publication_target_time: Some(timestamp(letter.publication_target)),
        publication_overdue_time: letter.publication_overdue.map(timestamp),
        public_path: public_path(letter),
        withdrawal: letter.withdrawal.as_ref().map(withdrawal),
        superseded_reason_code: letter
            .superseded
            .map_or("", SupersedeCause::code)
            .to_owned(),
        create_time: Some(timestamp(letter.drafted_at)),
        update_time: Some(timestamp(letter.changed_at)),
        etag: etag::of(found.version),
    }
}

/// What anybody may read of a letter.
#[must_use]
pub fn published_letter(letter: &Letter) -> wire::PublishedLetter {
    let about = &letter.about;
    let editions = match letter.state {
        State::Withdrawn => Vec::new(),
        _ => letter.editions.iter().map(edition).collect(),
    };
    wire::PublishedLetter {
        name: letter.name(),
        kind: wire_kind(about.kind).into(),
        school: format!("schools/{}", about.urn),
        school_display_name: about.school_name.clone(),
        visit_date: about.visit_date.to_string(),
        public_path: public_path(letter),
        editions,
        withdrawal: letter.withdrawal.as_ref().map(withdrawal),
    }
}

/// A round of the school's check.
#[must_use]
pub fn factual_check(round: &Round) -> wire::FactualCheck {
    let reply = round.reply.as_ref();
    wire::FactualCheck {
        round: count(round.number),
        revision: count(round.revision),
        text: Some(text(&round.text)),
        sent_time: Some(timestamp(round.sent_at)),
        delivered_time: round.delivered_at.map(timestamp),
        reply_due_time: Some(timestamp(round.reply_due)),
        reminded_time: round.reminded_at.map(timestamp),
        overdue_time: round.overdue_at.map(timestamp),
        replied_time: reply.map(|reply| timestamp(reply.at)),
        respondent_role: reply.map_or_else(String::new, |reply| reply.respondent_role.clone()),
        channel: match reply.map(|reply| reply.channel) {
            None => wire::ReplyChannel::Unspecified,
            Some(Channel::Link) => wire::ReplyChannel::Link,
            Some(Channel::Recorded) => wire::ReplyChannel::Recorded,
        }
        .into(),
        corrections: round.corrections().iter().map(correction).collect(),
        no_reply: round
            .no_reply
            .as_ref()
            .map(|decision| wire::NoReplyDecision {
                decide_time: Some(timestamp(decision.at)),
                decided_by: decision.by.clone(),
                reason: decision.reason.clone(),
            }),
    }
}

/// What the text check says of a sentence.
#[must_use]
pub fn finding(finding: &Finding, confirmed: bool) -> wire::Finding {
    let severity = match finding.severity {
        Severity::Refused => wire::finding::Severity::Refused,
        Severity::Mark => wire::finding::Severity::Mark,
        Severity::Hint => wire::finding::Severity::Hint,
    };
    let rule = match finding.rule {
        Rule::GradedJudgement => wire::finding::Rule::GradedJudgement,
        Rule::JudgementWord => wire::finding::Rule::JudgementWord,
        Rule::PersonNamed => wire::finding::Rule::PersonNamed,
        Rule::PossibleName => wire::finding::Rule::PossibleName,
        Rule::LongSentence => wire::finding::Rule::LongSentence,
    };
    wire::Finding {
        id: finding.id.clone(),
        severity: severity.into(),
        rule: rule.into(),
        phrase: finding.phrase.clone(),
        sentence: finding.sentence.clone(),
        section: count(finding.place.section),
        paragraph: count(finding.place.paragraph),
        confirmed,
    }
}

fn text(text: &Text) -> wire::LetterText {
    let section = |section: &Section| wire::Section {
        heading: section.heading.clone(),
        paragraphs: section.paragraphs.clone(),
    };
    wire::LetterText {
        title: text.title.clone(),
        sections: text.sections.iter().map(section).collect(),
    }
}

fn correction(correction: &Correction) -> wire::Correction {
    let answer = correction.answer.as_ref();
    wire::Correction {
        number: count(correction.number),
        passage: correction.passage.clone(),
        correction: correction.correction.clone(),
        answer: match answer.map(|answer| answer.outcome) {
            None => wire::correction::Answer::Unspecified,
            Some(Outcome::Accepted) => wire::correction::Answer::Accepted,
            Some(Outcome::Declined) => wire::correction::Answer::Declined,
        }
        .into(),
        reason: answer.map_or_else(String::new, |answer| answer.reason.clone()),
        answer_time: answer.map(|answer| timestamp(answer.at)),
    }
}

fn edition(edition: &Edition) -> wire::Edition {
    wire::Edition {
        number: count(edition.number),
        text: Some(text(&edition.text)),
        publish_time: Some(timestamp(edition.published_at)),
        change_note: edition.change_note.clone(),
        content_sha256: edition.text.sha256(),
    }
}

fn withdrawal(withdrawal: &Withdrawal) -> wire::Withdrawal {
    wire::Withdrawal {
        withdraw_time: Some(timestamp(withdrawal.at)),
        reason: withdrawal.reason.clone(),
    }
}

fn public_path(letter: &Letter) -> String {
    if letter.editions.is_empty() {
        String::new()
    } else {
        letter.public_path()
    }
}

const fn state(state: State) -> wire::letter::State {
    match state {
        State::Drafting => wire::letter::State::Drafting,
        State::WithSchool => wire::letter::State::WithSchool,
        State::SchoolReplied => wire::letter::State::SchoolReplied,
        State::NoReply => wire::letter::State::NoReply,
        State::Ready => wire::letter::State::Ready,
        State::Published => wire::letter::State::Published,
        State::Corrected => wire::letter::State::Corrected,
        State::Withdrawn => wire::letter::State::Withdrawn,
        State::Superseded => wire::letter::State::Superseded,
    }
}
