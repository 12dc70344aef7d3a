//! The school's check for factual accuracy (M36).

use visits_core::london;

use super::{Context, Decision, check_text};
use crate::domain::command::SchoolReply;
use crate::domain::event::Event;
use crate::domain::letter::{
    Answer, Correction, Letter, NoReplyDecision, Outcome, Reply, Round, State,
};
use crate::domain::refusal::Refusal;
use crate::domain::timer::{Due, Timer};

/// Begins a round.
pub(super) fn send(
    letter: &Letter,
    recipient: String,
    link_hash: String,
    context: &Context<'_>,
) -> Result<Decision, Refusal> {
    match letter.state {
        State::Drafting => {}
        State::SchoolReplied => all_answered(letter)?,
        State::WithSchool => return Err(Refusal::WithSchool),
        State::NoReply | State::Ready => return Err(Refusal::RoundClosed),
        state => return Err(Refusal::past_publication(state)),
    }
    check_text(
        &letter.text,
        &letter.about.school_name,
        &letter.confirmed,
        context.policy,
    )?;
    let number = letter.round().map_or(1, |round| round.number + 1);
    let reply_due = context.policy.reply_due(context.now)?;
    let reminder = context.policy.reminder(reply_due)?;
    let mut next = letter.clone();
    next.state = State::WithSchool;
    next.rounds.push(Round {
        number,
        revision: letter.revision,
        text: letter.text.clone(),
        recipient: Some(recipient),
        link_hash,
        link_expires: context.policy.link_expires(context.now)?,
        sent_at: context.now,
        delivered_at: None,
        reply_due,
        reminded_at: None,
        overdue_at: None,
        reply: None,
        no_reply: None,
    });
    let timers = vec![
        Timer::Arm(Due::SendLink, context.now),
        Timer::Arm(Due::Reminder, reminder),
        Timer::Arm(Due::Reply, reply_due),
    ];
    let event = Event::SentToSchool {
        round: number,
        reply_due,
    };
    Ok(Decision::changed(next, context.now, event, timers))
}

/// Notes that the link left.
pub(super) fn delivered(letter: &Letter, number: u32, context: &Context<'_>) -> Decision {
    of_open_round(
        letter,
        number,
        context,
        Event::LinkDelivered { round: number },
        |round| round.delivered_at.replace(context.now).is_none(),
    )
}

/// Notes that the school was reminded.
pub(super) fn reminded(letter: &Letter, number: u32, context: &Context<'_>) -> Decision {
    of_open_round(
        letter,
        number,
        context,
        Event::SchoolReminded { round: number },
        |round| round.reminded_at.replace(context.now).is_none(),
    )
}

/// Notes that the time passed without a reply: a publisher has to decide.
pub(super) fn overdue(letter: &Letter, number: u32, context: &Context<'_>) -> Decision {
    of_open_round(
        letter,
        number,
        context,
        Event::ReplyOverdue { round: number },
        |round| round.reply_due <= context.now && round.overdue_at.replace(context.now).is_none(),
    )
}

fn of_open_round(
    letter: &Letter,
    number: u32,
    context: &Context<'_>,
    event: Event,
    change: impl FnOnce(&mut Round) -> bool,
) -> Decision {
    if letter.state != State::WithSchool {
        return Decision::Unchanged;
    }
    let mut next = letter.clone();
    let changed = next
        .rounds
        .last_mut()
        .filter(|round| round.number == number)
        .is_some_and(change);
    if changed {
        Decision::changed(next, context.now, event, Vec::new())
    } else {
        Decision::Unchanged
    }
}

/// The school's reply. It is welcome after a decision to go on without, as long as the letter isn't
/// ready.
pub(super) fn reply(
    letter: &Letter,
    said: SchoolReply,
    context: &Context<'_>,
) -> Result<Decision, Refusal> {
    match letter.state {
        State::WithSchool | State::NoReply => {}
        State::Drafting => return Err(Refusal::NotWithSchool),
        State::SchoolReplied | State::Ready => return Err(Refusal::RoundClosed),
        state => return Err(Refusal::past_publication(state)),
    }
    let mut next = letter.clone();
    next.state = State::SchoolReplied;
    let Some(round) = next.rounds.last_mut() else {
        return Err(Refusal::NotWithSchool);
    };
    if said.round.is_some_and(|number| number != round.number) {
        return Err(Refusal::RoundClosed);
    }
    let corrections: Vec<Correction> = (1..)
        .zip(said.corrections)
        .map(|(number, (passage, correction))| Correction {
            number,
            passage,
            correction,
            answer: None,
        })
        .collect();
    let count = u32::try_from(corrections.len()).unwrap_or(u32::MAX);
    let number = round.number;
    round.recipient = None;
    round.reply = Some(Reply {
        at: context.now,
        respondent_role: said.respondent_role,
        channel: said.channel,
        corrections,
    });
    let event = Event::SchoolReplied {
        round: number,
        corrections: count,
    };
    Ok(Decision::changed(next, context.now, event, end_of_round()))
}

/// Our answer to one of the school's corrections.
pub(super) fn answer(
    letter: &Letter,
    number: u32,
    outcome: Outcome,
    reason: String,
    context: &Context<'_>,
) -> Result<Decision, Refusal> {
    match letter.state {
        State::SchoolReplied => {}
        State::Drafting | State::WithSchool => return Err(Refusal::BeforeFactualCheck),
        State::NoReply | State::Ready => return Err(Refusal::RoundClosed),
        state => return Err(Refusal::past_publication(state)),
    }
    let mut next = letter.clone();
    let correction = next
        .rounds
        .last_mut()
        .and_then(|round| round.reply.as_mut())
        .and_then(|reply| reply.corrections.iter_mut().find(|c| c.number == number))
        .ok_or(Refusal::NoSuchCorrection { number })?;
    if correction
        .answer
        .as_ref()
        .is_some_and(|a| a.says(outcome, &reason))
    {
        return Ok(Decision::Unchanged);
    }
    correction.answer = Some(Answer {
        outcome,
        reason,
        at: context.now,
    });
    let event = Event::CorrectionAnswered { number, outcome };
    Ok(Decision::changed(next, context.now, event, Vec::new()))
}

/// The explicit decision to go on without a reply, once the school's time has passed.
pub(super) fn go_on_without(
    letter: &Letter,
    reason: String,
    context: &Context<'_>,
) -> Result<Decision, Refusal> {
    match letter.state {
        State::WithSchool => {}
        State::Drafting => return Err(Refusal::NotWithSchool),
        State::SchoolReplied | State::NoReply | State::Ready => return Err(Refusal::RoundClosed),
        state => return Err(Refusal::past_publication(state)),
    }
    let mut next = letter.clone();
    next.state = State::NoReply;
    let Some(round) = next.rounds.last_mut() else {
        return Err(Refusal::NotWithSchool);
    };
    if context.now < round.reply_due {
        return Err(Refusal::SchoolStillHasTime {
            until: london::spoken(round.reply_due),
        });
    }
    let number = round.number;
    round.recipient = None;
    round.no_reply = Some(NoReplyDecision {
        at: context.now,
        by: context.actor.principal.clone(),
        reason,
    });
    let event = Event::NoReplyDecided { round: number };
    Ok(Decision::changed(next, context.now, event, end_of_round()))
}

/// Every correction of the latest round has an answer (M36).
pub(super) fn all_answered(letter: &Letter) -> Result<(), Refusal> {
    letter
        .round()
        .and_then(Round::first_unanswered)
        .map_or(Ok(()), |number| {
            Err(Refusal::CorrectionUnanswered { number })
        })
}

/// What no longer falls due once a round is over.
pub(super) fn end_of_round() -> Vec<Timer> {
    vec![
        Timer::Cancel(Due::SendLink),
        Timer::Cancel(Due::Reminder),
        Timer::Cancel(Due::Reply),
    ]
}
