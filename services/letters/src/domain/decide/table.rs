//! Every state × command, cell by cell.

use jiff::Timestamp;
use visits_core::{Actor, Refusal as _, Role};

use super::{Context, Decision, decide};
use crate::domain::command::{Command, Draft, SchoolReply};
use crate::domain::ground::{Change, Ground, Heard};
use crate::domain::letter::{
    About, CaseId, Channel, Kind, Letter, LetterId, Outcome, State, SupersedeCause, VisitId,
};
use crate::domain::policy::Policy;
use crate::domain::text::{Section, Text};

pub(super) fn instant(text: &str) -> Timestamp {
    text.parse().expect("instant")
}

pub(super) fn text(words: &str) -> Text {
    Text {
        title: "Letter".into(),
        sections: vec![Section {
            heading: String::new(),
            paragraphs: vec![words.into()],
        }],
    }
}

pub(super) fn visit() -> VisitId {
    VisitId(uuid::Uuid::from_u128(7))
}

pub(super) fn ground(policy: &Policy, heard: &[Heard]) -> Ground {
    let at = instant("2020-10-13T15:00:00Z");
    heard
        .iter()
        .fold(Ground::unheard(visit()), |ground, heard| {
            match ground.hear(*heard, at, policy).expect("calendar") {
                Change::Unchanged => ground,
                Change::Changed { next, .. } => *next,
            }
        })
}

pub(super) fn open_ground(policy: &Policy) -> Ground {
    let at = instant("2020-10-13T14:40:00Z");
    let left_site = instant("2020-10-14T14:40:00Z");
    let case = CaseId(uuid::Uuid::from_u128(9));
    ground(
        policy,
        &[
            Heard::ContentAgreed { version: 1 },
            Heard::Departed { at },
            Heard::NfdCompleted { case, left_site },
        ],
    )
}

pub(super) fn draft(kind: Kind) -> Command {
    Command::Draft(Box::new(Draft {
        id: LetterId(uuid::Uuid::from_u128(1)),
        about: About {
            kind,
            visit: visit(),
            case: (kind == Kind::Nfd).then_some(CaseId(uuid::Uuid::from_u128(9))),
            urn: "123166".into(),
            school_name: "Appleby School".into(),
            visit_date: jiff::civil::date(2020, 10, 13),
            lead: "HMI-001".into(),
            inspectors: vec!["HMI-001".into(), "HMI-002".into()],
        },
        text: text("Pupils are back."),
        content_version: 1,
    }))
}

pub(super) fn send() -> Command {
    Command::SendToSchool {
        recipient: "head@appleby.example".into(),
        link_hash: "00".into(),
    }
}

pub(super) fn reply(corrections: &[&str]) -> Command {
    Command::RecordReply(SchoolReply {
        round: None,
        respondent_role: "headteacher".into(),
        channel: Channel::Recorded,
        corrections: corrections
            .iter()
            .map(|c| ("Pupils".into(), (*c).into()))
            .collect(),
    })
}

pub(super) fn answer(outcome: Outcome) -> Command {
    Command::AnswerCorrection {
        number: 1,
        outcome,
        reason: "checked".into(),
    }
}

pub(super) const DURING: &str = "2020-10-14T09:00:00Z";
pub(super) const LATE: &str = "2020-12-01T09:00:00Z";

/// A letter after these commands.
pub(super) fn letter(commands: Vec<Command>, policy: &Policy) -> Letter {
    let ground = open_ground(policy);
    let actor = Actor::new("PUB-1", Role::Publisher);
    let mut letter = None;
    for command in commands {
        let late = matches!(command, Command::DecideNoReply { .. });
        let now = instant(if late { LATE } else { DURING });
        let context = Context {
            now,
            actor: &actor,
            policy,
            ground: &ground,
        };
        let name = command.name();
        match decide(letter.as_ref(), command, &context) {
            Ok(Decision::Changed { next, .. }) => letter = Some(*next),
            other => panic!("{name}: {other:?}"),
        }
    }
    letter.expect("a letter")
}

fn no_reply() -> Command {
    Command::DecideNoReply {
        reason: "called twice".into(),
    }
}

fn correct() -> Command {
    Command::Correct {
        text: text("Pupils are all back."),
        change_note: "We put the number right.".into(),
        confirmed: vec![],
    }
}

fn withdraw() -> Command {
    Command::Withdraw {
        reason: "It was about another school.".into(),
    }
}

fn supersede() -> Command {
    Command::Supersede {
        cause: SupersedeCause::NfdRequired,
    }
}

/// The way to each state; the replied one asks for a correction that is accepted.
fn way_to(state: State) -> Vec<Command> {
    let begin = |rest: Vec<Command>| [vec![draft(Kind::Interim), send()], rest].concat();
    match state {
        State::Drafting => vec![draft(Kind::Interim)],
        State::WithSchool => begin(vec![]),
        State::SchoolReplied => begin(vec![reply(&["Pupils all"]), answer(Outcome::Accepted)]),
        State::NoReply => begin(vec![no_reply()]),
        State::Ready => begin(vec![no_reply(), Command::MarkReady]),
        State::Published => begin(vec![no_reply(), Command::MarkReady, Command::Publish]),
        State::Corrected => begin(vec![
            no_reply(),
            Command::MarkReady,
            Command::Publish,
            correct(),
        ]),
        State::Withdrawn => begin(vec![
            no_reply(),
            Command::MarkReady,
            Command::Publish,
            withdraw(),
        ]),
        State::Superseded => vec![draft(Kind::Interim), supersede()],
    }
}

const COLUMNS: [State; 9] = State::ALL;

/// What becomes of each state: the state reached, `=` for no change, `+` for a change within the
/// state, or the reason of the refusal. Everything is asked long after every deadline.
#[rustfmt::skip]
fn rows() -> Vec<(Command, [&'static str; 9])> {
    const D: &str = "drafting";
    const EARLY: &str = "LETTER_BEFORE_FACTUAL_CHECK";
    const SCHOOL: &str = "LETTER_WITH_SCHOOL";
    const CLOSED: &str = "LETTER_ROUND_CLOSED";
    const OUT: &str = "LETTER_ALREADY_PUBLISHED";
    const NOT_OUT: &str = "LETTER_NOT_PUBLISHED";
    const NOT_THERE: &str = "LETTER_NOT_WITH_SCHOOL";
    const GONE: &str = "LETTER_WITHDRAWN";
    const NEVER: &str = "LETTER_SUPERSEDED";
    const AGAIN: &str = "LETTER_ALREADY_DRAFTED";
    let revise = Command::Revise { text: text("Pupils are nearly all back.") };
    let confirm = Command::ConfirmMarks { ids: vec![] };
    let s = "superseded";
    let n = "no_reply";
    let sr = "school_replied";
    vec![
        // command                              drafting   with_school school_replied no_reply  ready   published  corrected  withdrawn superseded
        (draft(Kind::Interim),                   [AGAIN,     AGAIN,      AGAIN,         AGAIN,    AGAIN,   AGAIN,     AGAIN,     AGAIN,    AGAIN]),
        (revise,                                 ["+",       SCHOOL,     "+",           D,        D,       OUT,       OUT,       GONE,     NEVER]),
        (confirm,                                ["=",       SCHOOL,     "=",           CLOSED,   CLOSED,  OUT,       OUT,       GONE,     NEVER]),
        (send(),                                 ["with_school", SCHOOL, "with_school", CLOSED,   CLOSED,  OUT,       OUT,       GONE,     NEVER]),
        (Command::LinkDelivered { round: 1 },    ["=",       "+",        "=",           "=",      "=",     "=",       "=",       "=",      "="]),
        (reply(&[]),                             [NOT_THERE, sr,         CLOSED,        sr,       CLOSED,  OUT,       OUT,       GONE,     NEVER]),
        (answer(Outcome::Declined),              [EARLY,     EARLY,      "+",           CLOSED,   CLOSED,  OUT,       OUT,       GONE,     NEVER]),
        (no_reply(),                             [NOT_THERE, n,          CLOSED,        CLOSED,   CLOSED,  OUT,       OUT,       GONE,     NEVER]),
        (Command::MarkReady,                     [EARLY,     EARLY,      "LETTER_CORRECTION_NOT_MADE", "ready", "=", OUT, OUT,   GONE,     NEVER]),
        (Command::Publish,                       [EARLY,     EARLY,      "LETTER_NOT_READY", "LETTER_NOT_READY", "published", OUT, OUT, GONE, NEVER]),
        (correct(),                              [NOT_OUT,   NOT_OUT,    NOT_OUT,       NOT_OUT,  NOT_OUT, "corrected", "LETTER_NOTHING_CORRECTED", GONE, NEVER]),
        (withdraw(),                             [NOT_OUT,   NOT_OUT,    NOT_OUT,       NOT_OUT,  NOT_OUT, "withdrawn", "withdrawn", GONE,  NEVER]),
        (supersede(),                            [s,         s,          s,             s,        s,       "=",       "=",       "=",      "="]),
        (Command::SchoolReminded { round: 1 },   ["=",       "+",        "=",           "=",      "=",     "=",       "=",       "=",      "="]),
        (Command::ReplyOverdue { round: 1 },     ["=",       "+",        "=",           "=",      "=",     "=",       "=",       "=",      "="]),
        (Command::TargetPassed,                  ["+",       "+",        "+",           "+",      "+",     "=",       "=",       "=",      "="]),
    ]
}

#[test]
fn every_state_and_command_has_its_row() {
    let policy = Policy::standard().expect("policy");
    let ground = open_ground(&policy);
    let actor = Actor::new("PUB-1", Role::Publisher);
    let context = Context {
        now: instant(LATE),
        actor: &actor,
        policy: &policy,
        ground: &ground,
    };
    for (command, cells) in rows() {
        for (state, expected) in COLUMNS.into_iter().zip(cells) {
            let before = letter(way_to(state), &policy);
            assert_eq!(before.state, state);
            let became = match decide(Some(&before), command.clone(), &context) {
                Ok(Decision::Unchanged) => "=",
                Ok(Decision::Changed { next, .. }) if next.state == state => "+",
                Ok(Decision::Changed { next, .. }) => next.state.code(),
                Err(refusal) => refusal.reason(),
            };
            assert_eq!(became, expected, "{} in {}", command.name(), state.code());
        }
    }
}

#[test]
fn without_a_letter_only_a_draft_does_anything() {
    let policy = Policy::standard().expect("policy");
    let ground = open_ground(&policy);
    let actor = Actor::new("HMI-001", Role::Hmi);
    let context = Context {
        now: instant(DURING),
        actor: &actor,
        policy: &policy,
        ground: &ground,
    };
    for (command, _) in rows() {
        let drafts = matches!(command, Command::Draft(_));
        let became = decide(None, command, &context);
        match became {
            Ok(Decision::Changed { next, .. }) => assert!(drafts && next.state == State::Drafting),
            Ok(Decision::Unchanged) => panic!("nothing can't stay unchanged"),
            Err(refusal) => assert!(!drafts && refusal.reason() == "LETTER_NOT_FOUND"),
        }
    }
}

#[test]
fn m35_m32_m30_m24_what_has_been_heard_decides_whether_a_letter_may_be_drafted() {
    let policy = Policy::standard().expect("policy");
    let at = instant("2020-10-13T14:40:00Z");
    let case = CaseId(uuid::Uuid::from_u128(9));
    let agreed = Heard::ContentAgreed { version: 1 };
    let departed = Heard::Departed { at };
    let closed = Heard::Closed {
        cause: SupersedeCause::NfdRequired,
    };
    let completed = Heard::NfdCompleted {
        case,
        left_site: at,
    };
    let rows: [(&[Heard], &str, &str); 7] = [
        //                              the interim letter           the NFD letter
        (
            &[],
            "LETTER_BEFORE_DEPARTURE",
            "LETTER_BEFORE_NFD_COMPLETED",
        ),
        (
            &[agreed],
            "LETTER_BEFORE_DEPARTURE",
            "LETTER_BEFORE_NFD_COMPLETED",
        ),
        (
            &[departed],
            "LETTER_CONTENT_NOT_AGREED",
            "LETTER_BEFORE_NFD_COMPLETED",
        ),
        (
            &[agreed, departed],
            "drafted",
            "LETTER_BEFORE_NFD_COMPLETED",
        ),
        (
            &[agreed, departed, closed],
            "LETTER_OF_CONVERTED_VISIT",
            "LETTER_BEFORE_NFD_COMPLETED",
        ),
        (
            &[closed, agreed, departed],
            "LETTER_OF_CONVERTED_VISIT",
            "LETTER_BEFORE_NFD_COMPLETED",
        ),
        (&[closed, completed], "LETTER_OF_CONVERTED_VISIT", "drafted"),
    ];
    let actor = Actor::new("HMI-001", Role::Hmi);
    for (heard, interim, nfd) in rows {
        let ground = ground(&policy, heard);
        let context = Context {
            now: instant(DURING),
            actor: &actor,
            policy: &policy,
            ground: &ground,
        };
        for (kind, expected) in [(Kind::Interim, interim), (Kind::Nfd, nfd)] {
            let became = decide(None, draft(kind), &context);
            let became = became.map_or_else(|refusal| refusal.reason(), |_| "drafted");
            assert_eq!(became, expected, "{kind:?} after {heard:?}");
        }
    }
}
