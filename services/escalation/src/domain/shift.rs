//! The duty desk's shifts: who is on duty, and to whom the open cases are handed over.

use serde::{Deserialize, Serialize};
use thiserror::Error;
use visits_core::{ErrorKind, Refusal, Timestamp, typed_id};

use super::case::CaseId;

/// A refusal names at most so many cases.
const HELD_NAMED: usize = 20;

typed_id!(
    /// A shift, `dutyShifts/{uuid}`.
    ShiftId
);

/// A shift of one operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shift {
    /// Its identifier.
    pub id: ShiftId,
    /// The operator.
    pub operator: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended, if it did.
    pub ended_at: Option<Timestamp>,
    /// To whom the open cases were handed over, and how they stood.
    pub handover_note: String,
    /// Whether the operator heard the test sound at its start (R-CON-7).
    #[serde(default)]
    pub sound_tested: bool,
    /// What became of the cases that the operator held (R-CON-13).
    #[serde(default)]
    pub handed_over: Vec<HandedOver>,
}

/// What becomes of a case whose holder goes off duty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandedOver {
    /// The case.
    pub case: CaseId,
    /// Who has it now; none = released to the whole desk.
    pub taker: Option<String>,
}

/// Why a shift neither begins nor ends.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ShiftRefusal {
    /// One shift at a time.
    #[error("{operator} is on duty already")]
    AlreadyOnDuty {
        /// Who.
        operator: String,
    },
    /// One's own.
    #[error("an operator ends only their own shift")]
    NotYourShift,
    /// Over.
    #[error("the shift is over")]
    ShiftEnded,
    /// Nobody leaves an open case without a word.
    #[error("{waiting} cases wait for the desk: say to whom they are handed over")]
    HandoverNoteMissing {
        /// How many.
        waiting: u64,
    },
    /// Nobody leaves with cases on their hands (R-CON-13).
    #[error("you hold {} open cases: hand each over, or release it", held.len())]
    OpenItemsHeld {
        /// Which.
        held: Vec<CaseId>,
    },
}

impl Refusal for ShiftRefusal {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotYourShift => ErrorKind::Forbidden,
            _ => ErrorKind::WrongState,
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::AlreadyOnDuty { .. } => "ALREADY_ON_DUTY",
            Self::NotYourShift => "NOT_YOUR_SHIFT",
            Self::ShiftEnded => "SHIFT_ENDED",
            Self::HandoverNoteMissing { .. } => "HANDOVER_NOTE_MISSING",
            Self::OpenItemsHeld { .. } => "OPEN_ITEMS_HELD",
        }
    }

    fn metadata(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::AlreadyOnDuty { operator } => vec![("operator", operator.clone())],
            Self::HandoverNoteMissing { waiting } => vec![("waiting", waiting.to_string())],
            Self::OpenItemsHeld { held } => {
                let names = held.iter().take(HELD_NAMED).map(ToString::to_string);
                vec![
                    ("held", held.len().to_string()),
                    ("cases", names.collect::<Vec<_>>().join(",")),
                ]
            }
            _ => Vec::new(),
        }
    }
}

impl Shift {
    /// The shift that begins now; `present` is the operator's shift that has not ended.
    pub fn begin(
        id: ShiftId,
        operator: &str,
        present: Option<&Self>,
        sound_tested: bool,
        now: Timestamp,
    ) -> Result<Self, ShiftRefusal> {
        if present.is_some() {
            return Err(ShiftRefusal::AlreadyOnDuty {
                operator: operator.to_owned(),
            });
        }
        Ok(Self {
            id,
            operator: operator.to_owned(),
            started_at: now,
            ended_at: None,
            handover_note: String::new(),
            sound_tested,
            handed_over: Vec::new(),
        })
    }

    /// Whether the operator may end it.
    pub fn check_end(&self, operator: &str) -> Result<(), ShiftRefusal> {
        if self.operator != operator {
            return Err(ShiftRefusal::NotYourShift);
        }
        if self.ended_at.is_some() {
            return Err(ShiftRefusal::ShiftEnded);
        }
        Ok(())
    }

    /// The shift as it ends now.
    pub fn end(&self, operator: &str, left: Left, now: Timestamp) -> Result<Self, ShiftRefusal> {
        self.check_end(operator)?;
        if !left.held.is_empty() {
            return Err(ShiftRefusal::OpenItemsHeld { held: left.held });
        }
        if left.waiting > 0 && left.handover_note.is_empty() {
            return Err(ShiftRefusal::HandoverNoteMissing {
                waiting: left.waiting,
            });
        }
        Ok(Self {
            ended_at: Some(now),
            handover_note: left.handover_note,
            handed_over: left.handed_over,
            ..self.clone()
        })
    }
}

/// What an operator leaves behind.
#[derive(Clone, Debug, Default)]
pub struct Left {
    /// Their word.
    pub handover_note: String,
    /// How many cases wait for the desk.
    pub waiting: u64,
    /// What was handed over or released.
    pub handed_over: Vec<HandedOver>,
    /// What they still hold.
    pub held: Vec<CaseId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2020-10-01T08:00:00Z".parse().expect("instant")
    }

    fn begun(present: Option<&Shift>) -> Result<Shift, ShiftRefusal> {
        Shift::begin(
            ShiftId(uuid::Uuid::from_u128(1)),
            "desk-1",
            present,
            true,
            now(),
        )
    }

    #[test]
    fn an_operator_is_on_duty_once_and_ends_only_their_own_shift() {
        let shift = begun(None).expect("begins");
        let twice = begun(Some(&shift));
        assert_eq!(twice.expect_err("on duty").reason(), "ALREADY_ON_DUTY");
        let other = shift.end("desk-2", Left::default(), now());
        assert_eq!(other.expect_err("not theirs").reason(), "NOT_YOUR_SHIFT");
        let ended = shift.end("desk-1", Left::default(), now()).expect("ends");
        let again = ended.end("desk-1", Left::default(), now());
        assert_eq!(again.expect_err("over").reason(), "SHIFT_ENDED");
    }

    #[test]
    fn nobody_leaves_a_waiting_case_without_a_word() {
        let shift = begun(None).expect("begins");
        let mut left = Left {
            waiting: 2,
            ..Left::default()
        };
        let silent = shift.end("desk-1", left.clone(), now());
        assert_eq!(
            silent.expect_err("two wait").reason(),
            "HANDOVER_NOTE_MISSING"
        );
        left.handover_note = "desk-2 has both".to_owned();
        let ended = shift.end("desk-1", left, now()).expect("ends");
        assert_eq!(ended.handover_note, "desk-2 has both");
    }

    #[test]
    fn r_con_13_nobody_leaves_with_cases_on_their_hands() {
        let shift = begun(None).expect("begins");
        let case = CaseId(uuid::Uuid::from_u128(7));
        let left = Left {
            held: vec![case],
            handover_note: "see you".to_owned(),
            ..Left::default()
        };
        let refusal = shift.end("desk-1", left, now()).expect_err("one is held");
        assert_eq!(refusal.reason(), "OPEN_ITEMS_HELD");
        let named = ("cases", case.to_string());
        assert!(refusal.metadata().contains(&named), "{refusal:?}");
        let taker = Some("desk-2".to_owned());
        let handed_over = vec![HandedOver { case, taker }];
        let left = Left {
            handed_over: handed_over.clone(),
            ..Left::default()
        };
        let ended = shift.end("desk-1", left, now()).expect("ends");
        assert_eq!(ended.handed_over, handed_over);
    }
}
