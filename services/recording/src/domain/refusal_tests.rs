//! The rules one by one: what each refuses, and what it lets pass.

use super::fixture::*;
use super::*;
use jiff::civil::{date, time};

fn awaiting(change: impl FnOnce(&mut Briefing), ready: bool) -> Play {
    let mut briefing = briefing();
    change(&mut briefing);
    let mut play = Play::new();
    play.must(&brief());
    play.must(&Command::Brief {
        school: SCHOOL.to_owned(),
        briefing: Box::new(briefing),
        ready,
    });
    play.now = at(11, 0);
    play
}

fn start_at(hour: i8, minute: i8, note: &str) -> Command {
    Command::Start {
        at: Some(at(hour, minute)),
        late_note: note.to_owned(),
    }
}

fn depart_at(hour: i8, minute: i8, reason: &str) -> Command {
    Command::RecordDeparture {
        at: Some(at(hour, minute)),
        reason: reason.to_owned(),
    }
}

#[test]
fn m6_a_visit_cannot_start_before_scheduling_said_ready_and_the_controls_are_recorded() {
    let unheard = Play::new();
    assert_eq!(unheard.refused(&start()), "NOT_FOUND");
    let not_ready = awaiting(|_| {}, false);
    assert_eq!(not_ready.refused(&start()), "RECORDING_VISIT_NOT_READY");
    let without = awaiting(|b| b.controls.clear(), true);
    assert_eq!(without.refused(&start()), "RECORDING_CONTROLS_NOT_RECORDED");
    let mut cancelled = awaiting(|_| {}, true);
    cancelled.must(&Command::Cancel);
    assert_eq!(cancelled.refused(&start()), "RECORDING_VISIT_CANCELLED");
    let mut again = cancelled;
    again.must(&brief());
    again.must(&start());
}

#[test]
fn m19_a_start_after_half_past_ten_needs_a_note() {
    let play = awaiting(|_| {}, true);
    assert!(play.decide(&start_at(10, 30, "")).is_ok());
    assert_eq!(
        play.refused(&start_at(10, 31, "")),
        "RECORDING_LATE_START_NEEDS_NOTE"
    );
    assert!(play.decide(&start_at(10, 31, "a train was late")).is_ok());
    assert_eq!(
        play.refused(&start_at(11, 1, "x")),
        "RECORDING_TIME_IN_THE_FUTURE"
    );
}

#[test]
fn m4_a_visit_starts_on_its_own_day_by_the_calendar_of_england() {
    let play = awaiting(|b| b.visit_date = date(2020, 10, 14), true);
    assert_eq!(play.refused(&start()), "RECORDING_NOT_THE_VISIT_DATE");
}

#[test]
fn m4_a_visit_lasts_one_day() {
    let mut play = on_visit();
    let evening = play.record().last_instant().expect("a day");
    play.now = evening + jiff::SignedDuration::from_hours(8);
    assert_eq!(
        play.refused(&open(Area::Safeguarding)),
        "RECORDING_TIME_OUT_OF_BOUNDS"
    );
    assert_eq!(play.refused(&depart()), "RECORDING_TIME_OUT_OF_BOUNDS");
    // written down the next morning, with when it was
    play.must(&depart_at(15, 45, ""));
}

#[test]
fn m8_a_visit_without_a_form_in_force_cannot_start_and_keeps_the_version_it_began_with() {
    let mut play = awaiting(|_| {}, true);
    play.form = None;
    assert_eq!(play.refused(&start()), "RECORDING_NO_FORM_IN_FORCE");
    play.form = Some(form());
    play.must(&start());
    assert_eq!(play.record().form_version.as_deref(), Some("2020-09"));
    play.must(&Command::Brief {
        school: SCHOOL.to_owned(),
        briefing: Box::new(Briefing {
            planned_form: "2020-11".to_owned(),
            lead: SECOND.to_owned(),
            ..briefing()
        }),
        ready: true,
    });
    assert_eq!(play.record().wanted_form(), Some("2020-09"));
}

#[test]
fn m20_m21_a_question_belongs_to_the_form_and_to_the_area_of_the_discussion() {
    let mut play = on_visit();
    for code in ["CUR-99", "SAF-1"] {
        let refused = play.refused(&answer(DISCUSSION, code, "words"));
        assert_eq!(refused, "RECORDING_NO_SUCH_QUESTION");
    }
    assert_eq!(
        play.refused(&answer(DISCUSSION, "CUR-1", "again")),
        "RECORDING_ALREADY_ANSWERED"
    );
    assert_eq!(
        play.refused(&answer(ANSWER, "CUR-2", "words")),
        "RECORDING_NO_SUCH_DISCUSSION"
    );
    // the same question may be asked of somebody else, in a discussion of its own
    let events = play.must(&open(Area::Curriculum));
    let Some(Event::DiscussionOpened(second)) = events.first() else {
        panic!("{events:?}");
    };
    play.must(&answer(*second, "CUR-1", "As the head said."));
    let stored = play.record().answers.last().expect("an answer");
    assert_eq!(
        Some(&stored.question_text),
        form().question("CUR-1").map(|q| &q.text)
    );
}

#[test]
fn m21_a_batch_is_recorded_whole_or_not_at_all() {
    let play = on_visit();
    let new = |code: &str| NewAnswer {
        question_code: code.to_owned(),
        response: Response::Declined,
        given_at: None,
    };
    let batch = |codes: [&str; 2]| Command::RecordAnswers {
        discussion: DISCUSSION,
        answers: codes.map(new).to_vec(),
    };
    assert!(play.decide(&batch(["CUR-2", "CUR-3"])).is_ok());
    assert_eq!(
        play.refused(&batch(["CUR-2", "CUR-2"])),
        "RECORDING_ALREADY_ANSWERED"
    );
    assert_eq!(
        play.refused(&batch(["CUR-2", "CUR-77"])),
        "RECORDING_NO_SUCH_QUESTION"
    );
}

#[test]
fn m21_declined_is_an_answer_and_counts_as_asked() {
    let mut play = on_visit();
    play.must(&Command::RecordAnswers {
        discussion: DISCUSSION,
        answers: vec![NewAnswer {
            question_code: "CUR-2".to_owned(),
            response: Response::Declined,
            given_at: None,
        }],
    });
    let form = form();
    let coverage = play.record().coverage(&form);
    let asked: Vec<_> = coverage.asked.iter().map(|q| q.code.as_str()).collect();
    assert_eq!(asked, ["CUR-1", "CUR-2"]);
}

#[test]
fn m22_a_correction_keeps_what_stood_before_and_a_follow_up_can_be_corrected_too() {
    let mut play = on_visit();
    play.must(&correct(ANSWER, "Since week three."));
    play.must(&correct(ANSWER, "Since week four."));
    play.must(&correct(FOLLOW_UP, "Year 7 only."));
    let answer = play.record().answer(ANSWER).expect("the answer");
    assert_eq!(answer.statement.response.text(), "Since week four.");
    let stood: Vec<_> = answer
        .statement
        .revisions
        .iter()
        .map(|r| r.stood.text())
        .collect();
    assert_eq!(stood, ["All subjects since week two.", "Since week three."]);
    assert_eq!(answer.follow_ups[0].statement.revisions.len(), 1);
    // the same words again are no correction
    assert_eq!(play.must(&correct(ANSWER, "Since week four.")), []);
    assert_eq!(
        play.refused(&correct(DISCUSSION, "x")),
        "RECORDING_NO_SUCH_ANSWER"
    );
}

#[test]
fn m5_a_graded_judgement_in_an_answer_or_a_point_is_flagged_and_not_refused() {
    let mut play = on_visit();
    play.must(&answer(
        DISCUSSION,
        "CUR-2",
        "We think the school is outstanding.",
    ));
    let stored = play.record().answers.last().expect("an answer");
    assert_eq!(stored.statement.flagged, ["school is outstanding"]);
    play.must(&Command::AgreeContent {
        points: vec![NewPoint {
            area: Area::Curriculum,
            text: "Teaching is good.".to_owned(),
        }],
        agreed_with: SpokenTo::Head,
    });
    assert_eq!(
        play.record().agreements[0].points[0].flagged,
        ["teaching is good"]
    );
}

#[test]
fn an_answer_lies_within_its_discussion_and_written_up_later_within_it_too() {
    let mut play = on_visit();
    let given = |hour, minute| Command::RecordAnswers {
        discussion: DISCUSSION,
        answers: vec![NewAnswer {
            question_code: "CUR-2".to_owned(),
            response: Response::Declined,
            given_at: Some(at(hour, minute)),
        }],
    };
    assert_eq!(play.refused(&given(10, 9)), "RECORDING_TIME_OUT_OF_BOUNDS");
    assert_eq!(play.refused(&given(14, 31)), "RECORDING_TIME_IN_THE_FUTURE");
    play.must(&depart());
    play.now = at(18, 0);
    assert_eq!(play.refused(&given(14, 31)), "RECORDING_TIME_OUT_OF_BOUNDS");
    play.must(&answer(DISCUSSION, "CUR-3", "written up in the evening"));
    let stored = play.record().answers.last().expect("an answer");
    assert_eq!(stored.statement.given_at, at(14, 30));
}

#[test]
fn m25_a_departure_after_four_or_at_home_time_needs_a_reason() {
    let mut play = on_visit();
    play.now = at(17, 0);
    for (hour, minute) in [(15, 0), (15, 10), (15, 20), (16, 1)] {
        assert_eq!(
            play.refused(&depart_at(hour, minute, "")),
            "RECORDING_DEPARTURE_NEEDS_REASON",
            "{hour}:{minute}"
        );
        assert!(
            play.decide(&depart_at(hour, minute, "waited for a bus"))
                .is_ok()
        );
    }
    for (hour, minute) in [(14, 59), (15, 21), (16, 0)] {
        assert!(
            play.decide(&depart_at(hour, minute, "")).is_ok(),
            "{hour}:{minute}"
        );
    }
    assert_eq!(
        play.refused(&depart_at(10, 4, "")),
        "RECORDING_TIME_OUT_OF_BOUNDS"
    );
}

#[test]
fn m25_a_remote_visit_ends_with_its_conversations_and_home_time_says_nothing() {
    let mut play = awaiting(|b| b.mode = Mode::Remote, true);
    play.must(&start());
    play.now = at(17, 0);
    assert!(play.decide(&depart_at(15, 10, "")).is_ok());
    assert_eq!(
        play.refused(&depart_at(16, 1, "")),
        "RECORDING_DEPARTURE_NEEDS_REASON"
    );
}

#[test]
fn m25_an_unknown_home_time_asks_for_no_reason() {
    let mut play = awaiting(|b| b.home_time = None, true);
    play.must(&start());
    play.now = at(15, 10);
    assert!(play.decide(&depart()).is_ok());
    play.now = at(15, 10) + jiff::SignedDuration::from_hours(1);
    assert_eq!(
        time(16, 10, 0, 0),
        visits_core::london::wall_clock(play.now).time()
    );
    assert_eq!(play.refused(&depart()), "RECORDING_DEPARTURE_NEEDS_REASON");
}

#[test]
fn m12_a_visit_with_an_unmet_executive_request_cannot_close_without_a_reason() {
    let mut play = awaiting(|_| {}, true);
    play.must(&start());
    play.must(&agree());
    play.must(&feedback());
    play.must(&depart());
    let complete = complete_but(&[]);
    assert_eq!(play.refused(&complete), "RECORDING_EXECUTIVE_REQUEST_UNMET");
    let mut explained = Play {
        state: play.state.clone(),
        now: play.now,
        ..Play::new()
    };
    explained.must(&unmet());
    explained.must(&complete);
    play.must(&Command::HoldExecutiveConversation { at: None });
    assert_eq!(play.refused(&unmet()), "RECORDING_EXECUTIVE_REQUEST_MET");
    play.must(&complete);
}

#[test]
fn m12_no_request_needs_no_conversation() {
    let mut play = awaiting(|b| b.executive_request = None, true);
    play.must(&start());
    assert_eq!(play.refused(&unmet()), "RECORDING_NO_EXECUTIVE_REQUEST");
    play.must(&agree());
    play.must(&feedback());
    play.must(&depart());
    play.must(&complete_but(&[]));
}

#[test]
fn m24_a_visit_completes_only_with_agreed_content_and_a_school_that_was_asked() {
    let mut play = on_visit();
    play.must(&depart());
    let complete = complete_but(&["CUR-1"]);
    assert_eq!(play.refused(&complete), "RECORDING_CONTENT_NOT_AGREED");
    play.must(&agree());
    play.must(&agree());
    assert_eq!(play.refused(&complete), "RECORDING_FEEDBACK_NOT_ASKED");
    play.must(&feedback());
    play.must(&complete);
    let versions: Vec<_> = play.record().agreements.iter().map(|a| a.version).collect();
    assert_eq!(versions, [1, 2]);
}

#[test]
fn m21_each_unasked_question_is_explained_before_a_visit_completes() {
    let play = departed();
    let refused = play.refused(&complete_but(&["CUR-1", "SAF-1"]));
    assert_eq!(refused, "RECORDING_GAPS_UNEXPLAINED");
    assert_eq!(play.refused(&complete_but(&[])), "RECORDING_NOT_A_GAP");
    assert!(play.decide(&complete_but(&["CUR-1"])).is_ok());
}

#[test]
fn only_the_lead_completes_a_visit() {
    let mut play = departed();
    play.actor = SECOND;
    assert_eq!(
        play.refused(&complete_but(&["CUR-1"])),
        "RECORDING_NOT_THE_LEAD"
    );
}
