//! The table of `visit.rs`, literally, and its properties.

use super::*;
use crate::domain::school::{Phase, PreviousGrade, Region};
use proptest::prelude::*;

fn at(minute: i64) -> Timestamp {
    visits_core::clock::from_micros((1_601_370_000 + minute * 60) * 1_000_000)
}

fn completed() -> Completed {
    Completed {
        at: at(300),
        form: "2020-09".into(),
        school_name: "Abbey Primary School".into(),
        facts: SchoolFacts {
            phase: Phase::Primary,
            region: Region::SouthEast,
            previous_grade: PreviousGrade::Good,
        },
    }
}

fn nfd(required: bool) -> News {
    News::NfdDecided(NfdDecision {
        required,
        at: at(200),
    })
}

fn all_news() -> [News; 5] {
    [
        News::Began { at: at(0) },
        News::Completed(completed()),
        News::Stopped { at: at(210) },
        nfd(true),
        nfd(false),
    ]
}

/// Plays news onto nothing and gives what is known then.
fn heard(news: &[News]) -> Option<Visit> {
    news.iter().fold(None, |state, item| {
        match decide(state.as_ref(), "123166", item) {
            Decision::Unchanged => state,
            Decision::Changed { next, .. } => Some(next),
        }
    })
}

type Row = (
    &'static str,
    Option<Visit>,
    [(Life, bool, &'static [Timer]); 5],
);

#[test]
fn m30_every_life_of_a_visit_answers_every_news() {
    use Life::{Begun, Completed as Done, Converted, HeardOf};
    const NONE: &[Timer] = &[];
    const FETCH: &[Timer] = &[Timer::FetchAnswers];
    const ERASE: &[Timer] = &[Timer::EraseAnswers];
    let began = News::Began { at: at(0) };
    let done = News::Completed(completed());
    // For each news in the order of `all_news`: the life then, whether anything changed, the jobs.
    let table: [Row; 6] = [
        (
            "unheard of",
            None,
            [
                (Begun, true, NONE),
                (Done, true, FETCH),
                (Converted, true, NONE),
                (Converted, true, NONE),
                (HeardOf, true, NONE),
            ],
        ),
        (
            "heard of",
            heard(&[nfd(false)]),
            [
                (Begun, true, NONE),
                (Done, true, FETCH),
                (Converted, true, NONE),
                (Converted, true, NONE),
                (HeardOf, false, NONE),
            ],
        ),
        (
            "begun",
            heard(std::slice::from_ref(&began)),
            [
                (Begun, false, NONE),
                (Done, true, FETCH),
                (Converted, true, NONE),
                (Converted, true, NONE),
                (Begun, true, NONE),
            ],
        ),
        (
            "completed",
            heard(&[began.clone(), done.clone()]),
            [
                (Done, false, NONE),
                (Done, false, NONE),
                (Converted, true, ERASE),
                (Converted, true, ERASE),
                (Done, true, NONE),
            ],
        ),
        (
            "converted by the decision",
            heard(&[nfd(true)]),
            [
                (Converted, true, NONE),
                (Converted, true, NONE),
                (Converted, true, NONE),
                (Converted, false, NONE),
                (Converted, false, NONE),
            ],
        ),
        (
            "converted by the stop",
            heard(&[began, done, News::Stopped { at: at(210) }]),
            [
                (Converted, false, NONE),
                (Converted, false, NONE),
                (Converted, false, NONE),
                (Converted, true, NONE),
                (Converted, true, NONE),
            ],
        ),
    ];
    for (life, state, row) in table {
        for (news, (then, changes, jobs)) in all_news().iter().zip(row) {
            match decide(state.as_ref(), "123166", news) {
                Decision::Unchanged => {
                    assert!(!changes, "{life} × {news:?}");
                    assert_eq!(
                        state.as_ref().map(Visit::life),
                        Some(then),
                        "{life} × {news:?}"
                    );
                }
                Decision::Changed { next, jobs: armed } => {
                    assert!(changes, "{life} × {news:?}");
                    assert_eq!(next.life(), then, "{life} × {news:?}");
                    assert_eq!(armed, jobs, "{life} × {news:?}");
                }
            }
        }
    }
}

#[test]
fn m30_a_visit_that_is_completed_before_its_beginning_is_heard_of_has_begun() {
    let visit = heard(&[News::Completed(completed())]).expect("heard of");
    assert!(visit.has_begun());
    assert!(!heard(&[nfd(true)]).expect("heard of").has_begun());
}

#[test]
fn m30_what_is_outstanding_follows_from_the_visit_and_its_answers() {
    use CodingState::{Coded, LeftOut, ToCode};
    let begun = heard(&[News::Began { at: at(0) }]).expect("heard of");
    let done = heard(&[News::Completed(completed())]).expect("heard of");
    let converted = heard(&[News::Completed(completed()), nfd(true)]).expect("heard of");
    const FETCH: Option<Timer> = Some(Timer::FetchAnswers);
    const ERASE: Option<Timer> = Some(Timer::EraseAnswers);
    // no answers, to code, coded, left out
    let table = [
        (begun, [None, None, None, None]),
        (done, [FETCH, None, None, None]),
        (converted, [None, ERASE, ERASE, None]),
    ];
    for (visit, row) in table {
        let states = [None, Some(ToCode), Some(Coded), Some(LeftOut)];
        assert_eq!(
            states.map(|state| outstanding(&visit, state)),
            row,
            "{:?}",
            visit.life()
        );
    }
}

proptest! {
    #[test]
    fn news_heard_twice_and_in_any_order_comes_to_the_same(
        order in Just((0..4_usize).chain(0..4)
            .collect::<Vec<usize>>()).prop_shuffle(),
    ) {
        // All but the "not necessary": which of two opposite decisions came first is not ours to
        // know, and the stronger stands either way.
        let news = all_news();
        let sorted = heard(&news[..4]);
        let shuffled: Vec<News> = order.iter().map(|index| news[*index].clone()).collect();
        prop_assert_eq!(heard(&shuffled), sorted);
    }

    #[test]
    fn m30_once_converted_always_converted(
        order in prop::collection::vec(0..5_usize, 0..12),
    ) {
        let news = all_news();
        let mut state: Option<Visit> = None;
        let mut was_converted = false;
        for index in order {
            if let Decision::Changed { next, .. } = decide(state.as_ref(), "123166", &news[index]) {
                state = Some(next);
            }
            let converted = state.as_ref().is_some_and(|visit| visit.life() == Life::Converted);
            prop_assert!(converted || !was_converted);
            was_converted = converted;
        }
    }
}
