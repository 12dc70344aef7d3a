//! Going on duty and off duty.

use std::sync::Arc;

use serde_json::json;
use visits_core::{Fault, Page};
use visits_durable::store::Versioned;
use visits_durable::{Cause, Step};

use super::rights;
use super::step::{self, Ask, Target};
use super::{App, Policy};
use crate::domain::command::Command;
use crate::domain::shift::{HandedOver, Left, Shift, ShiftId};
use crate::store;

/// An operator wants to go off duty.
#[derive(Clone, Debug)]
pub struct Leaving {
    /// The shift that ends.
    pub shift: ShiftId,
    /// The operator's word to who comes next.
    pub note: String,
    /// What becomes of the cases that they hold.
    pub handovers: Vec<HandedOver>,
}

impl App {
    /// The caller goes on duty.
    pub async fn go_on_duty(
        &self,
        cause: Cause,
        sound_tested: bool,
    ) -> Result<Versioned<Shift>, Fault> {
        self.commit(cause, move |step| Box::pin(begin(step, sound_tested)))
            .await
    }

    /// The caller goes off duty, and each case on their hands goes to somebody else, in one step.
    pub async fn go_off_duty(
        &self,
        cause: Cause,
        leaving: Leaving,
    ) -> Result<Versioned<Shift>, Fault> {
        let policy = self.policy.clone();
        self.commit(cause, move |step| Box::pin(end(step, policy, leaving)))
            .await
    }

    /// A page of shifts.
    pub async fn list_shifts(
        &self,
        only_on_duty: bool,
        page: &Page,
    ) -> Result<Vec<Versioned<Shift>>, Fault> {
        store::shifts::list(self.durable.reads(), only_on_duty, page).await
    }
}

async fn begin(step: &Step, sound_tested: bool) -> Result<Versioned<Shift>, Fault> {
    let operator = &step.actor().principal;
    let present = store::shifts::load_present(step.tx(), operator).await?;
    let present = present.as_ref().map(|present| &present.value);
    let id = ShiftId(step.new_id());
    let shift = Shift::begin(id, operator, present, sound_tested, step.now())?;
    keep(step, None, shift, "GoOnDuty").await
}

async fn end(
    step: &Step,
    policy: Arc<Policy>,
    leaving: Leaving,
) -> Result<Versioned<Shift>, Fault> {
    let operator = &step.actor().principal;
    // Shifts are locked before cases, and all at once, so that two who hand over to each other
    // don't wait for one another.
    let takers = leaving.handovers.iter().filter_map(|h| h.taker.clone());
    let takers = takers.chain([operator.clone()]).collect();
    store::shifts::load_on_duty(step.tx(), takers).await?;
    let id = leaving.shift;
    let current = store::shifts::load(step.tx(), id)
        .await?
        .ok_or_else(|| Fault::not_found(format!("dutyShifts/{id}")))?;
    current.value.check_end(operator)?;
    let handed_over = hand_over(step, &policy, leaving.handovers).await?;
    let left = Left {
        handover_note: leaving.note,
        waiting: store::cases::count_waiting_for_the_desk(step.tx()).await?,
        handed_over,
        held: store::cases::held_by(step.tx(), operator).await?,
    };
    let next = current.value.end(operator, left, step.now())?;
    keep(step, Some(&current), next, "GoOffDuty").await
}

/// Gives away what the operator holds, as they said; what they don't hold any more is passed over.
async fn hand_over(
    step: &Step,
    policy: &Arc<Policy>,
    handovers: Vec<HandedOver>,
) -> Result<Vec<HandedOver>, Fault> {
    let held = store::cases::held_by(step.tx(), &step.actor().principal).await?;
    let mut done = Vec::new();
    for case in held {
        let Some(handover) = handovers.iter().find(|handover| handover.case == case) else {
            continue;
        };
        let ask = Ask {
            target: Target::Case(case),
            etag: String::new(),
            action: &rights::ASSIGN,
            command: Command::AssignCase {
                operator: handover.taker.clone(),
            },
        };
        step::run(step, policy.clone(), ask).await?;
        done.push(handover.clone());
    }
    // What is still held, and what waits, is counted next.
    step.write_so_far().await?;
    Ok(done)
}

async fn keep(
    step: &Step,
    current: Option<&Versioned<Shift>>,
    next: Shift,
    action: &str,
) -> Result<Versioned<Shift>, Fault> {
    let handed_over = next.handed_over.len();
    let saved = store::shifts::save(step.tx(), current, next).await?;
    let resource = format!("dutyShifts/{}", saved.id);
    let detail = json!({ "version": saved.version, "handed_over": handed_over });
    step.audit(action, &resource, detail).await?;
    Ok(saved)
}
