//! Invariants over random lives: whatever is asked in whatever order.

use jiff::SignedDuration;
use proptest::prelude::*;
use uuid::Uuid;

use super::fixture::*;
use super::*;

/// One random thing to ask, with two numbers to choose by.
#[derive(Clone, Debug)]
struct Ask {
    what: u8,
    pick: usize,
    minutes: i64,
}

fn asks() -> impl Strategy<Value = Vec<Ask>> {
    let ask = (0u8..20, 0usize..64, 0i64..20).prop_map(|(what, pick, minutes)| Ask {
        what,
        pick,
        minutes,
    });
    proptest::collection::vec(ask, 1..60)
}

fn pick<T: Clone>(from: &[T], pick: usize) -> Option<T> {
    from.get(pick % from.len().max(1)).cloned()
}

fn to_command(ask: &Ask, play: &Play) -> Command {
    let form = form();
    let record = play.state.as_ref();
    let discussions: Vec<_> = record.map_or(Vec::new(), |r| r.discussions.clone());
    let discussion = pick(&discussions, ask.pick);
    let statements: Vec<Uuid> = record.map_or(Vec::new(), |r| {
        r.answers
            .iter()
            .flat_map(|a| std::iter::once(a.id).chain(a.follow_ups.iter().map(|f| f.id)))
            .collect()
    });
    let statement = pick(&statements, ask.pick).unwrap_or(Uuid::nil());
    let early = play.now - SignedDuration::from_mins(ask.minutes);
    match ask.what {
        0 => brief(),
        1 => Command::Start {
            at: Some(early),
            late_note: "late".to_owned(),
        },
        2 | 3 => open(Area::ALL[ask.pick % 5]),
        4 => Command::CloseDiscussion {
            discussion: discussion.map_or(Uuid::nil(), |d| d.id),
            at: Some(early),
        },
        5..=9 => {
            let area = discussion.as_ref().map(|d| d.area);
            let codes: Vec<_> = form
                .questions
                .iter()
                .filter(|q| area.is_none_or(|area| q.area == area))
                .map(|q| q.code.clone())
                .collect();
            Command::RecordAnswers {
                discussion: discussion.map_or(Uuid::nil(), |d| d.id),
                answers: vec![NewAnswer {
                    question_code: pick(&codes, ask.pick / 3).unwrap_or_default(),
                    response: Response::Given(format!("words {}", ask.pick)),
                    given_at: (ask.minutes % 2 == 0).then_some(early),
                }],
            }
        }
        10 | 11 => follow_up(statement),
        12 | 13 => correct(statement, &format!("right {}", ask.pick)),
        14 => unmet(),
        15 => agree(),
        16 => feedback(),
        17 => Command::RecordDeparture {
            at: Some(early),
            reason: "random".to_owned(),
        },
        18 => {
            let asked: Vec<_> = record.map_or(Vec::new(), |r| {
                r.coverage(&form)
                    .asked
                    .iter()
                    .map(|q| q.code.clone())
                    .collect()
            });
            let asked: Vec<&str> = asked.iter().map(String::as_str).collect();
            complete_but(&asked)
        }
        _ if ask.pick.is_multiple_of(4) => stop_at(early),
        _ => Command::NoteLetterPublished {
            published_at: early,
        },
    }
}

/// Every statement with its identifier.
fn statements(record: &Record) -> Vec<(Uuid, &answer::Statement)> {
    record
        .answers
        .iter()
        .flat_map(|a| {
            std::iter::once((a.id, &a.statement))
                .chain(a.follow_ups.iter().map(|f| (f.id, &f.statement)))
        })
        .collect()
}

fn nothing_vanishes(before: &Record, after: &Record) {
    let now_there = statements(after);
    for (id, old) in statements(before) {
        let (_, new) = now_there
            .iter()
            .find(|(there, _)| *there == id)
            .expect("an answer vanished");
        let history: Vec<_> = new
            .revisions
            .iter()
            .map(|r| &r.stood)
            .chain(std::iter::once(&new.response))
            .collect();
        assert!(history.contains(&&old.response), "what stood is lost");
        assert_eq!(new.revisions[..old.revisions.len()], old.revisions[..]);
        assert_eq!(
            (new.given_at, new.recorded_at),
            (old.given_at, old.recorded_at)
        );
    }
    assert_eq!(
        after.agreements[..before.agreements.len()],
        before.agreements[..]
    );
}

fn only_marked_after_a_stop(before: &Record, after: &Record) {
    let Some(stop) = &after.stop else {
        assert!(statements(after).iter().all(|(_, s)| s.mark.is_none()));
        return;
    };
    let known: Vec<Uuid> = statements(before).iter().map(|(id, _)| *id).collect();
    for (id, statement) in statements(after) {
        if before.stop.is_some() && !known.contains(&id) {
            assert!(statement.mark.is_some(), "unmarked after the stop");
        }
        if statement.given_at > stop.decided_at {
            assert_eq!(statement.mark, Some(Mark::GivenAfterStop));
        }
    }
    assert_eq!(after.answers_for_insight().count(), 0);
}

fn holds_by_itself(record: &Record, form: &VisitForm) {
    let coverage = record.coverage(form);
    let mut all: Vec<&str> = coverage
        .asked
        .iter()
        .chain(&coverage.unasked)
        .map(|q| q.code.as_str())
        .collect();
    all.sort_unstable();
    let mut expected: Vec<&str> = form.questions.iter().map(|q| q.code.as_str()).collect();
    expected.sort_unstable();
    assert_eq!(all, expected, "asked and unasked are the whole form");
    assert_eq!(record.start.is_some(), record.form_version.is_some());
    if record.stage == Stage::Complete {
        assert!(record.feedback.is_some() && !record.agreements.is_empty());
        assert_eq!(record.gaps.len(), coverage.unasked.len());
        assert!(record.discussions.iter().all(|d| d.closed_at.is_some()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn m22_m30_no_life_loses_an_answer_or_lets_an_unmarked_one_in_after_a_stop(asks in asks()) {
        let form = form();
        let mut play = Play::new();
        play.must(&brief());
        play.now = at(10, 0);
        play.must(&Command::Start { at: None, late_note: String::new() });
        for ask in &asks {
            play.now += SignedDuration::from_mins(ask.minutes);
            let before = play.record().clone();
            let refused = play.run(&to_command(ask, &play)).is_err();
            let after = play.record();
            if refused {
                prop_assert_eq!(&before, after);
            }
            nothing_vanishes(&before, after);
            only_marked_after_a_stop(&before, after);
            holds_by_itself(after, &form);
            prop_assert!(after.stage >= before.stage, "a stage never goes back");
            prop_assert_eq!(&after.form_version, &before.form_version, "M8: it keeps its form");
        }
    }
}
