//! What the RPCs that change no record do behind the gate.

use visits_core::{Actor, Fault, Fields};
use visits_durable::Cause;
use visits_durable::store::Versioned;
use visits_proto::recording::v1 as proto;
use visits_runtime::paging::Paging;
use visits_runtime::{Action, asked, filter};

use super::service::RecordingGrpc;
use super::{codes, lists, read, show};
use crate::access;
use crate::app::{form_file, query, step};
use crate::domain::{Area, Record};
use crate::store::records::{self, Wanted};

impl RecordingGrpc {
    pub(super) async fn read(
        &self,
        actor: &Actor,
        action: &Action,
        field: &str,
        name: &str,
    ) -> Result<Versioned<Record>, Fault> {
        let visit = read::record_name(field, name)?;
        self.access.record(actor, action, visit).await
    }

    pub(super) async fn import(
        &self,
        actor: Actor,
        message: &proto::ImportVisitFormRequest,
    ) -> Result<proto::VisitForm, Fault> {
        self.access
            .permit(&actor, &access::IMPORT_FORM, "visitForms")
            .await?;
        let mut fields = Fields::new();
        let request_id = fields.request_id(&message.request_id);
        fields.finish()?;
        let form = form_file::read(&message.toml)?;
        let cause = Cause::request(actor, "ImportVisitForm", request_id, message);
        step::import_form(&self.app, cause, form, show::form).await
    }

    pub(super) async fn form(&self, actor: &Actor, name: &str) -> Result<proto::VisitForm, Fault> {
        self.access
            .permit(actor, &access::READ_FORMS, "visitForms")
            .await?;
        let mut fields = Fields::new();
        let version = fields.code("name", name, "visitForms");
        fields.finish()?;
        let stored = query::form(&self.app, &version).await?;
        Ok(show::form(&stored))
    }

    pub(super) async fn forms(
        &self,
        actor: &Actor,
        message: &proto::ListVisitFormsRequest,
    ) -> Result<proto::ListVisitFormsResponse, Fault> {
        self.access
            .permit(actor, &access::READ_FORMS, "visitForms")
            .await?;
        filter::parse(&message.filter, &[])?;
        let paging = Paging::read(&asked!(message), &lists::FORMS)?;
        let mut rows = query::list_forms(&self.app, &paging.page).await?;
        let next_page_token = paging.finish(&mut rows, lists::of_form);
        Ok(proto::ListVisitFormsResponse {
            visit_forms: rows.iter().map(show::form).collect(),
            next_page_token,
        })
    }

    pub(super) async fn records(
        &self,
        actor: &Actor,
        message: &proto::ListVisitRecordsRequest,
    ) -> Result<proto::ListVisitRecordsResponse, Fault> {
        self.access
            .permit(actor, &access::LIST_RECORDS, "visitRecords")
            .await?;
        let paging = Paging::read(&asked!(message), &lists::RECORDS)?;
        let (wanted, page) = (wanted(&message.filter)?, paging.page.clone());
        let mut rows = query::list_records(&self.app, &self.access, actor, wanted, page).await?;
        let next_page_token = paging.finish(&mut rows, records::part);
        Ok(proto::ListVisitRecordsResponse {
            visit_records: rows.iter().map(show::record).collect(),
            next_page_token,
        })
    }

    pub(super) async fn answers(
        &self,
        actor: &Actor,
        message: &proto::ListAnswersRequest,
    ) -> Result<proto::ListAnswersResponse, Fault> {
        let held = self
            .read(actor, &access::READ_ANSWERS, "parent", &message.parent)
            .await?;
        let asked = asked!(message).within(&message.parent);
        let paging = Paging::read(&asked, &lists::ANSWERS)?;
        let all = query::answers(held.value.answers.iter(), area(&message.filter)?);
        let mut rows = paging.page.of(all, lists::of_answer);
        let next_page_token = paging.finish(&mut rows, lists::of_answer);
        Ok(proto::ListAnswersResponse {
            answers: rows
                .into_iter()
                .map(|(_, row)| show::answer(held.value.visit, row))
                .collect(),
            next_page_token,
        })
    }

    pub(super) async fn deidentified(
        &self,
        actor: &Actor,
        message: &proto::ListDeidentifiedAnswersRequest,
    ) -> Result<proto::ListDeidentifiedAnswersResponse, Fault> {
        let action = &access::READ_DEIDENTIFIED;
        let held = self.read(actor, action, "parent", &message.parent).await?;
        let asked = asked!(message).within(&message.parent);
        let paging = Paging::read(&asked, &lists::DEIDENTIFIED)?;
        let area = area(&message.filter)?;
        if held.value.completed_at.is_none() || held.value.stop.is_some() {
            return Err(Fault::not_found(&message.parent));
        }
        let all = query::answers(held.value.answers_for_insight(), area);
        let mut rows = paging.page.of(all, lists::of_answer);
        let next_page_token = paging.finish(&mut rows, lists::of_answer);
        let answers = rows.into_iter().map(|(_, row)| show::deidentified(row));
        Ok(proto::ListDeidentifiedAnswersResponse {
            answers: answers.collect(),
            next_page_token,
            form_version: held.value.form_version.clone().unwrap_or_default(),
        })
    }

    pub(super) async fn coverage(
        &self,
        actor: &Actor,
        name: &str,
    ) -> Result<proto::Coverage, Fault> {
        let held = self
            .read(actor, &access::READ_ANSWERS, "name", name)
            .await?;
        let form = query::form_of(self.app.durable.reads(), &held.value).await?;
        Ok(show::coverage(&held.value, form.as_ref()))
    }

    pub(super) async fn content(
        &self,
        actor: &Actor,
        message: &proto::GetAgreedContentRequest,
    ) -> Result<proto::AgreedContent, Fault> {
        let held = self
            .read(actor, &access::READ_CONTENT, "name", &message.name)
            .await?;
        let agreements = &held.value.agreements;
        let wanted = match message.version {
            0 => agreements.last(),
            version => agreements.iter().find(|a| a.version == version),
        };
        wanted
            .map(|agreement| show::agreed(&held.value, agreement))
            .ok_or_else(|| Fault::not_found(&message.name))
    }
}

/// The filter of a list of records.
fn wanted(text: &str) -> Result<Wanted, Fault> {
    let mut wanted = Wanted::default();
    for term in filter::parse(text, &["state", "school", "visit_date"])? {
        let value = term.equal()?;
        match term.field.as_str() {
            "state" => {
                let stage = codes::stage_named(value);
                wanted.stage = Some(stage.ok_or_else(|| term.refuse("is no state of a record"))?);
            }
            "school" => {
                let urn = value.strip_prefix("schools/").unwrap_or(value);
                wanted.school = Some(urn.to_owned());
            }
            _ => wanted.visit_date = Some(value.to_owned()),
        }
    }
    Ok(wanted)
}

/// The filter of a list of answers.
fn area(text: &str) -> Result<Option<Area>, Fault> {
    let mut wanted = None;
    for term in filter::parse(text, &["area"])? {
        let area = codes::area_named(term.equal()?);
        wanted = Some(area.ok_or_else(|| term.refuse("is no area of a visit"))?);
    }
    Ok(wanted)
}
