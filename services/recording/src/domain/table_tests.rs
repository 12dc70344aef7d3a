//! The table: every stage × command, written out.

use super::fixture::*;
use super::record::Stage::{AwaitingArrival, Complete, Departed, OnVisit, Stopped};
use super::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// Changed; the stage after.
    To(Stage),
    /// Unchanged.
    Same,
    /// Refused, with the reason.
    No(&'static str),
}
use Outcome::{No, Same, To};

const ABSENT: Outcome = No("NOT_FOUND");
const WRONG: Outcome = No("RECORDING_WRONG_STAGE");
const STOPPED: Outcome = No("RECORDING_VISIT_STOPPED");

/// One row a command: what it does absent, awaiting_arrival, on_visit, departed, complete, stopped.
const TABLE: [(&str, [Outcome; 6]); 17] = [
    (
        "StartVisit",
        [ABSENT, To(OnVisit), WRONG, WRONG, WRONG, STOPPED],
    ),
    (
        "OpenDiscussion",
        [ABSENT, WRONG, To(OnVisit), WRONG, WRONG, STOPPED],
    ),
    (
        "CloseDiscussion",
        [ABSENT, WRONG, To(OnVisit), WRONG, WRONG, STOPPED],
    ),
    (
        "RecordAnswers",
        [ABSENT, WRONG, To(OnVisit), To(Departed), WRONG, To(Stopped)],
    ),
    (
        "RecordFollowUp",
        [ABSENT, WRONG, To(OnVisit), To(Departed), WRONG, To(Stopped)],
    ),
    (
        "CorrectAnswer",
        [ABSENT, WRONG, To(OnVisit), To(Departed), WRONG, STOPPED],
    ),
    (
        "HoldExecutiveConversation",
        [ABSENT, WRONG, To(OnVisit), To(Departed), WRONG, STOPPED],
    ),
    (
        "ExplainUnmetConversation",
        [ABSENT, WRONG, To(OnVisit), To(Departed), WRONG, STOPPED],
    ),
    (
        "RecordDeparture",
        [ABSENT, WRONG, To(Departed), WRONG, WRONG, STOPPED],
    ),
    (
        "AgreeLetterContent",
        [ABSENT, WRONG, To(OnVisit), To(Departed), WRONG, STOPPED],
    ),
    (
        "RecordSchoolFeedback",
        [ABSENT, WRONG, To(OnVisit), To(Departed), WRONG, STOPPED],
    ),
    (
        "CompleteVisit",
        [ABSENT, WRONG, WRONG, To(Complete), WRONG, STOPPED],
    ),
    (
        "Brief",
        [
            To(AwaitingArrival),
            To(AwaitingArrival),
            To(OnVisit),
            To(Departed),
            Same,
            Same,
        ],
    ),
    (
        "Cancel",
        [Same, To(AwaitingArrival), Same, Same, Same, Same],
    ),
    (
        "Stop",
        [
            To(Stopped),
            To(Stopped),
            To(Stopped),
            To(Stopped),
            To(Stopped),
            Same,
        ],
    ),
    (
        "NoteLetterPublished",
        [
            Same,
            To(AwaitingArrival),
            To(OnVisit),
            To(Departed),
            To(Complete),
            To(Stopped),
        ],
    ),
    ("EndAccess", [Same, Same, Same, Same, Same, Same]),
];

fn command(name: &str) -> Command {
    match name {
        "StartVisit" => start(),
        "OpenDiscussion" => open(Area::Safeguarding),
        "CloseDiscussion" => Command::CloseDiscussion {
            discussion: DISCUSSION,
            at: None,
        },
        "RecordAnswers" => answer(DISCUSSION, "CUR-2", "Reading first."),
        "RecordFollowUp" => follow_up(ANSWER),
        "CorrectAnswer" => correct(ANSWER, "All subjects since week three."),
        "HoldExecutiveConversation" => Command::HoldExecutiveConversation { at: None },
        "ExplainUnmetConversation" => still_unmet(),
        "RecordDeparture" => depart(),
        "AgreeLetterContent" => agree(),
        "RecordSchoolFeedback" => Command::RecordFeedback {
            text: Some("The visit was well organised.".to_owned()),
        },
        "CompleteVisit" => complete_but(&["CUR-1"]),
        "Brief" => Command::Brief {
            school: SCHOOL.to_owned(),
            briefing: Box::new(Briefing {
                inspectors: vec![LEAD.to_owned()],
                ..briefing()
            }),
            ready: true,
        },
        "Cancel" => Command::Cancel,
        "Stop" => stop_at(at(12, 0)),
        "NoteLetterPublished" => Command::NoteLetterPublished {
            published_at: at(14, 0),
        },
        "EndAccess" => Command::EndAccess,
        other => panic!("no command {other}"),
    }
}

#[test]
fn every_stage_and_command_has_its_row() {
    let stages = std::iter::once(None).chain(Stage::ALL.map(Some));
    for (column, stage) in stages.enumerate() {
        for (name, row) in TABLE {
            let command = command(name);
            assert_eq!(command.name(), name);
            let outcome = match at_stage(stage).decide(&command) {
                Ok(Decision::Unchanged) => Same,
                Ok(Decision::Changed { next, .. }) => To(next.stage),
                Err(refusal) => No(visits_core::Refusal::reason(&refusal)),
            };
            assert_eq!(outcome, row[column], "{name} in {stage:?}");
        }
    }
}

#[test]
fn whatever_is_refused_or_unchanged_leaves_no_event() {
    for stage in Stage::ALL {
        for (name, _) in TABLE {
            let mut play = at_stage(Some(stage));
            let before = play.record().clone();
            let events = play.run(&command(name)).unwrap_or_default();
            if *play.record() == before {
                assert_eq!(events, [], "{name} in {stage:?}");
            }
        }
    }
}
