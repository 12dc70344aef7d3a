//! The RPCs: each reads its request, calls the app, and says what came of it.

use tonic::{Request, Response, Status, Streaming};
use visits_core::Fault;
use visits_durable::Cause;
use visits_durable::store::Versioned;
use visits_proto::scheduling::v1 as proto;
use visits_proto::scheduling::v1::scheduling_service_server::SchedulingService;
use visits_runtime::{Caller, Resource, authorise, caller, to_status};

use super::directors::Directors;
use super::read_register::InspectorChange;
use super::{Change, imports, read_call, read_register, read_visit, reads, register, visit};
use crate::app::App;
use crate::app::query::may_see_inspector;
use crate::app::rights::KEEP_REGISTER;
use crate::domain::visit::{Visit, VisitId};

pub(super) type Answer<T> = Result<Response<T>, Status>;

/// The service behind the contract.
pub struct Grpc {
    pub(super) app: App,
    directors: Directors,
}

impl Grpc {
    /// The service.
    #[must_use]
    pub const fn new(app: App, directors: Directors) -> Self {
        Self { app, directors }
    }

    /// Carries out a request to change a visit.
    async fn change<M: prost::Message>(
        &self,
        request: Request<M>,
        method: &'static str,
        read: impl FnOnce(&M) -> Result<Change, Fault> + Send,
    ) -> Answer<proto::Visit> {
        let caller = caller(&request)?;
        let asked = request.into_inner();
        let outcome = async {
            let change = read(&asked)?;
            let cause = Cause::request(caller.actor, method, change.request_id, &asked);
            let id = change
                .id
                .unwrap_or_else(|| VisitId(self.app.durable.new_id()));
            self.app
                .execute(cause, id, change.needs, change.etag, change.wish)
                .await
        };
        self.said(outcome.await)
    }

    pub(super) fn said(&self, outcome: Result<Versioned<Visit>, Fault>) -> Answer<proto::Visit> {
        let found = outcome.map_err(to_status)?;
        Ok(Response::new(visit::visit(&found, &self.app.policy)))
    }

    /// Carries out a request to change an inspector; `own` = the inspector may ask it too.
    async fn change_inspector<M: prost::Message>(
        &self,
        request: Request<M>,
        method: &'static str,
        own: bool,
        read: impl FnOnce(&M) -> Result<InspectorChange, Fault> + Send,
    ) -> Answer<proto::Inspector> {
        let Caller { actor, .. } = caller(&request)?;
        let asked = request.into_inner();
        let outcome = async {
            let change = read(&asked)?;
            let name = format!("inspectors/{}", change.code);
            if own {
                may_see_inspector(&actor, &change.code, &name)?;
            } else {
                authorise(&actor, &KEEP_REGISTER, &Resource::open(&name))?;
            }
            let cause = Cause::request(actor, method, change.request_id, &asked);
            self.app
                .execute_inspector(cause, change.code, change.etag, change.command)
                .await
        };
        let found = outcome.await.map_err(to_status)?;
        Ok(Response::new(register::inspector(&found)))
    }
}

#[tonic::async_trait]
impl SchedulingService for Grpc {
    async fn plan_visit(&self, request: Request<proto::PlanVisitRequest>) -> Answer<proto::Visit> {
        self.change(request, "PlanVisit", read_visit::plan).await
    }

    async fn reschedule_visit(
        &self,
        request: Request<proto::RescheduleVisitRequest>,
    ) -> Answer<proto::Visit> {
        self.change(request, "RescheduleVisit", read_visit::reschedule)
            .await
    }

    async fn change_team(
        &self,
        request: Request<proto::ChangeTeamRequest>,
    ) -> Answer<proto::Visit> {
        self.change(request, "ChangeTeam", read_visit::change_team)
            .await
    }

    async fn change_mode(
        &self,
        request: Request<proto::ChangeModeRequest>,
    ) -> Answer<proto::Visit> {
        self.change(request, "ChangeMode", read_visit::change_mode)
            .await
    }

    async fn cancel_visit(
        &self,
        request: Request<proto::CancelVisitRequest>,
    ) -> Answer<proto::Visit> {
        self.change(request, "CancelVisit", read_visit::cancel)
            .await
    }

    async fn solve_review_flag(
        &self,
        request: Request<proto::SolveReviewFlagRequest>,
    ) -> Answer<proto::Visit> {
        self.change(request, "SolveReviewFlag", read_visit::solve_flag)
            .await
    }

    async fn rearrange_call(
        &self,
        request: Request<proto::RearrangeCallRequest>,
    ) -> Answer<proto::Visit> {
        self.change(request, "RearrangeCall", read_call::rearrange)
            .await
    }

    async fn start_call(&self, request: Request<proto::StartCallRequest>) -> Answer<proto::Visit> {
        self.change(request, "StartCall", read_call::start).await
    }

    async fn record_call_attempt(
        &self,
        request: Request<proto::RecordCallAttemptRequest>,
    ) -> Answer<proto::Visit> {
        self.change(request, "RecordCallAttempt", read_call::attempt)
            .await
    }

    async fn record_call_step(
        &self,
        request: Request<proto::RecordCallStepRequest>,
    ) -> Answer<proto::Visit> {
        self.change(request, "RecordCallStep", read_call::steps)
            .await
    }

    async fn record_system_of_controls(
        &self,
        request: Request<proto::RecordSystemOfControlsRequest>,
    ) -> Answer<proto::Visit> {
        self.change(request, "RecordSystemOfControls", read_call::controls)
            .await
    }

    async fn record_home_time(
        &self,
        request: Request<proto::RecordHomeTimeRequest>,
    ) -> Answer<proto::Visit> {
        self.change(request, "RecordHomeTime", read_call::home_time)
            .await
    }

    async fn request_executive_conversation(
        &self,
        request: Request<proto::RequestExecutiveConversationRequest>,
    ) -> Answer<proto::Visit> {
        self.change(
            request,
            "RequestExecutiveConversation",
            read_call::request_executive,
        )
        .await
    }

    async fn plan_executive_conversation(
        &self,
        request: Request<proto::PlanExecutiveConversationRequest>,
    ) -> Answer<proto::Visit> {
        self.change(
            request,
            "PlanExecutiveConversation",
            read_call::plan_executive,
        )
        .await
    }

    async fn complete_call(
        &self,
        request: Request<proto::CompleteCallRequest>,
    ) -> Answer<proto::Visit> {
        self.change(request, "CompleteCall", read_call::complete)
            .await
    }

    async fn request_deferral(
        &self,
        request: Request<proto::RequestDeferralRequest>,
    ) -> Answer<proto::Visit> {
        self.change(request, "RequestDeferral", read_call::request_deferral)
            .await
    }

    async fn decide_deferral(
        &self,
        request: Request<proto::DecideDeferralRequest>,
    ) -> Answer<proto::Visit> {
        let Caller { actor, .. } = caller(&request)?;
        let today = self.app.today();
        let regions = self.directors.regions_of(&actor, today).await;
        let regions = regions.map_err(to_status)?;
        let read = |asked: &_| read_call::decide_deferral(asked, regions);
        self.change(request, "DecideDeferral", read).await
    }

    async fn create_inspector(
        &self,
        request: Request<proto::CreateInspectorRequest>,
    ) -> Answer<proto::Inspector> {
        self.change_inspector(request, "CreateInspector", false, read_register::create)
            .await
    }

    async fn add_leave(
        &self,
        request: Request<proto::AddLeaveRequest>,
    ) -> Answer<proto::Inspector> {
        self.change_inspector(request, "AddLeave", false, read_register::leave)
            .await
    }

    async fn declare_conflict(
        &self,
        request: Request<proto::DeclareConflictRequest>,
    ) -> Answer<proto::Inspector> {
        self.change_inspector(request, "DeclareConflict", true, read_register::conflict)
            .await
    }

    async fn assign_routine_inspection(
        &self,
        request: Request<proto::AssignRoutineInspectionRequest>,
    ) -> Answer<proto::Inspector> {
        self.change_inspector(
            request,
            "AssignRoutineInspection",
            false,
            read_register::routine_inspection,
        )
        .await
    }

    async fn get_visit(&self, request: Request<proto::GetVisitRequest>) -> Answer<proto::Visit> {
        reads::get_visit(self, request).await
    }

    async fn list_visits(
        &self,
        request: Request<proto::ListVisitsRequest>,
    ) -> Answer<proto::ListVisitsResponse> {
        reads::list_visits(self, request).await
    }

    async fn list_calls_due(
        &self,
        request: Request<proto::ListCallsDueRequest>,
    ) -> Answer<proto::ListCallsDueResponse> {
        reads::list_calls_due(self, request).await
    }

    async fn get_call_sheet(
        &self,
        request: Request<proto::GetCallSheetRequest>,
    ) -> Answer<proto::CallSheet> {
        reads::get_call_sheet(self, request).await
    }

    async fn get_school(&self, request: Request<proto::GetSchoolRequest>) -> Answer<proto::School> {
        reads::get_school(self, request).await
    }

    async fn list_schools(
        &self,
        request: Request<proto::ListSchoolsRequest>,
    ) -> Answer<proto::ListSchoolsResponse> {
        reads::list_schools(self, request).await
    }

    async fn get_school_days(
        &self,
        request: Request<proto::GetSchoolDaysRequest>,
    ) -> Answer<proto::GetSchoolDaysResponse> {
        reads::get_school_days(self, request).await
    }

    async fn get_inspector(
        &self,
        request: Request<proto::GetInspectorRequest>,
    ) -> Answer<proto::Inspector> {
        reads::get_inspector(self, request).await
    }

    async fn list_inspectors(
        &self,
        request: Request<proto::ListInspectorsRequest>,
    ) -> Answer<proto::ListInspectorsResponse> {
        reads::list_inspectors(self, request).await
    }

    async fn check_barrier(
        &self,
        request: Request<proto::CheckBarrierRequest>,
    ) -> Answer<proto::CheckBarrierResponse> {
        reads::check_barrier(self, request).await
    }

    async fn import_schools(
        &self,
        request: Request<Streaming<proto::ImportSchoolsRequest>>,
    ) -> Answer<proto::ImportReport> {
        imports::import_schools(self, request).await
    }

    async fn import_bank_holidays(
        &self,
        request: Request<proto::ImportBankHolidaysRequest>,
    ) -> Answer<proto::ImportReport> {
        imports::import_bank_holidays(self, request).await
    }

    async fn import_calendar(
        &self,
        request: Request<proto::ImportCalendarRequest>,
    ) -> Answer<proto::Calendar> {
        imports::import_calendar(self, request).await
    }

    async fn import_call_script(
        &self,
        request: Request<proto::ImportCallScriptRequest>,
    ) -> Answer<proto::CallScript> {
        imports::import_call_script(self, request).await
    }

    async fn list_call_scripts(
        &self,
        request: Request<proto::ListCallScriptsRequest>,
    ) -> Answer<proto::ListCallScriptsResponse> {
        reads::list_call_scripts(self, request).await
    }
}
