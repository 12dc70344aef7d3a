//! Going on duty and off duty.

use serde_json::json;
use visits_core::{Fault, Page};
use visits_durable::store::Versioned;
use visits_durable::{Cause, Step};

use super::App;
use crate::domain::shift::{Shift, ShiftId};
use crate::store;

impl App {
    /// The caller goes on duty.
    pub async fn go_on_duty(&self, cause: Cause) -> Result<Versioned<Shift>, Fault> {
        self.commit(cause, |step| Box::pin(begin(step))).await
    }

    /// The caller goes off duty.
    pub async fn go_off_duty(
        &self,
        cause: Cause,
        id: ShiftId,
        handover_note: String,
    ) -> Result<Versioned<Shift>, Fault> {
        self.commit(cause, move |step| Box::pin(end(step, id, handover_note)))
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

async fn begin(step: &Step) -> Result<Versioned<Shift>, Fault> {
    let operator = &step.actor().principal;
    let present = store::shifts::load_present(step.tx(), operator).await?;
    let present = present.as_ref().map(|present| &present.value);
    let shift = Shift::begin(ShiftId(step.new_id()), operator, present, step.now())?;
    keep(step, None, shift, "GoOnDuty").await
}

async fn end(step: &Step, id: ShiftId, note: String) -> Result<Versioned<Shift>, Fault> {
    let current = store::shifts::load(step.tx(), id)
        .await?
        .ok_or_else(|| Fault::not_found(format!("dutyShifts/{id}")))?;
    let waiting = store::cases::count_waiting_for_the_desk(step.tx()).await?;
    let operator = &step.actor().principal;
    let next = current.value.end(operator, &note, waiting, step.now())?;
    keep(step, Some(&current), next, "GoOffDuty").await
}

async fn keep(
    step: &Step,
    current: Option<&Versioned<Shift>>,
    next: Shift,
    action: &str,
) -> Result<Versioned<Shift>, Fault> {
    let saved = store::shifts::save(step.tx(), current, next).await?;
    let resource = format!("dutyShifts/{}", saved.id);
    let detail = json!({ "version": saved.version });
    step.audit(action, &resource, detail).await?;
    Ok(saved)
}
