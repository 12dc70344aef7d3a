//! `LettersService`.

use tonic::{Request, Response, Status};
use visits_core::Fault;
use visits_durable::Cause;
use visits_durable::store::Versioned;
use visits_proto::letters::v1 as wire;
use visits_proto::letters::v1::letters_service_server::LettersService;
use visits_runtime::paging::Paging;
use visits_runtime::{Caller, asked, caller, to_status};

use super::convert;
use super::drafting;
use super::request::{self, Asked};
use crate::app::App;
use crate::app::rights::Needs;
use crate::app::step::Read;
use crate::domain::letter::Channel;
use crate::domain::text_check::{self, Severity};
use crate::domain::{Command, Letter};
use crate::sources::Sources;
use crate::store::search::{DRAFTS, PUBLISHED, part};

/// The letters service over gRPC.
#[derive(Clone, Debug)]
pub struct LettersGrpc {
    app: App,
    sources: Sources,
}

impl LettersGrpc {
    /// The face of `app`, which drafts from `sources`.
    #[must_use]
    pub const fn new(app: App, sources: Sources) -> Self {
        Self { app, sources }
    }

    fn letter(&self, found: &Versioned<Letter>) -> Response<wire::Letter> {
        Response::new(convert::letter(found, &self.app.setup.policy.names))
    }

    /// Carries out what a request asks of one letter.
    async fn carry_out(
        &self,
        caller: Caller,
        method: &'static str,
        request: &impl prost::Message,
        asked: Result<Asked, Fault>,
        needs: Needs,
        read: Read,
    ) -> Result<Response<wire::Letter>, Status> {
        let asked = asked.map_err(to_status)?;
        let cause = Cause::request(caller.actor, method, asked.request_id, request);
        let changed = self
            .app
            .execute(cause, asked.id, needs, read, asked.command)
            .await
            .map_err(to_status)?;
        Ok(self.letter(&changed))
    }
}

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl LettersService for LettersGrpc {
    async fn draft_letter(
        &self,
        request: Request<wire::DraftLetterRequest>,
    ) -> Answer<wire::Letter> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let (occasion, request_id) = request::draft(&request).map_err(to_status)?;
        let cause = Cause::request(caller.actor.clone(), "DraftLetter", request_id, &request);
        let drafted = drafting::draft(&self.app, &self.sources, &caller.actor, cause, occasion)
            .await
            .map_err(to_status)?;
        Ok(self.letter(&drafted))
    }

    async fn revise_letter(
        &self,
        request: Request<wire::ReviseLetterRequest>,
    ) -> Answer<wire::Letter> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let (asked, read) = (request::revise(&request), Read::Etag(request.etag.clone()));
        self.carry_out(caller, "ReviseLetter", &request, asked, Needs::Writer, read)
            .await
    }

    async fn check_text(
        &self,
        request: Request<wire::CheckTextRequest>,
    ) -> Answer<wire::CheckTextResponse> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let id = request::name(&request.name).map_err(to_status)?;
        let found = self
            .app
            .letter(&caller.actor, id)
            .await
            .map_err(to_status)?;
        let letter = found.value;
        let text = match &request.text {
            Some(given) => request::text(given).map_err(to_status)?,
            None => letter.text,
        };
        let names = &self.app.setup.policy.names;
        let findings = text_check::check(&text, &letter.about.school_name, names);
        let is_open = |finding: &text_check::Finding| match finding.severity {
            Severity::Refused => true,
            Severity::Mark => !letter.confirmed.contains(&finding.id),
            Severity::Hint => false,
        };
        Ok(Response::new(wire::CheckTextResponse {
            acceptable: !findings.iter().any(is_open),
            findings: findings
                .iter()
                .map(|each| convert::finding(each, letter.confirmed.contains(&each.id)))
                .collect(),
        }))
    }

    async fn confirm_marks(
        &self,
        request: Request<wire::ConfirmMarksRequest>,
    ) -> Answer<wire::Letter> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let (asked, read) = (request::confirm(&request), Read::Etag(request.etag.clone()));
        self.carry_out(caller, "ConfirmMarks", &request, asked, Needs::Writer, read)
            .await
    }

    async fn send_to_school(
        &self,
        request: Request<wire::SendToSchoolRequest>,
    ) -> Answer<wire::Letter> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let (asked, read) = (request::send(&request), Read::Etag(request.etag.clone()));
        let needs = Needs::WriterOrPublisher;
        self.carry_out(caller, "SendToSchool", &request, asked, needs, read)
            .await
    }

    async fn get_factual_check(
        &self,
        request: Request<wire::GetFactualCheckRequest>,
    ) -> Answer<wire::FactualCheck> {
        let caller = caller(&request)?;
        let id = request::name(&request.get_ref().name).map_err(to_status)?;
        let found = self
            .app
            .letter(&caller.actor, id)
            .await
            .map_err(to_status)?;
        let round = found
            .value
            .round()
            .ok_or_else(|| to_status(Fault::not_found(format!("round of letters/{id}"))))?;
        Ok(Response::new(convert::factual_check(round)))
    }

    async fn record_school_reply(
        &self,
        request: Request<wire::RecordSchoolReplyRequest>,
    ) -> Answer<wire::Letter> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let asked = request::reply(&request, Channel::Recorded);
        let (needs, read) = (Needs::WriterOrPublisher, Read::Etag(request.etag.clone()));
        self.carry_out(caller, "RecordSchoolReply", &request, asked, needs, read)
            .await
    }

    async fn answer_correction(
        &self,
        request: Request<wire::AnswerCorrectionRequest>,
    ) -> Answer<wire::Letter> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let (asked, read) = (request::answer(&request), Read::Etag(request.etag.clone()));
        self.carry_out(
            caller,
            "AnswerCorrection",
            &request,
            asked,
            Needs::Writer,
            read,
        )
        .await
    }

    async fn decide_no_reply(
        &self,
        request: Request<wire::DecideNoReplyRequest>,
    ) -> Answer<wire::Letter> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let (asked, read) = (
            request::no_reply(&request),
            Read::Etag(request.etag.clone()),
        );
        self.carry_out(
            caller,
            "DecideNoReply",
            &request,
            asked,
            Needs::Publisher,
            read,
        )
        .await
    }

    async fn mark_ready(&self, request: Request<wire::MarkReadyRequest>) -> Answer<wire::Letter> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let asked = request::bare(&request.name, &request.request_id, Command::MarkReady);
        let (needs, read) = (Needs::WriterOrPublisher, Read::Etag(request.etag.clone()));
        self.carry_out(caller, "MarkReady", &request, asked, needs, read)
            .await
    }

    async fn publish_letter(
        &self,
        request: Request<wire::PublishLetterRequest>,
    ) -> Answer<wire::Letter> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let asked = request::bare(&request.name, &request.request_id, Command::Publish);
        let (needs, read) = (Needs::Publisher, Read::EtagRequired(request.etag.clone()));
        self.carry_out(caller, "PublishLetter", &request, asked, needs, read)
            .await
    }

    async fn correct_letter(
        &self,
        request: Request<wire::CorrectLetterRequest>,
    ) -> Answer<wire::Letter> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let (asked, etag) = (request::correct(&request), request.etag.clone());
        let (needs, read) = (Needs::Publisher, Read::EtagRequired(etag));
        self.carry_out(caller, "CorrectLetter", &request, asked, needs, read)
            .await
    }

    async fn withdraw_letter(
        &self,
        request: Request<wire::WithdrawLetterRequest>,
    ) -> Answer<wire::Letter> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let (asked, etag) = (request::withdraw(&request), request.etag.clone());
        let (needs, read) = (Needs::Publisher, Read::EtagRequired(etag));
        self.carry_out(caller, "WithdrawLetter", &request, asked, needs, read)
            .await
    }

    async fn get_letter(&self, request: Request<wire::GetLetterRequest>) -> Answer<wire::Letter> {
        let caller = caller(&request)?;
        let id = request::name(&request.get_ref().name).map_err(to_status)?;
        let found = self
            .app
            .letter(&caller.actor, id)
            .await
            .map_err(to_status)?;
        Ok(self.letter(&found))
    }

    async fn list_letters(
        &self,
        request: Request<wire::ListLettersRequest>,
    ) -> Answer<wire::ListLettersResponse> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let answer = self.list(&caller, &request).await.map_err(to_status)?;
        Ok(Response::new(answer))
    }

    async fn get_published_letter(
        &self,
        request: Request<wire::GetPublishedLetterRequest>,
    ) -> Answer<wire::PublishedLetter> {
        caller(&request)?;
        let id = request::name(&request.get_ref().name).map_err(to_status)?;
        let found = self.app.published_letter(id).await.map_err(to_status)?;
        Ok(Response::new(convert::published_letter(&found.value)))
    }

    async fn list_published_letters(
        &self,
        request: Request<wire::ListPublishedLettersRequest>,
    ) -> Answer<wire::ListPublishedLettersResponse> {
        caller(&request)?;
        let request = request.into_inner();
        let answer = self.list_published(&request).await.map_err(to_status)?;
        Ok(Response::new(answer))
    }
}

impl LettersGrpc {
    async fn list(
        &self,
        caller: &Caller,
        request: &wire::ListLettersRequest,
    ) -> Result<wire::ListLettersResponse, Fault> {
        let wanted = request::wanted(&request.filter, &["state", "kind", "school", "visit"])?;
        let paging = Paging::read(&asked!(request), &DRAFTS)?;
        let (actor, page) = (&caller.actor, &paging.page);
        let mut found = self.app.letters(actor, &wanted, page).await?;
        let next_page_token = paging.finish(&mut found, part);
        let names = &self.app.setup.policy.names;
        let letters = found.iter().map(|each| convert::letter(each, names));
        Ok(wire::ListLettersResponse {
            letters: letters.collect(),
            next_page_token,
        })
    }

    async fn list_published(
        &self,
        request: &wire::ListPublishedLettersRequest,
    ) -> Result<wire::ListPublishedLettersResponse, Fault> {
        let wanted = request::wanted(&request.filter, &["kind", "school"])?;
        let paging = Paging::read(&asked!(request), &PUBLISHED)?;
        let mut found = self.app.published_letters(&wanted, &paging.page).await?;
        let next_page_token = paging.finish(&mut found, part);
        let letters = found
            .iter()
            .map(|each| convert::published_letter(&each.value));
        Ok(wire::ListPublishedLettersResponse {
            letters: letters.collect(),
            next_page_token,
        })
    }
}
