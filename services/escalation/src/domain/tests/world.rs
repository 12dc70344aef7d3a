//! A world of one visit: its case, the time, and the timers that the rules asked for.

use std::collections::BTreeMap;

use uuid::Uuid;
use visits_core::civil::date;
use visits_core::{Actor, Refusal as _, Role, SignedDuration, Timestamp};

use crate::domain::case::{Case, CaseId, ConcernId, Outcome, School, State, Unwatched, VisitId};
use crate::domain::command::{Command, VisitFacts, VisitStage};
use crate::domain::decide::{Context, Decision, decide};
use crate::domain::event::Event;
use crate::domain::policy::{Policy, guidance};
use crate::domain::refusal::Refusal;
use crate::domain::region::Region;
use crate::domain::register::{Directorship, DirectorshipId, Register};
use crate::domain::timer::{Timer, TimerKind};

pub(super) struct World {
    pub(super) now: Timestamp,
    pub(super) policy: Policy,
    pub(super) register: Register,
    pub(super) case: Option<Case>,
    pub(super) events: Vec<(Timestamp, Event)>,
    pub(super) armed: BTreeMap<&'static str, (Timestamp, TimerKind)>,
    pub(super) barred: Vec<String>,
    pub(super) unwatched: Option<Unwatched>,
    pub(super) taker_on_duty: bool,
    pub(super) begun: i64,
    pub(super) converted: i64,
    ids: u128,
}

pub(super) fn instant(text: &str) -> Timestamp {
    text.parse().expect("instant")
}

pub(super) fn hmi(code: &str) -> Actor {
    Actor::new(code, Role::Hmi)
}

pub(super) fn lead() -> Actor {
    hmi("HMI-001")
}

pub(super) fn desk() -> Actor {
    Actor::new("desk-1", Role::DutyDesk)
}

pub(super) fn director() -> Actor {
    Actor::new("RD-SOUTH-EAST", Role::RegionalDirector)
}

pub(super) fn timer() -> Actor {
    Actor::service("escalation")
}

pub(super) fn facts() -> VisitFacts {
    VisitFacts {
        visit: VisitId(Uuid::from_u128(7)),
        school: School {
            urn: "123166".into(),
            display_name: "Larkmead School".into(),
            region: Region::SouthEast,
        },
        team: vec!["HMI-001".into(), "HMI-002".into()],
        stage: VisitStage::Begun,
    }
}

pub(super) fn raise_in(area: &str) -> Command {
    Command::RaiseConcern {
        facts: facts(),
        area: area.into(),
        what_was_seen: "the single central record has gaps".into(),
    }
}

pub(super) fn raise() -> Command {
    raise_in("safeguarding")
}

pub(super) fn call(called_at: Timestamp, outcome: Outcome) -> Command {
    Command::LogDutyDeskCall {
        inspector: "HMI-001".into(),
        called_at,
        summary: "discussed".into(),
        outcome,
    }
}

pub(super) fn decision(required: bool) -> Command {
    Command::DecideNfd {
        required,
        rationale: "because".into(),
    }
}

pub(super) const fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

/// The stable reason with which the command is refused.
pub(super) fn reason(world: &mut World, actor: &Actor, command: &Command) -> &'static str {
    world.tell(actor, command).expect_err("a refusal").reason()
}

impl World {
    /// Friday 23 October 2020, 14:30 BST: two days before the clocks go back.
    pub(super) fn new() -> Self {
        let entry = |id, principal: &str, region, deputy: bool| Directorship {
            id: DirectorshipId(Uuid::from_u128(id)),
            region,
            principal: principal.into(),
            from: date(2020, 9, 1),
            to: deputy.then(|| date(2020, 12, 18)),
            deputy,
            created_at: instant("2020-09-01T08:00:00Z"),
            changed_at: instant("2020-09-01T08:00:00Z"),
        };
        Self {
            now: instant("2020-10-23T13:30:00Z"),
            policy: guidance(),
            register: Register(vec![
                entry(1, "RD-SOUTH-EAST", Region::SouthEast, false),
                entry(2, "RD-LONDON", Region::London, false),
                entry(3, "HMI-900", Region::SouthEast, true),
            ]),
            case: None,
            events: Vec::new(),
            armed: BTreeMap::new(),
            barred: Vec::new(),
            unwatched: None,
            taker_on_duty: true,
            begun: 0,
            converted: 0,
            ids: 1000,
        }
    }

    /// A world whose case stands in `state`, reached on the shortest way.
    pub(super) fn in_state(state: State) -> Self {
        let mut world = Self::new();
        let now = world.now;
        let mut go = |actor: &Actor, command: Command| {
            world
                .tell(actor, &command)
                .expect("the way there is allowed");
        };
        go(&lead(), raise());
        if state == State::Open {
            return world;
        }
        go(
            &desk(),
            Command::AcknowledgeCase {
                note: String::new(),
            },
        );
        match state {
            State::Open | State::WithDutyDesk => return world,
            State::Withdrawn => {
                go(&desk(), call(now, Outcome::NotSignificant));
                return world;
            }
            _ => go(&desk(), call(now, Outcome::SeekDecision)),
        }
        match state {
            State::AwaitingDecision => return world,
            State::NfdNotRequired => {
                go(&director(), decision(false));
                return world;
            }
            _ => go(&director(), decision(true)),
        }
        if state == State::NfdRequired {
            return world;
        }
        go(
            &lead(),
            Command::StartNfd {
                straight_away: true,
            },
        );
        if state == State::NfdUnderWay {
            return world;
        }
        let concern = world.first_concern();
        let text = "the record was completed".into();
        for command in [
            Command::RecordNfdFinding { concern, text },
            Command::RecordLeavingSite { left_at: now },
            Command::CompleteNfd,
        ] {
            world.tell(&lead(), &command).expect("the end is allowed");
        }
        world
    }

    pub(super) fn first_concern(&self) -> ConcernId {
        self.case().concerns[0].id
    }

    pub(super) fn case(&self) -> &Case {
        self.case.as_ref().expect("a case")
    }

    pub(super) fn tell(&mut self, actor: &Actor, command: &Command) -> Result<bool, Refusal> {
        self.ids += 1;
        let ctx = Context {
            now: self.now,
            actor,
            policy: &self.policy,
            new_id: Uuid::from_u128(self.ids),
            register: &self.register,
            barred: &self.barred,
            unwatched: self.unwatched,
            taker_on_duty: self.taker_on_duty,
            begun: self.begun,
            converted: self.converted,
        };
        let id = CaseId(Uuid::from_u128(1));
        let Decision::Changed {
            next,
            events,
            timers,
        } = decide(id, self.case.as_ref(), command, &ctx)?
        else {
            return Ok(false);
        };
        self.case = Some(*next);
        let now = self.now;
        self.events
            .extend(events.into_iter().map(|event| (now, event)));
        for change in timers {
            match change {
                Timer::Arm(kind, due_at) => self.armed.insert(kind.job(), (due_at, kind)),
                Timer::Cancel(kind) => self.armed.remove(kind.job()),
            };
        }
        Ok(true)
    }

    /// Lets the time pass, firing each timer at its instant.
    pub(super) fn pass(&mut self, time: SignedDuration) {
        let until = self.now + time;
        while let Some((due_at, kind)) = self.next_due(until) {
            self.now = self.now.max(due_at);
            self.fire(kind);
        }
        self.now = until;
    }

    /// Jumps over a time in which nothing ran; what was due meanwhile fires afterwards.
    pub(super) fn sleep_through(&mut self, time: SignedDuration) {
        self.now += time;
        while let Some((_, kind)) = self.next_due(self.now) {
            self.fire(kind);
        }
    }

    fn fire(&mut self, kind: TimerKind) {
        self.armed.remove(kind.job());
        self.tell(&timer(), &kind.command())
            .expect("a timer is never refused");
    }

    fn next_due(&self, until: Timestamp) -> Option<(Timestamp, TimerKind)> {
        self.armed
            .values()
            .filter(|(due_at, _)| *due_at <= until)
            .min_by_key(|(due_at, _)| *due_at)
            .copied()
    }

    pub(super) fn count(&self, is_it: impl Fn(&Event) -> bool) -> usize {
        self.events.iter().filter(|(_, event)| is_it(event)).count()
    }

    pub(super) fn breaches(&self) -> usize {
        self.count(|event| matches!(event, Event::NfdDeadlineBreached { .. }))
    }
}
