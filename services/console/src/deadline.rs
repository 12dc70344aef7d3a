//! What a case waits for and until when: sorted by, counted down to, said in words and by shape
//! (R-CON-20).

use visits_core::{SignedDuration, Timestamp};
use visits_proto::escalation::v1::Case;
use visits_proto::escalation::v1::case::State;
use visits_proto::instant;

use crate::page::decider;
use crate::words::{elapsed, moment};

/// How near the end of a length of time is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Band {
    /// It has passed.
    Overdue,
    /// Less than 6 hours are left.
    Near,
    /// Less than 24 hours are left.
    Today,
    /// 24 hours or more are left.
    Far,
}

impl Band {
    pub(crate) fn of(left: SignedDuration) -> Self {
        if left.is_negative() || left.is_zero() {
            Self::Overdue
        } else if left < SignedDuration::from_hours(6) {
            Self::Near
        } else if left < SignedDuration::from_hours(24) {
            Self::Today
        } else {
            Self::Far
        }
    }

    /// The band's shape: it can be told apart without its colour.
    pub(crate) const fn shape(self) -> &'static str {
        match self {
            Self::Overdue => "■",
            Self::Near => "▲",
            Self::Today => "◆",
            Self::Far => "●",
        }
    }

    /// The band in words.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Overdue => "Overdue",
            Self::Near => "Less than 6 hours left",
            Self::Today => "Less than 24 hours left",
            Self::Far => "More than 24 hours left",
        }
    }

    /// The class of its colour.
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Overdue => "band-overdue",
            Self::Near => "band-near",
            Self::Today => "band-today",
            Self::Far => "band-far",
        }
    }
}

/// The deadline that a case runs towards.
#[derive(Clone, Debug)]
pub(crate) struct Deadline {
    /// What is to be done by then.
    pub(crate) what: &'static str,
    pub(crate) at: Timestamp,
    /// `Sunday 25 October 2020 at 1:30pm GMT`.
    pub(crate) moment: String,
    /// `2020-10-25T13:30:00Z`, for the module in the page.
    pub(crate) machine: String,
    pub(crate) band: Band,
    /// `47 hours 59 minutes left`, or by how much it has passed.
    pub(crate) left: String,
}

impl Deadline {
    /// Whether it has passed.
    pub(crate) fn is_overdue(&self) -> bool {
        self.band == Band::Overdue
    }

    /// The deadline of `case`, while one runs.
    pub(crate) fn of(case: &Case, now: Timestamp) -> Option<Self> {
        let (what, at) = match case.state() {
            State::NfdRequired => {
                let window = case.window.as_ref()?;
                ("The NFD starts by", instant(window.deadline_time.as_ref())?)
            }
            State::AwaitingDecision => {
                let target = case.decision_target.as_ref()?;
                ("Decision wanted by", instant(target.due_time.as_ref())?)
            }
            _ => return None,
        };
        let left = at.duration_since(now);
        let band = Band::of(left);
        let left = if band == Band::Overdue {
            format!("Overdue by {}", elapsed(-left))
        } else {
            format!("{} left", elapsed(left))
        };
        Some(Self {
            what,
            at,
            moment: moment(at),
            machine: at.to_string(),
            band,
            left,
        })
    }
}

/// What a case's place in the queue goes by: its deadline; without one, since when it has waited
/// for the desk, which is always in the past and so comes first; one whose clock is stopped, last.
pub(crate) fn place(case: &Case, now: Timestamp) -> Timestamp {
    if let Some(deadline) = Deadline::of(case, now) {
        return deadline.at;
    }
    match case.state() {
        State::Open | State::WithDutyDesk => {
            instant(case.create_time.as_ref()).unwrap_or(Timestamp::MIN)
        }
        _ => Timestamp::MAX,
    }
}

/// Who does what next.
pub(crate) fn next_step(case: &Case) -> String {
    match case.state() {
        State::Open => "Duty desk: acknowledge the concern".to_owned(),
        State::WithDutyDesk => "Duty desk: take and log the inspector’s call".to_owned(),
        State::AwaitingDecision => format!(
            "{}: decide whether an NFD is necessary",
            decider(&case.region)
        ),
        State::NfdRequired => "Inspectors: start the NFD before its deadline".to_owned(),
        State::NfdUnderWay => "Inspectors: record what the NFD finds, and complete it".to_owned(),
        State::NfdComplete => "Nothing here: the NFD’s letter follows".to_owned(),
        State::NfdNotRequired | State::Withdrawn | State::Unspecified => {
            "Nothing: the case is closed".to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use visits_proto::escalation::v1::{DecisionTarget, NfdWindow};
    use visits_proto::timestamp;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("instant")
    }

    #[test]
    fn r_con_20_the_bands_end_at_twenty_four_and_six_hours_and_at_the_deadline() {
        let band = |minutes| Band::of(SignedDuration::from_mins(minutes));
        assert_eq!(band(48 * 60), Band::Far);
        assert_eq!(band(24 * 60), Band::Far);
        assert_eq!(band(24 * 60 - 1), Band::Today);
        assert_eq!(band(6 * 60), Band::Today);
        assert_eq!(band(6 * 60 - 1), Band::Near);
        assert_eq!(band(1), Band::Near);
        assert_eq!(band(0), Band::Overdue);
        let shapes = [Band::Overdue, Band::Near, Band::Today, Band::Far].map(Band::shape);
        for (index, shape) in shapes.iter().enumerate() {
            assert!(!shapes[..index].contains(shape), "never colour alone");
        }
    }

    #[test]
    fn r_con_19_the_countdown_over_the_clock_change_has_48_elapsed_hours() {
        let decided = at("2020-10-23T13:30:00Z");
        let case = Case {
            state: i32::from(State::NfdRequired),
            window: Some(NfdWindow {
                deadline_time: Some(timestamp(at("2020-10-25T13:30:00Z"))),
                ..NfdWindow::default()
            }),
            ..Case::default()
        };
        let deadline = Deadline::of(&case, decided).expect("a deadline");
        assert_eq!(deadline.moment, "Sunday 25 October 2020 at 1:30pm GMT");
        assert_eq!(deadline.left, "48 hours left");
        let last = Deadline::of(&case, at("2020-10-25T13:29:00Z")).expect("a deadline");
        assert_eq!(last.left, "1 minute left");
        let over = Deadline::of(&case, at("2020-10-25T13:30:00Z")).expect("a deadline");
        assert_eq!(over.band, Band::Overdue);
    }

    #[test]
    fn r_con_20_the_queue_goes_by_deadline_and_a_new_concern_comes_first() {
        let now = at("2020-10-23T13:30:00Z");
        let of = |state: State, due: Option<&str>| Case {
            state: i32::from(state),
            create_time: Some(timestamp(at("2020-10-23T10:00:00Z"))),
            decision_target: due.map(|due| DecisionTarget {
                due_time: Some(timestamp(at(due))),
                ..DecisionTarget::default()
            }),
            ..Case::default()
        };
        let new = of(State::Open, None);
        let soon = of(State::AwaitingDecision, Some("2020-10-23T14:00:00Z"));
        let later = of(State::AwaitingDecision, Some("2020-10-23T15:00:00Z"));
        let stopped = of(State::NfdUnderWay, None);
        let mut all = [stopped.clone(), later.clone(), new.clone(), soon.clone()];
        all.sort_by_key(|case| place(case, now));
        assert_eq!(all, [new, soon, later, stopped]);
    }
}
