//! What callers ask for, step by step and in whole stretches.

use tonic::Response;
use visits_proto::letters::v1::{self as wire, Letter};

use super::{Answer, Client, World, case, text, visit};

impl World {
    pub async fn draft(&self) -> Answer {
        let ground = wire::draft_letter_request::Ground::Visit(visit());
        self.draft_as(self.lead(), ground).await
    }

    pub async fn draft_nfd(&self) -> Answer {
        let ground = wire::draft_letter_request::Ground::Case(case());
        self.draft_as(self.lead(), ground).await
    }

    pub async fn draft_as(
        &self,
        mut client: Client,
        ground: wire::draft_letter_request::Ground,
    ) -> Answer {
        let request = wire::DraftLetterRequest {
            ground: Some(ground),
            request_id: self.request(),
        };
        client.draft_letter(request).await.map(Response::into_inner)
    }

    pub async fn revise(&self, letter: &Letter, words: &str) -> Answer {
        let request = wire::ReviseLetterRequest {
            name: letter.name.clone(),
            text: Some(text(words)),
            etag: String::new(),
            request_id: self.request(),
        };
        self.lead()
            .revise_letter(request)
            .await
            .map(Response::into_inner)
    }

    /// Sends the letter to the school and lets the message leave.
    pub async fn send(&self, letter: &Letter) -> Answer {
        let answer = self.ask_to_send(letter).await;
        self.bench.settle().await;
        answer
    }

    /// Sends the letter to the school; the message has not left yet.
    pub async fn ask_to_send(&self, letter: &Letter) -> Answer {
        let request = wire::SendToSchoolRequest {
            name: letter.name.clone(),
            recipient: "head@appleby.example".into(),
            etag: String::new(),
            request_id: self.request(),
        };
        self.publisher()
            .send_to_school(request)
            .await
            .map(Response::into_inner)
    }

    pub async fn reply(&self, letter: &Letter, corrections: &[(&str, &str)]) -> Answer {
        let request = wire::RecordSchoolReplyRequest {
            name: letter.name.clone(),
            respondent_role: "headteacher".into(),
            corrections: corrections
                .iter()
                .map(|(passage, correction)| wire::CorrectionInput {
                    passage: (*passage).into(),
                    correction: (*correction).into(),
                })
                .collect(),
            etag: String::new(),
            request_id: self.request(),
        };
        self.publisher()
            .record_school_reply(request)
            .await
            .map(Response::into_inner)
    }

    pub async fn answer(
        &self,
        letter: &Letter,
        number: i32,
        answer: wire::correction::Answer,
    ) -> Answer {
        let request = wire::AnswerCorrectionRequest {
            name: letter.name.clone(),
            number,
            answer: answer.into(),
            reason: "We checked the register.".into(),
            etag: String::new(),
            request_id: self.request(),
        };
        self.lead()
            .answer_correction(request)
            .await
            .map(Response::into_inner)
    }

    pub async fn no_reply(&self, letter: &Letter) -> Answer {
        let request = wire::DecideNoReplyRequest {
            name: letter.name.clone(),
            reason: "The office was called on two days.".into(),
            etag: String::new(),
            request_id: self.request(),
        };
        self.publisher()
            .decide_no_reply(request)
            .await
            .map(Response::into_inner)
    }

    pub async fn ready(&self, letter: &Letter) -> Answer {
        let request = wire::MarkReadyRequest {
            name: letter.name.clone(),
            etag: String::new(),
            request_id: self.request(),
        };
        self.publisher()
            .mark_ready(request)
            .await
            .map(Response::into_inner)
    }

    pub async fn publish(&self, letter: &Letter) -> Answer {
        let request = wire::PublishLetterRequest {
            name: letter.name.clone(),
            etag: letter.etag.clone(),
            request_id: self.request(),
        };
        let answer = self
            .publisher()
            .publish_letter(request)
            .await
            .map(Response::into_inner);
        self.bench.settle().await;
        answer
    }

    pub async fn correct(&self, letter: &Letter, words: &str, note: &str) -> Answer {
        let request = wire::CorrectLetterRequest {
            name: letter.name.clone(),
            text: Some(text(words)),
            change_note: note.into(),
            confirmed_finding_ids: vec![],
            etag: letter.etag.clone(),
            request_id: self.request(),
        };
        self.publisher()
            .correct_letter(request)
            .await
            .map(Response::into_inner)
    }

    pub async fn withdraw(&self, letter: &Letter, reason: &str) -> Answer {
        let request = wire::WithdrawLetterRequest {
            name: letter.name.clone(),
            reason: reason.into(),
            etag: letter.etag.clone(),
            request_id: self.request(),
        };
        self.publisher()
            .withdraw_letter(request)
            .await
            .map(Response::into_inner)
    }

    pub async fn get(&self, letter: &Letter) -> Letter {
        let request = wire::GetLetterRequest {
            name: letter.name.clone(),
        };
        let found = self
            .publisher()
            .get_letter(request)
            .await
            .expect("the letter");
        found.into_inner()
    }

    /// A letter that was drafted, sent, found accurate and marked as ready.
    pub async fn ready_letter(&self) -> Letter {
        self.visit_over().await;
        let letter = self.draft().await.expect("drafted");
        self.send(&letter).await.expect("sent");
        self.reply(&letter, &[]).await.expect("replied");
        self.ready(&letter).await.expect("ready")
    }

    /// The same, published.
    pub async fn published_letter(&self) -> Letter {
        let letter = self.ready_letter().await;
        self.publish(&letter).await.expect("published")
    }
}
