//! The stop (M30) and the end of access (M11), in the core.

use super::fixture::*;
use super::*;
use jiff::civil::{date, time};

#[test]
fn m30_answers_given_after_the_decision_are_kept_marked_and_no_part_of_the_visit() {
    let mut play = on_visit();
    play.now = at(14, 40);
    play.must(&answer(DISCUSSION, "CUR-2", "said at 14:40"));
    play.now = at(14, 41);
    play.must(&stop_at(at(14, 35)));
    play.must(&answer(
        DISCUSSION,
        "CUR-3",
        "said at 14:41, after the stop",
    ));
    play.must(&Command::RecordAnswers {
        discussion: DISCUSSION,
        answers: vec![NewAnswer {
            question_code: "CUR-4".to_owned(),
            response: Response::Declined,
            given_at: Some(at(14, 0)),
        }],
    });
    let record = play.record();
    let marks: Vec<_> = record.answers.iter().map(|a| a.statement.mark).collect();
    assert_eq!(
        marks,
        [
            None,
            Some(Mark::GivenAfterStop),
            Some(Mark::GivenAfterStop),
            Some(Mark::ReceivedAfterStop)
        ]
    );
    assert_eq!(record.answers_for_insight().count(), 0);
    assert_eq!(record.coverage(&form()).asked.len(), 1);
    assert_eq!(record.discussions[0].closed_at, Some(at(14, 35)));
}

#[test]
fn m30_a_stop_that_is_heard_of_before_the_visit_leaves_nothing_to_start() {
    let mut play = Play::new();
    play.must(&stop_at(at(8, 0)));
    assert_eq!(play.must(&brief()), []);
    assert_eq!(play.refused(&start()), "RECORDING_VISIT_STOPPED");
}

#[test]
fn m11_access_ends_with_the_last_letter_and_stays_ended() {
    let mut play = at_stage(Some(Stage::Complete));
    let published = |day| Command::NoteLetterPublished {
        published_at: visits_core::london::instant(date(2020, 10, day), time(12, 0, 0, 0)),
    };
    play.must(&published(26));
    let first = play.record().access_ends_at.expect("an end");
    play.must(&published(28));
    let end = play.record().access_ends_at.expect("an end");
    assert!(end > first);
    play.must(&published(27));
    assert_eq!(play.record().access_ends_at, Some(end));
    play.now = first;
    assert_eq!(play.must(&Command::EndAccess), []);
    assert!(!play.record().access_has_ended(first));
    play.now = end;
    assert!(play.record().access_has_ended(end));
    assert_eq!(play.must(&Command::EndAccess), [Event::AccessEnded]);
    assert_eq!(play.must(&published(30)), []);
    assert!(play.record().access_has_ended(first));
}
