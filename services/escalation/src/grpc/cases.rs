//! Raising a concern, with scheduling's facts, and the reads of cases.

use visits_core::civil::Date;
use visits_core::{Actor, Fault, Timestamp, london};
use visits_durable::Cause;
use visits_proto::escalation::v1 as wire;
use visits_runtime::asked;
use visits_runtime::paging::Paging;

use super::service::Grpc;
use super::{answer, filter, page, request};
use crate::app::rights;
use crate::app::step::{Ask, Target};
use crate::domain::case::State;
use crate::domain::command::Command;
use crate::domain::decide::window_if_decided;
use crate::domain::open_hours::{inside, weekdays_of};
use crate::domain::refusal::Refusal;

/// What stands for the calendar when scheduling could not be asked for it.
const WEEKDAYS: &str = "WEEKDAYS";

impl Grpc {
    /// Scheduling is asked before the step, never inside it.
    pub(super) async fn raise(
        &self,
        actor: Actor,
        message: wire::RaiseConcernRequest,
    ) -> Result<wire::Case, Fault> {
        let asked = request::raise(&message)?;
        let now = self.app.durable().now();
        let facts = self
            .scheduling
            .visit_facts(asked.visit, &actor, now)
            .await?;
        let ask = Ask {
            target: Target::CurrentOf(asked.visit),
            etag: String::new(),
            action: &rights::RAISE,
            command: Command::RaiseConcern {
                facts,
                area: asked.area,
                what_was_seen: asked.what_was_seen,
            },
        };
        let cause = Cause::request(actor, "RaiseConcern", asked.request_id, &message);
        self.app.execute(cause, ask).await.map(answer::case)
    }

    pub(super) async fn get(
        &self,
        actor: &Actor,
        message: &wire::GetCaseRequest,
    ) -> Result<wire::Case, Fault> {
        let id = request::case_name(&message.name)?;
        self.app.case(actor, id).await.map(answer::case)
    }

    pub(super) async fn list(
        &self,
        actor: &Actor,
        message: &wire::ListCasesRequest,
    ) -> Result<wire::ListCasesResponse, Fault> {
        let paging = Paging::read(&asked!(message), &page::CASES)?;
        let filter = filter::of_cases(&message.filter)?;
        let mut cases = self.app.list_cases(actor, &filter, &paging.page).await?;
        let next_page_token = paging.finish(&mut cases, page::of_case);
        Ok(wire::ListCasesResponse {
            cases: cases.into_iter().map(answer::case).collect(),
            next_page_token,
        })
    }

    pub(super) async fn findings(
        &self,
        actor: &Actor,
        message: &wire::GetNfdFindingsRequest,
    ) -> Result<wire::NfdFindings, Fault> {
        let id = request::case_name(&message.name)?;
        let case = self.app.case(actor, id).await?.value;
        if case.state != State::NfdComplete {
            return Err(Fault::from(Refusal::NfdNotComplete).with("resource", &message.name));
        }
        Ok(answer::findings(&case))
    }

    pub(super) async fn window(
        &self,
        actor: &Actor,
        message: &wire::GetNfdWindowRequest,
    ) -> Result<wire::NfdWindow, Fault> {
        let id = request::case_name(&message.name)?;
        let case = self.app.case(actor, id).await?.value;
        let policy = self.app.policy();
        let window = match &case.window {
            Some(window) => window.clone(),
            None => window_if_decided(&case, policy, self.app.durable().now()),
        };
        let span = (window.start_at, window.deadline_at);
        let (days, calendar) = self.open_days(&case.school.urn, span).await;
        let hours = inside(span, &days, policy.school_opens, policy.school_closes);
        Ok(wire::NfdWindow {
            open_hours: hours.into_iter().map(answer::open_hours).collect(),
            calendar,
            ..answer::window(&window)
        })
    }

    /// The open hours inform and change no deadline: where scheduling doesn't answer, weekdays do.
    async fn open_days(&self, urn: &str, span: (Timestamp, Timestamp)) -> (Vec<Date>, String) {
        let (from, to) = (london::date(span.0), london::date(span.1));
        match self.scheduling.school_days(urn, from, to).await {
            Ok(answer) => answer,
            Err(fault) => {
                tracing::warn!(
                    reason = fault.reason,
                    "scheduling does not name school days"
                );
                (weekdays_of(span), WEEKDAYS.to_owned())
            }
        }
    }
}
