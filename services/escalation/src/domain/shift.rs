//! The duty desk's shifts: who is on duty, and to whom the open cases are handed over.

use serde::{Deserialize, Serialize};
use thiserror::Error;
use visits_core::{ErrorKind, Refusal, Timestamp, typed_id};

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
        }
    }

    fn metadata(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::AlreadyOnDuty { operator } => vec![("operator", operator.clone())],
            Self::HandoverNoteMissing { waiting } => vec![("waiting", waiting.to_string())],
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
        })
    }

    /// The shift as it ends now, while `waiting` cases wait for the desk.
    pub fn end(
        &self,
        operator: &str,
        handover_note: &str,
        waiting: u64,
        now: Timestamp,
    ) -> Result<Self, ShiftRefusal> {
        if self.operator != operator {
            return Err(ShiftRefusal::NotYourShift);
        }
        if self.ended_at.is_some() {
            return Err(ShiftRefusal::ShiftEnded);
        }
        if waiting > 0 && handover_note.is_empty() {
            return Err(ShiftRefusal::HandoverNoteMissing { waiting });
        }
        Ok(Self {
            ended_at: Some(now),
            handover_note: handover_note.to_owned(),
            ..self.clone()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2020-10-01T08:00:00Z".parse().expect("instant")
    }

    #[test]
    fn an_operator_is_on_duty_once_and_ends_only_their_own_shift() {
        let id = ShiftId(uuid::Uuid::from_u128(1));
        let shift = Shift::begin(id, "desk-1", None, now()).expect("begins");
        let twice = Shift::begin(id, "desk-1", Some(&shift), now());
        assert_eq!(twice.expect_err("on duty").reason(), "ALREADY_ON_DUTY");
        let other = shift.end("desk-2", "", 0, now()).expect_err("not theirs");
        assert_eq!(other.reason(), "NOT_YOUR_SHIFT");
        let ended = shift.end("desk-1", "", 0, now()).expect("ends");
        let again = ended.end("desk-1", "", 0, now()).expect_err("over");
        assert_eq!(again.reason(), "SHIFT_ENDED");
    }

    #[test]
    fn nobody_leaves_a_waiting_case_without_a_word() {
        let id = ShiftId(uuid::Uuid::from_u128(1));
        let shift = Shift::begin(id, "desk-1", None, now()).expect("begins");
        let silent = shift.end("desk-1", "", 2, now()).expect_err("two wait");
        assert_eq!(silent.reason(), "HANDOVER_NOTE_MISSING");
        let ended = shift
            .end("desk-1", "desk-2 has both", 2, now())
            .expect("ends");
        assert_eq!(ended.handover_note, "desk-2 has both");
    }
}
