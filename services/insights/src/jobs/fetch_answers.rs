//! Brings the answers of a completed visit from recording, under the service's own authority, and
//! takes out of them what says whose they are (M11). Fetching twice brings the same.

use async_trait::async_trait;
use uuid::Uuid;
use visits_core::Fault;
use visits_durable::{Cause, ClaimedJob, JobHandler};
use visits_proto::recording::v1::recording_service_client::RecordingServiceClient;
use visits_proto::recording::v1::{DeidentifiedAnswer, ListDeidentifiedAnswersRequest};
use visits_runtime::{AuthenticatedChannel, Peers, from_status};

use super::{FETCH_ANSWERS, visit_of};
use crate::app::App;
use crate::app::step::Command;
use crate::domain::coding::{Answer, CodingCommand, FollowUp};
use crate::domain::deidentify::Deidentifier;
use crate::domain::visit::{Life, Visit};

const PAGE_SIZE: i32 = 500;
/// A form has some forty questions; this many pages of answers are no visit's.
const PAGES_MAX: usize = 20;

/// Handles `insights.fetch_answers`.
pub struct FetchAnswers {
    app: App,
    peers: Peers,
}

impl FetchAnswers {
    /// A handler over the service's store, with the way to recording.
    #[must_use]
    pub const fn new(app: App, peers: Peers) -> Self {
        Self { app, peers }
    }

    async fn fetch(&self, visit: Uuid) -> Result<Vec<DeidentifiedAnswer>, Fault> {
        let mut recording: RecordingServiceClient<AuthenticatedChannel> =
            RecordingServiceClient::new(self.peers.channel("recording"));
        let mut asked = ListDeidentifiedAnswersRequest {
            parent: format!("visitRecords/{visit}"),
            page_size: PAGE_SIZE,
            ..Default::default()
        };
        let mut answers = Vec::new();
        for _ in 0..PAGES_MAX {
            let page = recording
                .list_deidentified_answers(asked.clone())
                .await
                .map_err(|status| from_status(&status))?
                .into_inner();
            answers.extend(page.answers);
            if page.next_page_token.is_empty() {
                return Ok(answers);
            }
            asked.page_token = page.next_page_token;
        }
        Err(Fault::fatal("a visit has more answers than can be"))
    }
}

#[async_trait]
impl JobHandler for FetchAnswers {
    fn kind(&self) -> &'static str {
        FETCH_ANSWERS
    }

    async fn run(&self, job: ClaimedJob) -> Result<(), Fault> {
        let id = visit_of(&job)?;
        let visit = self.app.visit(id).await?.map(|visit| visit.value);
        let Some(visit) = visit.filter(|visit| visit.life() == Life::Completed) else {
            return Ok(());
        };
        let fetched = self.fetch(id).await?;
        let command = Command::Coding {
            key: self.app.key_of(id),
            etag: String::new(),
            command: store(&visit, fetched),
        };
        self.app.execute(Cause::Job(job), command).await.map(|_| ())
    }
}

/// The answers as they are kept: cleaned, and in an order that says nothing about the day.
fn store(visit: &Visit, fetched: Vec<DeidentifiedAnswer>) -> CodingCommand {
    let (form, school_name) = visit
        .completed
        .as_ref()
        .map_or_else(Default::default, |completed| {
            (completed.form.clone(), completed.school_name.clone())
        });
    let cleaner = Deidentifier::new(&school_name, &visit.urn);
    let mut answers: Vec<Answer> = fetched
        .into_iter()
        .map(|answer| keep(&cleaner, answer))
        .collect();
    answers.sort_by(|one, other| one.question_code.cmp(&other.question_code));
    CodingCommand::Store { form, answers }
}

/// Recording's identifier of the answer stays behind: it holds a time.
fn keep(cleaner: &Deidentifier, answer: DeidentifiedAnswer) -> Answer {
    let area = answer
        .area()
        .as_str_name()
        .trim_start_matches("AREA_")
        .to_owned();
    let follow_ups = answer.follow_ups.into_iter().map(|follow_up| FollowUp {
        question: cleaner.clean(&follow_up.question),
        text: cleaner.clean(&follow_up.text),
        declined: follow_up.declined,
    });
    Answer {
        question_code: answer.question_code,
        area,
        text: cleaner.clean(&answer.text),
        declined: answer.declined,
        follow_ups: follow_ups.collect(),
    }
}
