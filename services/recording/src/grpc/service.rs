//! `RecordingService`, one method an RPC.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tonic::{Request, Response, Status};
use visits_core::{Actor, Fault};
use visits_durable::Cause;
use visits_proto::recording::v1 as proto;
use visits_proto::recording::v1::recording_service_server::RecordingService;
use visits_runtime::{caller, to_status};

use super::read::{self, Changes};
use super::show;
use crate::access::{self, Access};
use crate::app::outcome::Outcome;
use crate::app::{App, step};
use crate::domain::Command;

/// The service behind the contract.
#[derive(Clone, Debug)]
pub struct RecordingGrpc {
    pub(super) app: App,
    pub(super) access: Arc<Access>,
}

type Reply<T> = Result<Response<T>, Status>;

fn reply<T>(outcome: Result<T, Fault>) -> Reply<T> {
    outcome.map(Response::new).map_err(to_status)
}

impl RecordingGrpc {
    /// The service over `app`, behind `access`.
    #[must_use]
    pub fn new(app: App, access: Access) -> Self {
        Self {
            app,
            access: Arc::new(access),
        }
    }

    /// What every RPC that changes a record does: read, ask at the gate, carry out, show.
    async fn change<M, R>(
        &self,
        request: Request<M>,
        method: &'static str,
        answer: impl FnOnce(&Command, &Outcome) -> R + Send + 'static,
    ) -> Reply<R>
    where
        M: Changes + prost::Message,
        R: Serialize + DeserializeOwned + Send + 'static,
    {
        let actor = caller(&request)?.actor;
        let message = request.into_inner();
        reply(self.carry_out(actor, &message, method, answer).await)
    }

    async fn carry_out<M, R>(
        &self,
        actor: Actor,
        message: &M,
        method: &'static str,
        answer: impl FnOnce(&Command, &Outcome) -> R + Send + 'static,
    ) -> Result<R, Fault>
    where
        M: Changes + prost::Message,
        R: Serialize + DeserializeOwned + Send + 'static,
    {
        let asked = read::asked(message)?;
        let visit = asked.intent.visit;
        self.access
            .record(&actor, &access::WRITE_RECORD, visit)
            .await?;
        let cause = Cause::request(actor, method, asked.request_id, message);
        let command = asked.intent.command.clone();
        step::ask(&self.app, cause, asked.intent, move |outcome| {
            answer(&command, outcome)
        })
        .await
    }
}

fn touched_discussion(outcome: &Outcome) -> proto::Discussion {
    show::discussion_with(&outcome.record.value, outcome.touched.first())
}

fn touched_answer(outcome: &Outcome) -> proto::Answer {
    outcome
        .touched
        .first()
        .map(|id| show::answer_with(&outcome.record.value, *id))
        .unwrap_or_default()
}

/// The answer that was to be corrected, also where the same words stood there already.
fn corrected(command: &Command, outcome: &Outcome) -> proto::Answer {
    match command {
        Command::CorrectAnswer { answer, .. } => show::answer_with(&outcome.record.value, *answer),
        _ => proto::Answer::default(),
    }
}

fn recorded(outcome: &Outcome) -> proto::RecordAnswersResponse {
    let record = &outcome.record.value;
    proto::RecordAnswersResponse {
        answers: outcome
            .touched
            .iter()
            .map(|id| show::answer_with(record, *id))
            .collect(),
        coverage: Some(show::coverage(record, outcome.form.as_ref())),
    }
}

#[tonic::async_trait]
impl RecordingService for RecordingGrpc {
    async fn import_visit_form(
        &self,
        request: Request<proto::ImportVisitFormRequest>,
    ) -> Reply<proto::VisitForm> {
        let actor = caller(&request)?.actor;
        reply(self.import(actor, request.get_ref()).await)
    }

    async fn list_visit_forms(
        &self,
        request: Request<proto::ListVisitFormsRequest>,
    ) -> Reply<proto::ListVisitFormsResponse> {
        let actor = caller(&request)?.actor;
        reply(self.forms(&actor, request.get_ref()).await)
    }

    async fn get_visit_form(
        &self,
        request: Request<proto::GetVisitFormRequest>,
    ) -> Reply<proto::VisitForm> {
        let actor = caller(&request)?.actor;
        reply(self.form(&actor, &request.get_ref().name).await)
    }

    async fn get_visit_record(
        &self,
        request: Request<proto::GetVisitRecordRequest>,
    ) -> Reply<proto::VisitRecord> {
        let actor = caller(&request)?.actor;
        let name = &request.get_ref().name;
        let held = self.read(&actor, &access::GET_RECORD, "name", name).await;
        reply(held.map(|held| show::record(&held)))
    }

    async fn list_visit_records(
        &self,
        request: Request<proto::ListVisitRecordsRequest>,
    ) -> Reply<proto::ListVisitRecordsResponse> {
        let actor = caller(&request)?.actor;
        reply(self.records(&actor, request.get_ref()).await)
    }

    async fn start_visit(
        &self,
        request: Request<proto::StartVisitRequest>,
    ) -> Reply<proto::VisitRecord> {
        self.change(request, "StartVisit", |_, outcome| {
            show::record(&outcome.record)
        })
        .await
    }

    async fn open_discussion(
        &self,
        request: Request<proto::OpenDiscussionRequest>,
    ) -> Reply<proto::Discussion> {
        self.change(request, "OpenDiscussion", |_, outcome| {
            touched_discussion(outcome)
        })
        .await
    }

    async fn close_discussion(
        &self,
        request: Request<proto::CloseDiscussionRequest>,
    ) -> Reply<proto::Discussion> {
        self.change(request, "CloseDiscussion", |_, outcome| {
            touched_discussion(outcome)
        })
        .await
    }

    async fn record_answers(
        &self,
        request: Request<proto::RecordAnswersRequest>,
    ) -> Reply<proto::RecordAnswersResponse> {
        self.change(request, "RecordAnswers", |_, outcome| recorded(outcome))
            .await
    }

    async fn record_follow_up(
        &self,
        request: Request<proto::RecordFollowUpRequest>,
    ) -> Reply<proto::Answer> {
        self.change(request, "RecordFollowUp", |_, outcome| {
            touched_answer(outcome)
        })
        .await
    }

    async fn correct_answer(
        &self,
        request: Request<proto::CorrectAnswerRequest>,
    ) -> Reply<proto::Answer> {
        self.change(request, "CorrectAnswer", |command, outcome| {
            corrected(command, outcome)
        })
        .await
    }

    async fn hold_executive_conversation(
        &self,
        request: Request<proto::HoldExecutiveConversationRequest>,
    ) -> Reply<proto::VisitRecord> {
        self.change(request, "HoldExecutiveConversation", |_, outcome| {
            show::record(&outcome.record)
        })
        .await
    }

    async fn explain_unmet_conversation(
        &self,
        request: Request<proto::ExplainUnmetConversationRequest>,
    ) -> Reply<proto::VisitRecord> {
        self.change(request, "ExplainUnmetConversation", |_, outcome| {
            show::record(&outcome.record)
        })
        .await
    }

    async fn record_departure(
        &self,
        request: Request<proto::RecordDepartureRequest>,
    ) -> Reply<proto::VisitRecord> {
        self.change(request, "RecordDeparture", |_, outcome| {
            show::record(&outcome.record)
        })
        .await
    }

    async fn agree_letter_content(
        &self,
        request: Request<proto::AgreeLetterContentRequest>,
    ) -> Reply<proto::AgreedContent> {
        self.change(request, "AgreeLetterContent", |_, outcome| {
            show::latest_agreed(&outcome.record.value)
        })
        .await
    }

    async fn record_school_feedback(
        &self,
        request: Request<proto::RecordSchoolFeedbackRequest>,
    ) -> Reply<proto::VisitRecord> {
        self.change(request, "RecordSchoolFeedback", |_, outcome| {
            show::record(&outcome.record)
        })
        .await
    }

    async fn complete_visit(
        &self,
        request: Request<proto::CompleteVisitRequest>,
    ) -> Reply<proto::VisitRecord> {
        self.change(request, "CompleteVisit", |_, outcome| {
            show::record(&outcome.record)
        })
        .await
    }

    async fn get_coverage(
        &self,
        request: Request<proto::GetCoverageRequest>,
    ) -> Reply<proto::Coverage> {
        let actor = caller(&request)?.actor;
        reply(self.coverage(&actor, &request.get_ref().name).await)
    }

    async fn list_answers(
        &self,
        request: Request<proto::ListAnswersRequest>,
    ) -> Reply<proto::ListAnswersResponse> {
        let actor = caller(&request)?.actor;
        reply(self.answers(&actor, request.get_ref()).await)
    }

    async fn get_agreed_content(
        &self,
        request: Request<proto::GetAgreedContentRequest>,
    ) -> Reply<proto::AgreedContent> {
        let actor = caller(&request)?.actor;
        reply(self.content(&actor, request.get_ref()).await)
    }

    async fn list_deidentified_answers(
        &self,
        request: Request<proto::ListDeidentifiedAnswersRequest>,
    ) -> Reply<proto::ListDeidentifiedAnswersResponse> {
        let actor = caller(&request)?.actor;
        reply(self.deidentified(&actor, request.get_ref()).await)
    }
}
