//! The methods of EscalationService: who asks, what, and the answer. `cases` and `desk` do it.

use tonic::{Request, Response, Status};
use visits_core::{Actor, Fault};
use visits_durable::Cause;
use visits_proto::escalation::v1 as wire;
use visits_proto::escalation::v1::escalation_service_server::EscalationService;
use visits_runtime::{Action, caller, to_status};

use super::request::{self, Asked};
use super::watch::{WatchStream, Watches};
use super::{answer, desk};
use crate::app::App;
use crate::app::rights;
use crate::scheduling::Scheduling;

type Answer<T> = Result<Response<T>, Status>;

/// The gRPC service.
pub struct Grpc {
    /// The service.
    pub app: App,
    /// The way to scheduling.
    pub scheduling: Scheduling,
    /// The watches.
    pub watches: Watches,
}

impl Grpc {
    /// A command about a case: role, fields, step, answer.
    async fn change<R: prost::Message>(
        &self,
        request: Request<R>,
        action: &'static Action,
        read: fn(&R) -> Result<Asked, Fault>,
    ) -> Answer<wire::Case> {
        let work = async |actor: Actor, message: R| {
            let Asked { request_id, ask } = read(&message)?;
            let cause = Cause::request(actor, ask.command.name(), request_id, &message);
            self.app.execute(cause, ask).await.map(answer::case)
        };
        self.serve(request, action, work).await
    }

    /// Any method: the role first, then `work`.
    async fn serve<R, T>(
        &self,
        request: Request<R>,
        action: &'static Action,
        work: impl AsyncFnOnce(Actor, R) -> Result<T, Fault>,
    ) -> Answer<T> {
        let actor = caller(&request)?.actor;
        let message = request.into_inner();
        let admitted = self.app.admit(&actor, action, action.name).await;
        let outcome = match admitted {
            Ok(()) => work(actor, message).await,
            Err(fault) => Err(fault),
        };
        outcome.map(Response::new).map_err(to_status)
    }
}

#[tonic::async_trait]
impl EscalationService for Grpc {
    async fn raise_concern(&self, r: Request<wire::RaiseConcernRequest>) -> Answer<wire::Case> {
        self.serve(r, &rights::RAISE, async |actor, message| {
            self.raise(actor, message).await
        })
        .await
    }

    async fn acknowledge_case(
        &self,
        r: Request<wire::AcknowledgeCaseRequest>,
    ) -> Answer<wire::Case> {
        self.change(r, &rights::ACKNOWLEDGE, request::acknowledge)
            .await
    }

    async fn log_duty_desk_call(
        &self,
        r: Request<wire::LogDutyDeskCallRequest>,
    ) -> Answer<wire::Case> {
        self.change(r, &rights::LOG_CALL, request::log_call).await
    }

    async fn add_case_note(&self, r: Request<wire::AddCaseNoteRequest>) -> Answer<wire::Case> {
        self.change(r, &rights::NOTE, request::add_note).await
    }

    async fn assign_case(&self, r: Request<wire::AssignCaseRequest>) -> Answer<wire::Case> {
        self.change(r, &rights::ASSIGN, request::assign).await
    }

    async fn set_next_step_alert(
        &self,
        r: Request<wire::SetNextStepAlertRequest>,
    ) -> Answer<wire::Case> {
        self.change(r, &rights::SET_ALERT, request::set_alert).await
    }

    async fn withdraw_concern(
        &self,
        r: Request<wire::WithdrawConcernRequest>,
    ) -> Answer<wire::Case> {
        self.change(r, &rights::WITHDRAW, request::withdraw_concern)
            .await
    }

    async fn withdraw_case(&self, r: Request<wire::WithdrawCaseRequest>) -> Answer<wire::Case> {
        self.change(r, &rights::WITHDRAW, request::withdraw_case)
            .await
    }

    async fn decide_nfd(&self, r: Request<wire::DecideNfdRequest>) -> Answer<wire::Case> {
        self.change(r, &rights::DECIDE, request::decide).await
    }

    async fn plan_nfd(&self, r: Request<wire::PlanNfdRequest>) -> Answer<wire::Case> {
        self.change(r, &rights::PLAN, request::plan).await
    }

    async fn start_nfd(&self, r: Request<wire::StartNfdRequest>) -> Answer<wire::Case> {
        self.change(r, &rights::INSPECT, request::start).await
    }

    async fn record_nfd_finding(
        &self,
        r: Request<wire::RecordNfdFindingRequest>,
    ) -> Answer<wire::Case> {
        self.change(r, &rights::INSPECT, request::record_finding)
            .await
    }

    async fn record_leaving_site(
        &self,
        r: Request<wire::RecordLeavingSiteRequest>,
    ) -> Answer<wire::Case> {
        self.change(r, &rights::INSPECT, request::leave_site).await
    }

    async fn complete_nfd(&self, r: Request<wire::CompleteNfdRequest>) -> Answer<wire::Case> {
        self.change(r, &rights::INSPECT, request::complete).await
    }

    async fn recommend_section5(
        &self,
        r: Request<wire::RecommendSection5Request>,
    ) -> Answer<wire::Case> {
        self.change(r, &rights::RECOMMEND, request::recommend).await
    }

    async fn get_case(&self, r: Request<wire::GetCaseRequest>) -> Answer<wire::Case> {
        self.serve(r, &rights::READ, async |actor, message| {
            self.get(&actor, &message).await
        })
        .await
    }

    async fn list_cases(
        &self,
        r: Request<wire::ListCasesRequest>,
    ) -> Answer<wire::ListCasesResponse> {
        self.serve(r, &rights::LIST, async |actor, message| {
            self.list(&actor, &message).await
        })
        .await
    }

    async fn get_nfd_findings(
        &self,
        r: Request<wire::GetNfdFindingsRequest>,
    ) -> Answer<wire::NfdFindings> {
        self.serve(r, &rights::READ, async |actor, message| {
            self.findings(&actor, &message).await
        })
        .await
    }

    async fn get_nfd_window(
        &self,
        r: Request<wire::GetNfdWindowRequest>,
    ) -> Answer<wire::NfdWindow> {
        self.serve(r, &rights::READ, async |actor, message| {
            self.window(&actor, &message).await
        })
        .await
    }

    type WatchCasesStream = WatchStream;

    async fn watch_cases(&self, r: Request<wire::WatchCasesRequest>) -> Answer<WatchStream> {
        let ends = caller(&r)?.token_ends;
        let open = async |actor, message| self.watches.open(actor, ends, message).await;
        self.serve(r, &rights::WATCH, open).await
    }

    async fn set_regional_director(
        &self,
        r: Request<wire::SetRegionalDirectorRequest>,
    ) -> Answer<wire::RegionalDirector> {
        let set = async |actor, message: wire::SetRegionalDirectorRequest| {
            let (request_id, entry) = desk::entry(&message)?;
            let cause = Cause::request(actor, "SetRegionalDirector", request_id, &message);
            self.app
                .set_director(cause, entry)
                .await
                .map(desk::director)
        };
        self.serve(r, &rights::SET_DIRECTOR, set).await
    }

    async fn list_regional_directors(
        &self,
        r: Request<wire::ListRegionalDirectorsRequest>,
    ) -> Answer<wire::ListRegionalDirectorsResponse> {
        let list = async |_, message| self.list_directors(&message).await;
        self.serve(r, &rights::LIST_DIRECTORS, list).await
    }

    async fn go_on_duty(&self, r: Request<wire::GoOnDutyRequest>) -> Answer<wire::DutyShift> {
        let begin = async |actor, message: wire::GoOnDutyRequest| {
            let request_id = desk::request_id(&message.request_id)?;
            let cause = Cause::request(actor, "GoOnDuty", request_id, &message);
            let begun = self.app.go_on_duty(cause, message.sound_tested).await?;
            self.shift(begun).await
        };
        self.serve(r, &rights::DUTY, begin).await
    }

    async fn go_off_duty(&self, r: Request<wire::GoOffDutyRequest>) -> Answer<wire::DutyShift> {
        let end = async |actor, message: wire::GoOffDutyRequest| {
            let (request_id, leaving) = desk::off_duty(&message)?;
            let cause = Cause::request(actor, "GoOffDuty", request_id, &message);
            let ended = self.app.go_off_duty(cause, leaving).await?;
            self.shift(ended).await
        };
        self.serve(r, &rights::DUTY, end).await
    }

    async fn list_duty_shifts(
        &self,
        r: Request<wire::ListDutyShiftsRequest>,
    ) -> Answer<wire::ListDutyShiftsResponse> {
        let list = async |_, message| self.list_shifts(&message).await;
        self.serve(r, &rights::LIST_SHIFTS, list).await
    }

    async fn report_console(
        &self,
        r: Request<wire::ReportConsoleRequest>,
    ) -> Answer<wire::ReportConsoleResponse> {
        let report = async |actor, message| self.report(&actor, &message).await;
        self.serve(r, &rights::REPORT, report).await
    }

    async fn get_conversion_rate(
        &self,
        r: Request<wire::GetConversionRateRequest>,
    ) -> Answer<wire::ConversionRate> {
        let read = async |_, _| {
            let rate = self.app.conversions().await?;
            Ok(desk::rate(rate, self.app.policy()))
        };
        self.serve(r, &rights::RATE, read).await
    }

    async fn list_section5_recommendations(
        &self,
        r: Request<wire::ListSection5RecommendationsRequest>,
    ) -> Answer<wire::ListSection5RecommendationsResponse> {
        let list = async |_, message| self.list_recommendations(&message).await;
        self.serve(r, &rights::LIST_SECTION5, list).await
    }
}
