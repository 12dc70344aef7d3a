//! `InsightsService`: who calls, may they, then the app.

use tonic::{Request, Response, Status};
use visits_core::{Actor, Fault};
use visits_durable::Cause;
use visits_proto::insights::v1::insights_service_server::InsightsService;
use visits_proto::insights::v1::{
    CodeAnswersRequest, CodingFrame, ConversionCounts, CreateReleaseRequest,
    ExportReleaseCsvRequest, ExportReleaseCsvResponse, GetCodingFrameRequest,
    GetConversionCountsRequest, GetReleaseRequest, GetReleaseTableRequest, GetVisitCodingRequest,
    ImportCodingFrameRequest, ListAnswersToCodeRequest, ListAnswersToCodeResponse,
    ListCodingFramesRequest, ListCodingFramesResponse, ListReleasesRequest, ListReleasesResponse,
    Release, ReleaseTable, VisitCoding,
};
use visits_runtime::paging::Paging;
use visits_runtime::{asked, caller, filter, to_status};

use super::{convert, lists, read};
use crate::app::App;
use crate::app::access;
use crate::app::step::Command;
use crate::digest;
use crate::domain::coding::CodingCommand;
use crate::domain::release::ReleaseId;

/// The service's gRPC side.
#[derive(Clone, Debug)]
pub struct Insights {
    app: App,
}

impl Insights {
    /// The gRPC side of `app`.
    #[must_use]
    pub const fn new(app: App) -> Self {
        Self { app }
    }

    async fn import(
        &self,
        actor: Actor,
        request: ImportCodingFrameRequest,
    ) -> Result<CodingFrame, Fault> {
        let name = format!("codingFrames/{}", request.version);
        self.app
            .permit(&actor, &access::IMPORT_FRAME, &name)
            .await?;
        let (request_id, content) = read::import(&request)?;
        let version = content.version.clone();
        let cause = Cause::request(actor, "ImportCodingFrame", request_id, &request);
        self.app
            .execute(cause, Command::ImportFrame(content))
            .await?;
        Ok(convert::frame(self.app.frame(&version).await?))
    }

    async fn list_frames(
        &self,
        actor: Actor,
        request: ListCodingFramesRequest,
    ) -> Result<ListCodingFramesResponse, Fault> {
        self.app
            .permit(&actor, &access::READ_FRAMES, "codingFrames")
            .await?;
        filter::parse(&request.filter, &[])?;
        let paging = Paging::read(&asked!(request), &lists::FRAMES)?;
        let mut rows = self.app.frames(&paging.page).await?;
        let next_page_token = paging.finish(&mut rows, lists::of_frame);
        Ok(ListCodingFramesResponse {
            coding_frames: rows.into_iter().map(convert::frame).collect(),
            next_page_token,
        })
    }

    async fn list_answers(
        &self,
        actor: Actor,
        request: ListAnswersToCodeRequest,
    ) -> Result<ListAnswersToCodeResponse, Fault> {
        self.app
            .permit(&actor, &access::READ_ANSWERS, "visitCodings")
            .await?;
        let states = read::states(&request.filter)?;
        let paging = Paging::read(&asked!(request), &lists::ANSWERS)?;
        let mut rows = self.app.codings(&states, &paging.page).await?;
        let next_page_token = paging.finish(&mut rows, lists::of_coding);
        Ok(ListAnswersToCodeResponse {
            visit_codings: rows.into_iter().map(convert::coding).collect(),
            next_page_token,
        })
    }

    async fn code(&self, actor: Actor, request: CodeAnswersRequest) -> Result<VisitCoding, Fault> {
        self.app
            .permit(&actor, &access::CODE_ANSWERS, &request.name)
            .await?;
        let coding = read::coding(&request)?;
        let frame = self.app.frame(&coding.frame).await?;
        let cause = Cause::request(actor, "CodeAnswers", coding.request_id, &request);
        let command = Command::Coding {
            key: coding.key,
            etag: request.etag,
            command: CodingCommand::Code {
                frame,
                answers: coding.answers,
                reason: coding.reason,
            },
        };
        self.app.execute(cause, command).await?;
        Ok(convert::coding(self.app.coding(coding.key).await?))
    }

    async fn get_coding(
        &self,
        actor: Actor,
        request: GetVisitCodingRequest,
    ) -> Result<VisitCoding, Fault> {
        self.app
            .permit(&actor, &access::READ_ANSWERS, &request.name)
            .await?;
        let key = read::coding_name(&request.name)?;
        Ok(convert::coding(self.app.coding(key).await?))
    }

    async fn create_release(
        &self,
        actor: Actor,
        request: CreateReleaseRequest,
    ) -> Result<Release, Fault> {
        self.app
            .permit(&actor, &access::CREATE_RELEASE, "releases")
            .await?;
        let (request_id, command) = read::release(&request)?;
        let cause = Cause::request(actor, "CreateRelease", request_id, &request);
        let done = self
            .app
            .execute(cause, Command::CreateRelease(command))
            .await?;
        self.release(ReleaseId(done.id)).await
    }

    async fn release(&self, id: ReleaseId) -> Result<Release, Fault> {
        let kept = self.app.release(id).await?;
        Ok(convert::release(&kept, digest::of(&kept.release)?))
    }

    async fn list_releases(
        &self,
        actor: Actor,
        request: ListReleasesRequest,
    ) -> Result<ListReleasesResponse, Fault> {
        self.app
            .permit(&actor, &access::READ_RELEASES, "releases")
            .await?;
        filter::parse(&request.filter, &[])?;
        let paging = Paging::read(&asked!(request), &lists::RELEASES)?;
        let mut rows = self.app.releases(&paging.page).await?;
        let next_page_token = paging.finish(&mut rows, lists::of_release);
        let releases = rows
            .iter()
            .map(|kept| Ok(convert::release(kept, digest::of(&kept.release)?)));
        Ok(ListReleasesResponse {
            releases: releases.collect::<Result<_, Fault>>()?,
            next_page_token,
        })
    }
}

fn answer<T>(outcome: Result<T, Fault>) -> Result<Response<T>, Status> {
    outcome.map(Response::new).map_err(to_status)
}

#[tonic::async_trait]
impl InsightsService for Insights {
    async fn import_coding_frame(
        &self,
        request: Request<ImportCodingFrameRequest>,
    ) -> Result<Response<CodingFrame>, Status> {
        let actor = caller(&request)?.actor;
        answer(self.import(actor, request.into_inner()).await)
    }

    async fn get_coding_frame(
        &self,
        request: Request<GetCodingFrameRequest>,
    ) -> Result<Response<CodingFrame>, Status> {
        let actor = caller(&request)?.actor;
        let name = request.into_inner().name;
        answer(
            async {
                self.app.permit(&actor, &access::READ_FRAMES, &name).await?;
                let version = read::frame_name(&name)?;
                Ok(convert::frame(self.app.frame(&version).await?))
            }
            .await,
        )
    }

    async fn list_coding_frames(
        &self,
        request: Request<ListCodingFramesRequest>,
    ) -> Result<Response<ListCodingFramesResponse>, Status> {
        let actor = caller(&request)?.actor;
        answer(self.list_frames(actor, request.into_inner()).await)
    }

    async fn list_answers_to_code(
        &self,
        request: Request<ListAnswersToCodeRequest>,
    ) -> Result<Response<ListAnswersToCodeResponse>, Status> {
        let actor = caller(&request)?.actor;
        answer(self.list_answers(actor, request.into_inner()).await)
    }

    async fn code_answers(
        &self,
        request: Request<CodeAnswersRequest>,
    ) -> Result<Response<VisitCoding>, Status> {
        let actor = caller(&request)?.actor;
        answer(self.code(actor, request.into_inner()).await)
    }

    async fn get_visit_coding(
        &self,
        request: Request<GetVisitCodingRequest>,
    ) -> Result<Response<VisitCoding>, Status> {
        let actor = caller(&request)?.actor;
        answer(self.get_coding(actor, request.into_inner()).await)
    }

    async fn create_release(
        &self,
        request: Request<CreateReleaseRequest>,
    ) -> Result<Response<Release>, Status> {
        let actor = caller(&request)?.actor;
        answer(self.create_release(actor, request.into_inner()).await)
    }

    async fn get_release(
        &self,
        request: Request<GetReleaseRequest>,
    ) -> Result<Response<Release>, Status> {
        let actor = caller(&request)?.actor;
        let name = request.into_inner().name;
        answer(
            async {
                self.app
                    .permit(&actor, &access::READ_RELEASES, &name)
                    .await?;
                self.release(read::release_name(&name)?).await
            }
            .await,
        )
    }

    async fn list_releases(
        &self,
        request: Request<ListReleasesRequest>,
    ) -> Result<Response<ListReleasesResponse>, Status> {
        let actor = caller(&request)?.actor;
        answer(self.list_releases(actor, request.into_inner()).await)
    }

    async fn get_release_table(
        &self,
        request: Request<GetReleaseTableRequest>,
    ) -> Result<Response<ReleaseTable>, Status> {
        let actor = caller(&request)?.actor;
        let name = request.into_inner().name;
        answer(
            async {
                self.app
                    .permit(&actor, &access::READ_RELEASES, &name)
                    .await?;
                let (id, slug) = read::table_name(&name)?;
                Ok(convert::table(id, self.app.table(id, &slug).await?))
            }
            .await,
        )
    }

    async fn export_release_csv(
        &self,
        request: Request<ExportReleaseCsvRequest>,
    ) -> Result<Response<ExportReleaseCsvResponse>, Status> {
        let actor = caller(&request)?.actor;
        let name = request.into_inner().name;
        answer(
            async {
                self.app
                    .permit(&actor, &access::READ_RELEASES, &name)
                    .await?;
                let (id, slug) = read::table_name(&name)?;
                Ok(convert::csv(id, self.app.table(id, &slug).await?))
            }
            .await,
        )
    }

    async fn get_conversion_counts(
        &self,
        request: Request<GetConversionCountsRequest>,
    ) -> Result<Response<ConversionCounts>, Status> {
        let actor = caller(&request)?.actor;
        answer(
            async {
                self.app
                    .permit(&actor, &access::READ_CONVERSION, "conversionCounts")
                    .await?;
                Ok(convert::conversion(&self.app.conversion().await?))
            }
            .await,
        )
    }
}
