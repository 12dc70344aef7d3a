//! Ready, published, corrected, withdrawn, superseded (M30, M36, M37).

use super::round::{all_answered, end_of_round};
use super::{Context, Decision, check_text, refuse};
use crate::domain::event::Event;
use crate::domain::letter::{Edition, Kind, Letter, State, SupersedeCause, Withdrawal};
use crate::domain::refusal::Refusal;
use crate::domain::text::{Section, Text};
use crate::domain::text_check;
use crate::domain::timer::{Due, Timer};

/// The letter has been checked: its corrections are answered and made (M36).
pub(super) fn mark_ready(letter: &Letter, context: &Context<'_>) -> Result<Decision, Refusal> {
    match letter.state {
        State::SchoolReplied | State::NoReply => {}
        State::Ready => return Ok(Decision::Unchanged),
        State::Drafting | State::WithSchool => return Err(Refusal::BeforeFactualCheck),
        state => return Err(Refusal::past_publication(state)),
    }
    all_answered(letter)?;
    let made = letter
        .round()
        .is_none_or(|round| !round.has_accepted() || letter.revision > round.revision);
    if !made {
        return Err(Refusal::CorrectionNotMade);
    }
    check_text(
        &letter.text,
        &letter.about.school_name,
        &letter.confirmed,
        context.policy,
    )?;
    let mut next = letter.clone();
    next.state = State::Ready;
    Ok(Decision::changed(
        next,
        context.now,
        Event::MadeReady,
        Vec::new(),
    ))
}

/// The first edition. The interim letter of a converted visit is refused even if the news of the
/// conversion and the publication cross (M30).
pub(super) fn publish(letter: &Letter, context: &Context<'_>) -> Result<Decision, Refusal> {
    match letter.state {
        State::Ready => {}
        State::Drafting | State::WithSchool => return Err(Refusal::BeforeFactualCheck),
        State::SchoolReplied | State::NoReply => return Err(Refusal::NotReady),
        state => return Err(Refusal::past_publication(state)),
    }
    if letter.about.kind == Kind::Interim && context.ground.closed.is_some() {
        return Err(Refusal::OfConvertedVisit);
    }
    check_text(
        &letter.text,
        &letter.about.school_name,
        &letter.confirmed,
        context.policy,
    )?;
    let mut next = letter.clone();
    next.state = State::Published;
    next.editions.push(Edition {
        number: 1,
        text: letter.text.clone(),
        published_at: context.now,
        change_note: String::new(),
    });
    let timers = vec![Timer::Cancel(Due::Publication)];
    Ok(Decision::changed(
        next,
        context.now,
        Event::Published { edition: 1 },
        timers,
    ))
}

/// A new edition with a note of what changed; those before it stay as they are (M37).
pub(super) fn correct(
    letter: &Letter,
    text: Text,
    change_note: String,
    confirmed: Vec<String>,
    context: &Context<'_>,
) -> Result<Decision, Refusal> {
    let latest = published(letter)?;
    if text == latest.text {
        return Err(Refusal::NothingCorrected);
    }
    let mut next = letter.clone();
    next.confirmed.extend(confirmed);
    check_text(
        &text,
        &letter.about.school_name,
        &next.confirmed,
        context.policy,
    )?;
    check_note(&change_note, letter, context)?;
    let number = latest.number + 1;
    next.state = State::Corrected;
    next.text = text.clone();
    next.revision += 1;
    next.editions.push(Edition {
        number,
        text,
        published_at: context.now,
        change_note,
    });
    Ok(Decision::changed(
        next,
        context.now,
        Event::Corrected { edition: number },
        Vec::new(),
    ))
}

/// The end of a published letter: its address says that it was withdrawn, and why (M37).
pub(super) fn withdraw(
    letter: &Letter,
    reason: String,
    context: &Context<'_>,
) -> Result<Decision, Refusal> {
    published(letter)?;
    check_note(&reason, letter, context)?;
    let mut next = letter.clone();
    next.state = State::Withdrawn;
    next.withdrawal = Some(Withdrawal {
        at: context.now,
        reason,
    });
    Ok(Decision::changed(
        next,
        context.now,
        Event::Withdrawn,
        Vec::new(),
    ))
}

/// The interim letter of a converted or stopped visit. A published one stays (M30), and so does the
/// NFD's own letter.
pub(super) fn supersede(letter: &Letter, cause: SupersedeCause, context: &Context<'_>) -> Decision {
    if letter.about.kind == Kind::Nfd || !letter.state.is_before_publication() {
        return Decision::Unchanged;
    }
    let mut next = letter.clone();
    next.state = State::Superseded;
    next.superseded = Some(cause);
    if let Some(round) = next.rounds.last_mut() {
        round.recipient = None;
    }
    let mut timers = end_of_round();
    timers.push(Timer::Cancel(Due::Publication));
    Decision::changed(next, context.now, Event::Superseded { cause }, timers)
}

/// The publication target passed before publication.
pub(super) fn target_passed(letter: &Letter, context: &Context<'_>) -> Decision {
    let missed = letter.state.is_before_publication()
        && letter.publication_overdue.is_none()
        && letter.publication_target <= context.now;
    if !missed {
        return Decision::Unchanged;
    }
    let mut next = letter.clone();
    next.publication_overdue = Some(context.now);
    Decision::changed(next, context.now, Event::TargetPassed, Vec::new())
}

fn published(letter: &Letter) -> Result<&Edition, Refusal> {
    match letter.state {
        State::Published | State::Corrected => letter.latest_edition().ok_or(Refusal::NotPublished),
        state if state.is_before_publication() => Err(Refusal::NotPublished),
        state => Err(Refusal::past_publication(state)),
    }
}

/// A note that readers see states no judgement and names nobody either (M5).
fn check_note(note: &str, letter: &Letter, context: &Context<'_>) -> Result<(), Refusal> {
    let text = Text {
        title: String::new(),
        sections: vec![Section {
            heading: String::new(),
            paragraphs: vec![note.to_owned()],
        }],
    };
    let findings = text_check::check(&text, &letter.about.school_name, &context.policy.names);
    refuse(&findings)
}
