//! The table of `coding.rs`, literally, and what a round must hold.

use super::*;
use crate::domain::frame::{Code, CodeKind, FrameContent};
use proptest::prelude::*;
use visits_core::{Actor, Role, civil};

fn context() -> Context {
    Context {
        now: "2020-10-12T09:00:00Z".parse().expect("instant"),
        actor: Actor::new("researcher-1", Role::Researcher),
    }
}

fn frame() -> Frame {
    let code = |code: &str, kind| Code {
        code: code.into(),
        kind,
        label: code.into(),
        definition: String::new(),
    };
    Frame {
        content: FrameContent {
            version: "2020-09".into(),
            title: "Autumn term".into(),
            effective_date: civil::date(2020, 9, 29),
            codes: vec![
                code("theme-reading", CodeKind::Theme),
                code("barrier-devices", CodeKind::Barrier),
            ],
        },
        importer: "researcher-1".into(),
        imported_at: context().now,
    }
}

fn answer(question: &str, text: &str) -> Answer {
    Answer {
        question_code: question.into(),
        area: "CURRICULUM".into(),
        text: text.into(),
        declined: text.is_empty(),
        follow_ups: Vec::new(),
    }
}

fn answers() -> Vec<Answer> {
    vec![
        answer("cu-1", "Phonics first."),
        answer("cu-2", ""),
        answer("cu-3", "Too few laptops."),
    ]
}

fn store(answers: Vec<Answer>) -> CodingCommand {
    CodingCommand::Store {
        form: "2020-09".into(),
        answers,
    }
}

fn codes(given: &[(u32, &[&str])]) -> Vec<AnswerCodes> {
    let row = |(answer, codes): &(u32, &[&str])| AnswerCodes {
        answer: *answer,
        codes: codes.iter().map(ToString::to_string).collect(),
    };
    given.iter().map(row).collect()
}

fn code_with(given: &[(u32, &[&str])], reason: &str) -> CodingCommand {
    CodingCommand::Code {
        frame: frame(),
        answers: codes(given),
        reason: reason.into(),
    }
}

fn good(reason: &str) -> CodingCommand {
    code_with(
        &[(1, &["theme-reading"]), (3, &["barrier-devices"])],
        reason,
    )
}

fn play(commands: &[CodingCommand]) -> Option<Coding> {
    commands.iter().fold(None, |state, command| {
        match decide(state.as_ref(), command, &context()) {
            Ok(Decision::Changed { next, .. }) => Some(next),
            Ok(Decision::Unchanged) => state,
            Err(refusal) => panic!("{refusal}"),
        }
    })
}

/// What a command comes to, in a word.
fn outcome(state: Option<&Coding>, command: &CodingCommand) -> &'static str {
    match decide(state, command, &context()) {
        Ok(Decision::Unchanged) => "unchanged",
        Ok(Decision::Changed { next, .. }) => match next.state() {
            CodingState::ToCode => "to code",
            CodingState::Coded => "coded",
            CodingState::LeftOut => "left out",
        },
        Err(refusal) => refusal.reason(),
    }
}

#[test]
fn every_state_of_a_coding_answers_every_command() {
    let to_code = play(&[store(answers())]);
    let coded = play(&[store(answers()), good("")]);
    let left_out = play(&[store(answers()), good(""), CodingCommand::Erase]);
    let other = store(vec![answer("cu-1", "Something else.")]);
    // store same, store other, code, code again with a reason, erase
    let table = [
        (
            None,
            ["to code", "to code", "NOT_FOUND", "NOT_FOUND", "left out"],
        ),
        (
            to_code,
            ["unchanged", "to code", "coded", "coded", "left out"],
        ),
        (
            coded,
            [
                "unchanged",
                "ANSWERS_ALREADY_CODED",
                "RECODING_WITHOUT_REASON",
                "coded",
                "left out",
            ],
        ),
        (
            left_out,
            [
                "unchanged",
                "unchanged",
                "VISIT_LEFT_OUT",
                "VISIT_LEFT_OUT",
                "unchanged",
            ],
        ),
    ];
    for (state, row) in table {
        let commands = [
            store(answers()),
            other.clone(),
            good(""),
            good("read again"),
            CodingCommand::Erase,
        ];
        let outcomes = commands.map(|command| outcome(state.as_ref(), &command));
        assert_eq!(outcomes, row, "{:?}", state.map(|coding| coding.state()));
    }
}

#[test]
fn recoding_keeps_what_stood_before() {
    let second = code_with(&[(1, &[]), (3, &["barrier-devices"])], "second reader");
    let coding = play(&[store(answers()), good(""), second]).expect("coded");
    assert_eq!(coding.rounds.len(), 2);
    assert_eq!(
        coding.rounds[0].answers,
        codes(&[(1, &["theme-reading"]), (3, &["barrier-devices"])])
    );
    assert_eq!(coding.rounds[1].reason, "second reader");
    let counted = coding.codes_by("2020-09").expect("coded with the frame");
    assert_eq!(counted.into_iter().collect::<Vec<_>>(), ["barrier-devices"]);
    assert_eq!(coding.codes_by("2020-10"), None);
}

#[test]
fn m30_a_visit_left_out_keeps_no_answer_and_counts_no_code() {
    let coding = play(&[store(answers()), good(""), CodingCommand::Erase]).expect("left out");
    assert!(coding.answers.is_empty());
    assert_eq!(coding.codes_by("2020-09"), None);
}

#[test]
fn everything_that_does_not_fit_is_named_at_once() {
    let state = play(&[store(answers())]);
    let command = code_with(
        &[
            (1, &["theme-reading", "theme-reading", "theme-sport"]),
            (1, &[]),
            (2, &[]),
            (9, &[]),
        ],
        "",
    );
    let Err(CodingRefusal::DoesNotFit(violations)) = decide(state.as_ref(), &command, &context())
    else {
        panic!("refused");
    };
    let fields: Vec<&str> = violations.iter().map(|v| v.field.as_str()).collect();
    assert_eq!(
        fields,
        [
            "answers[0].codes[1]",
            "answers[0].codes[2]",
            "answers[1].answer",
            "answers[2].answer",
            "answers[3].answer",
            "answers",
        ]
    );
}

#[test]
fn m21_a_declined_answer_with_an_answered_follow_up_is_coded() {
    let mut declined = answer("cu-1", "");
    assert!(!declined.says_something());
    declined.follow_ups.push(FollowUp {
        question: "And reading?".into(),
        text: "Daily.".into(),
        declined: false,
    });
    assert!(declined.says_something());
}

proptest! {
    #[test]
    fn m30_whatever_happens_rounds_only_grow_and_what_is_left_out_stays_empty(
        order in prop::collection::vec(0..5_usize, 0..16),
    ) {
        let commands = [
            store(answers()),
            store(vec![answer("cu-1", "Something else.")]),
            good(""),
            good("read again"),
            CodingCommand::Erase,
        ];
        let mut state: Option<Coding> = None;
        for index in order {
            let before = state.clone();
            if let Ok(Decision::Changed { next, .. }) = decide(before.as_ref(), &commands[index], &context()) {
                state = Some(next);
            }
            let (Some(before), Some(after)) = (before, &state) else { continue };
            prop_assert!(after.rounds.starts_with(&before.rounds));
            prop_assert!(after.left_out || !before.left_out);
            prop_assert!(!after.left_out || after.answers.is_empty());
        }
    }
}
