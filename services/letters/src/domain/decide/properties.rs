//! Whatever is asked in whatever order, the promises hold.

use proptest::prelude::*;
use visits_core::{Actor, Refusal as _, Role, SignedDuration};

use super::table::{answer, draft, instant, open_ground, reply, send, text};
use super::{Context, Decision, decide};
use crate::domain::command::Command;
use crate::domain::ground::{Change, Heard};
use crate::domain::letter::{Kind, Letter, Outcome, State, SupersedeCause};
use crate::domain::policy::Policy;

fn commands() -> impl Strategy<Value = Command> {
    let words = prop_oneof![
        Just("Pupils are back."),
        Just("Most pupils are back."),
        Just("The school is outstanding."),
        Just("Mrs Khan leads reading."),
        Just("Pupils keep good habits."),
    ];
    let outcome = prop_oneof![Just(Outcome::Accepted), Just(Outcome::Declined)];
    prop_oneof![
        3 => words.clone().prop_map(|w| Command::Revise { text: text(w) }),
        1 => Just(Command::ConfirmMarks { ids: vec![] }),
        4 => Just(send()),
        1 => Just(Command::LinkDelivered { round: 1 }),
        2 => Just(reply(&[])),
        2 => Just(reply(&["All pupils"])),
        3 => outcome.prop_map(answer),
        3 => Just(Command::DecideNoReply { reason: "called".into() }),
        4 => Just(Command::MarkReady),
        4 => Just(Command::Publish),
        2 => words.prop_map(|w| Command::Correct {
            text: text(w), change_note: "Put right.".into(), confirmed: vec![],
        }),
        1 => Just(Command::Withdraw { reason: "Withdrawn.".into() }),
        1 => Just(Command::Supersede { cause: SupersedeCause::NfdRequired }),
        1 => Just(Command::ReplyOverdue { round: 1 }),
        1 => Just(Command::TargetPassed),
    ]
}

fn holds(before: &Letter, after: &Letter) {
    // M37: editions only grow, and none is altered.
    assert!(after.editions.starts_with(&before.editions));
    if after.editions.len() > before.editions.len() {
        let text = &after.editions.last().expect("an edition").text;
        let words = &text.sections[0].paragraphs[0];
        // M5: what is published states no judgement, names nobody, and has no open mark.
        assert!(
            ["Pupils are back.", "Most pupils are back."].contains(&words.as_str()),
            "{words}"
        );
    }
    if !after.editions.is_empty() {
        // M36: a reply with every correction answered, or a decision to go on without.
        let round = after.round().expect("published without a round");
        assert!(
            round.no_reply.is_some()
                || (round.reply.is_some() && round.first_unanswered().is_none())
        );
        // The text changed after the school read it only in answer to its corrections.
        let first = &after.editions[0].text;
        assert!(*first == round.text || round.has_accepted());
    }
    if after.state == State::Superseded {
        assert_eq!(after.editions, []);
    }
    assert!(after.revision >= before.revision);
    assert!(
        after.state.is_before_publication() || after.round().is_none_or(|r| r.recipient.is_none())
    );
}

proptest! {
    #[test]
    fn m36_m37_m5_whatever_is_asked_the_promises_hold(
        steps in prop::collection::vec((commands(), 0_i64..150), 1..40)
    ) {
        let policy = Policy::standard().expect("policy");
        let ground = open_ground(&policy);
        let actor = Actor::new("PUB-1", Role::Publisher);
        let mut now = instant("2020-10-14T09:00:00Z");
        let mut letter: Option<Letter> = None;
        for (command, hours) in std::iter::once((draft(Kind::Interim), 0)).chain(steps) {
            now += SignedDuration::from_hours(hours);
            let context = Context { now, actor: &actor, policy: &policy, ground: &ground };
            match decide(letter.as_ref(), command, &context) {
                Ok(Decision::Changed { next, .. }) => {
                    if let Some(before) = &letter {
                        holds(before, &next);
                    }
                    letter = Some(*next);
                }
                Ok(Decision::Unchanged) => {}
                Err(refusal) => prop_assert!(refusal.reason().starts_with("LETTER_")),
            }
        }
    }

    #[test]
    fn m30_the_interim_letter_of_a_converted_visit_is_never_published_after_the_decision(
        steps in prop::collection::vec((commands(), 0_i64..150), 1..30), converted_at in 0_usize..30
    ) {
        let policy = Policy::standard().expect("policy");
        let mut ground = open_ground(&policy);
        let actor = Actor::new("PUB-1", Role::Publisher);
        let mut now = instant("2020-10-14T09:00:00Z");
        let context = Context { now, actor: &actor, policy: &policy, ground: &ground };
        let Ok(Decision::Changed { next, .. }) = decide(None, draft(Kind::Interim), &context) else {
            panic!("drafted");
        };
        let mut letter = *next;
        let mut published_before = false;
        for (index, (command, hours)) in steps.into_iter().enumerate() {
            now += SignedDuration::from_hours(hours);
            if index == converted_at {
                published_before = !letter.editions.is_empty();
                let heard = Heard::Closed { cause: SupersedeCause::NfdRequired };
                if let Change::Changed { next, .. } = ground.hear(heard, now, &policy).expect("calendar") {
                    ground = *next;
                }
            }
            let context = Context { now, actor: &actor, policy: &policy, ground: &ground };
            if let Ok(Decision::Changed { next, .. }) = decide(Some(&letter), command, &context) {
                letter = *next;
            }
            if index >= converted_at {
                prop_assert!(published_before || letter.editions.is_empty());
            }
        }
    }
}
