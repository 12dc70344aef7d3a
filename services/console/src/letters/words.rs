//! Where a letter stands, in words.

use visits_components::Tag;
use visits_proto::letters::v1 as pb;
use visits_proto::letters::v1::letter::State;

/// The states of a letter, as a filter names them and in words.
pub(super) const STATES: [(&str, &str); 9] = [
    ("DRAFTING", "Being written"),
    ("WITH_SCHOOL", "With the school"),
    ("SCHOOL_REPLIED", "School has replied"),
    ("NO_REPLY", "Goes on without a reply"),
    ("READY", "Ready to publish"),
    ("PUBLISHED", "Published"),
    ("CORRECTED", "Published and corrected"),
    ("WITHDRAWN", "Withdrawn"),
    ("SUPERSEDED", "Superseded: never published"),
];
/// The kinds of letter.
pub(super) const KINDS: [(&str, &str); 2] = [
    ("INTERIM_VISIT", "Letter about a visit"),
    ("NFD", "Letter about an NFD"),
];

/// Where a letter stands.
pub(super) fn state(state: State) -> &'static str {
    let name = state.as_str_name().trim_start_matches("STATE_");
    let known = STATES.iter().find(|(known, _)| *known == name);
    known.map_or("Not known", |(_, words)| words)
}

/// The same as a tag.
pub(super) fn tag(letter: State) -> Tag {
    let colour = match letter {
        State::SchoolReplied | State::NoReply => "govuk-tag--yellow",
        State::WithSchool => "govuk-tag--blue",
        State::Ready | State::Published | State::Corrected => "govuk-tag--green",
        State::Withdrawn => "govuk-tag--red",
        _ => "govuk-tag--grey",
    };
    Tag::new(state(letter), colour)
}

/// What a letter is about.
pub(super) const fn kind(kind: pb::LetterKind) -> &'static str {
    match kind {
        pb::LetterKind::Nfd => "Letter about an NFD",
        pb::LetterKind::InterimVisit => "Letter about a visit",
        pb::LetterKind::Unspecified => "Letter",
    }
}

/// What is to be done next, and by whom.
pub(super) fn next(letter: &pb::Letter) -> &'static str {
    let round = letter.factual_checks.last();
    let is_overdue = round.is_some_and(|round| round.overdue_time.is_some());
    match letter.state() {
        State::Drafting => "Lead inspector: write it, then send it to the school",
        State::WithSchool if is_overdue => "Publisher: the school’s time has passed, decide",
        State::WithSchool => "School: check it for factual accuracy",
        State::SchoolReplied => "Lead inspector: answer each correction",
        State::NoReply => "Say that it may be published",
        State::Ready => "Publisher: publish it",
        State::Published | State::Corrected | State::Withdrawn | State::Superseded => "Nothing",
        State::Unspecified => "Not known",
    }
}

/// What the text check says of a sentence.
pub(super) const fn rule(rule: pb::finding::Rule) -> &'static str {
    use pb::finding::Rule;
    match rule {
        Rule::GradedJudgement => "States a graded judgement: a visit results in none",
        Rule::JudgementWord => "A word of the grading scale",
        Rule::PersonNamed => "Names a person",
        Rule::PossibleName => "May name a person",
        Rule::LongSentence => "Has more than 25 words",
        Rule::Unspecified => "Look at it again",
    }
}
