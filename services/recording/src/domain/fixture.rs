//! Records at each stage, for the tests of the core: 13 October 2020, on site, pupils leave 15:00 to 15:20.

use std::cell::Cell;
use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::{date, time};
use uuid::Uuid;

use super::*;

pub(super) const LEAD: &str = "HMI-001";
pub(super) const SECOND: &str = "HMI-002";
pub(super) const SCHOOL: &str = "123166";
pub(super) const CASE: &str = "cases/01928f10-0000-7000-8000-000000000001";

/// An instant of 13 October 2020 by the clock of England (BST).
pub(super) fn at(hour: i8, minute: i8) -> Timestamp {
    visits_core::london::instant(date(2020, 10, 13), time(hour, minute, 0, 0))
}

pub(super) fn form() -> VisitForm {
    static FORM: LazyLock<VisitForm> = LazyLock::new(|| {
        VisitForm::check(toml::from_str(crate::FIRST_FORM).expect("TOML")).expect("a valid form")
    });
    FORM.clone()
}

pub(super) fn briefing() -> Briefing {
    Briefing {
        visit_date: date(2020, 10, 13),
        mode: Mode::OnSite,
        lead: LEAD.to_owned(),
        inspectors: vec![LEAD.to_owned(), SECOND.to_owned()],
        controls: vec![Control {
            topic: "VISITORS".to_owned(),
            arrangement: "Masks in corridors; sign in by the side gate.".to_owned(),
        }],
        home_time: Some(HomeTime {
            from: time(15, 0, 0, 0),
            until: time(15, 20, 0, 0),
        }),
        planned_departure: Some(time(15, 40, 0, 0)),
        executive_request: Some(ExecutiveRequest {
            leader_role: "TRUST_CHIEF_EXECUTIVE".to_owned(),
            planned_at: Some(at(13, 0)),
        }),
        planned_form: String::new(),
    }
}

/// Drives one record, with the clock, the actor and the form under the test's hand.
pub(super) struct Play {
    pub(super) state: Option<Record>,
    pub(super) now: Timestamp,
    pub(super) actor: &'static str,
    pub(super) form: Option<VisitForm>,
    pub(super) policy: Policy,
    pub(super) next_id: Cell<u128>,
}

impl Play {
    pub(super) fn new() -> Self {
        Self {
            state: None,
            now: at(9, 0),
            actor: LEAD,
            form: Some(form()),
            policy: Policy::default(),
            next_id: Cell::new(0),
        }
    }

    pub(super) fn decide(&self, command: &Command) -> Result<Decision, RecordingRefusal> {
        let new_id = || {
            self.next_id.set(self.next_id.get() + 1);
            Uuid::from_u128(self.next_id.get())
        };
        let ctx = Ctx {
            visit: VisitId(Uuid::from_u128(7)),
            now: self.now,
            actor: self.actor,
            new_id: &new_id,
            policy: &self.policy,
            form: self.form.as_ref(),
        };
        decide(self.state.as_ref(), command, &ctx)
    }

    /// Decides and keeps the state after; the events that it gave.
    pub(super) fn run(&mut self, command: &Command) -> Result<Vec<Event>, RecordingRefusal> {
        match self.decide(command)? {
            Decision::Unchanged => Ok(Vec::new()),
            Decision::Changed { next, events, .. } => {
                self.state = Some(*next);
                Ok(events)
            }
        }
    }

    /// Runs what must succeed.
    pub(super) fn must(&mut self, command: &Command) -> Vec<Event> {
        self.run(command).expect("allowed")
    }

    /// The reason of a refusal.
    pub(super) fn refused(&self, command: &Command) -> &'static str {
        use visits_core::Refusal as _;
        self.decide(command).expect_err("refused").reason()
    }

    pub(super) fn record(&self) -> &Record {
        self.state.as_ref().expect("a record")
    }
}

pub(super) fn brief() -> Command {
    Command::Brief {
        school: SCHOOL.to_owned(),
        briefing: Box::new(briefing()),
        ready: true,
    }
}

pub(super) fn start() -> Command {
    Command::Start {
        at: Some(at(10, 5)),
        late_note: String::new(),
    }
}

pub(super) fn open(area: Area) -> Command {
    Command::OpenDiscussion {
        area,
        spoken_to: vec![SpokenTo::Head],
        at: None,
    }
}

pub(super) fn answer(discussion: Uuid, code: &str, text: &str) -> Command {
    Command::RecordAnswers {
        discussion,
        answers: vec![NewAnswer {
            question_code: code.to_owned(),
            response: Response::Given(text.to_owned()),
            given_at: None,
        }],
    }
}

pub(super) fn follow_up(beneath: Uuid) -> Command {
    Command::RecordFollowUp {
        beneath,
        question: "Which year groups?".to_owned(),
        response: Response::Given("Years 7 and 10.".to_owned()),
        given_at: None,
    }
}

pub(super) fn correct(answer: Uuid, text: &str) -> Command {
    Command::CorrectAnswer {
        answer,
        response: Response::Given(text.to_owned()),
        reason: "misheard".to_owned(),
    }
}

pub(super) fn depart() -> Command {
    Command::RecordDeparture {
        at: None,
        reason: String::new(),
    }
}

pub(super) fn agree() -> Command {
    Command::AgreeContent {
        points: vec![NewPoint {
            area: Area::Curriculum,
            text: "Pupils study every subject of the curriculum again.".to_owned(),
        }],
        agreed_with: SpokenTo::Head,
    }
}

pub(super) fn feedback() -> Command {
    Command::RecordFeedback { text: None }
}

pub(super) fn unmet() -> Command {
    Command::ExplainUnmetConversation {
        reason: "called away".to_owned(),
    }
}

/// [`unmet`] in other words.
pub(super) fn still_unmet() -> Command {
    Command::ExplainUnmetConversation {
        reason: "called away to another school".to_owned(),
    }
}

/// Completion with a reason for each question but those asked.
pub(super) fn complete_but(asked: &[&str]) -> Command {
    let gaps = form()
        .questions
        .iter()
        .filter(|question| !asked.contains(&question.code.as_str()))
        .map(|question| Gap {
            question_code: question.code.clone(),
            reason: "time ran out".to_owned(),
        })
        .collect();
    Command::Complete { gaps }
}

pub(super) fn stop_at(decided_at: Timestamp) -> Command {
    Command::Stop {
        school: SCHOOL.to_owned(),
        decided_at,
        case: CASE.to_owned(),
    }
}

/// The discussion about curriculum, the answer to CUR-1 and its follow-up in [`on_visit`].
pub(super) const DISCUSSION: Uuid = Uuid::from_u128(1);
pub(super) const ANSWER: Uuid = Uuid::from_u128(2);
pub(super) const FOLLOW_UP: Uuid = Uuid::from_u128(3);

/// On visit since 10:05; one discussion since 10:10 with one answer and one follow-up; 14:30 now.
pub(super) fn on_visit() -> Play {
    let mut play = Play::new();
    play.must(&brief());
    play.now = at(10, 10);
    play.must(&start());
    play.must(&open(Area::Curriculum));
    play.must(&answer(DISCUSSION, "CUR-1", "All subjects since week two."));
    play.must(&follow_up(ANSWER));
    play.must(&unmet());
    play.now = at(14, 30);
    play
}

/// Departed at 14:30, with the content agreed and the school asked for feedback.
pub(super) fn departed() -> Play {
    let mut play = on_visit();
    play.must(&agree());
    play.must(&feedback());
    play.must(&depart());
    play
}

/// The record at that stage, or absent.
pub(super) fn at_stage(stage: Option<Stage>) -> Play {
    let mut play = match stage {
        None => Play::new(),
        Some(Stage::AwaitingArrival) => {
            let mut play = Play::new();
            play.must(&brief());
            play
        }
        Some(Stage::OnVisit) => on_visit(),
        Some(Stage::Departed) => departed(),
        Some(Stage::Complete) => {
            let mut play = departed();
            play.must(&complete_but(&["CUR-1"]));
            play
        }
        Some(Stage::Stopped) => {
            let mut play = on_visit();
            play.must(&stop_at(at(12, 0)));
            play
        }
    };
    play.now = at(14, 30);
    play
}
