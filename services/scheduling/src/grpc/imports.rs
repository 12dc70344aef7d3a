//! The RPCs that import: files and reference data. Role: scheduler.

use tonic::{Request, Response, Streaming};
use visits_core::Fields;
use visits_durable::Cause;
use visits_proto::scheduling::v1 as proto;
use visits_proto::scheduling::v1::import_schools_header::Source;
use visits_runtime::{Caller, caller, to_status};

use super::service::{Answer, Grpc};
use super::{read_register, register, upload};
use crate::app::imports::Import;
use crate::domain::script::CallScript;

pub(super) async fn import_schools(
    grpc: &Grpc,
    request: Request<Streaming<proto::ImportSchoolsRequest>>,
) -> Answer<proto::ImportReport> {
    let Caller { actor, .. } = caller(&request)?;
    let mut upload = request.into_inner();
    let outcome = async {
        grpc.app.may_import(&actor)?;
        let (source, request_id) = upload::header(&mut upload).await?;
        let import = Import {
            actor,
            request_id,
            source: source.as_str_name(),
        };
        match source {
            Source::OfstedMi => upload::inspections(&grpc.app, &import, upload).await,
            _ => upload::schools(&grpc.app, &import, upload).await,
        }
    };
    outcome.await.map(Response::new).map_err(to_status)
}

pub(super) async fn import_bank_holidays(
    grpc: &Grpc,
    request: Request<proto::ImportBankHolidaysRequest>,
) -> Answer<proto::ImportReport> {
    let Caller { actor, .. } = caller(&request)?;
    let asked = request.into_inner();
    let outcome = async {
        let mut fields = Fields::new();
        let request_id = fields.request_id(&asked.request_id);
        fields.finish()?;
        let holidays = crate::import::bank_holidays::read(&asked.content)?;
        let cause = Cause::request(actor, "ImportBankHolidays", request_id, &asked);
        grpc.app.import_bank_holidays(cause, holidays).await
    };
    let counts = outcome.await.map_err(to_status)?;
    let read = counts.imported + counts.updated + counts.unchanged;
    Ok(Response::new(upload::counted(read, counts, 0)))
}

pub(super) async fn import_calendar(
    grpc: &Grpc,
    request: Request<proto::ImportCalendarRequest>,
) -> Answer<proto::Calendar> {
    let Caller { actor, .. } = caller(&request)?;
    let asked = request.into_inner();
    let outcome = async {
        let read = read_register::calendar(&asked)?;
        let cause = Cause::request(actor, "ImportCalendar", read.request_id, &asked);
        grpc.app
            .import_calendar(cause, asked.name.clone(), read.scope, read.entries)
            .await
    };
    let saved = outcome.await.map_err(to_status)?;
    Ok(Response::new(register::calendar(&saved)))
}

pub(super) async fn import_call_script(
    grpc: &Grpc,
    request: Request<proto::ImportCallScriptRequest>,
) -> Answer<proto::CallScript> {
    let Caller { actor, .. } = caller(&request)?;
    let asked = request.into_inner();
    let outcome = async {
        let mut fields = Fields::new();
        let request_id = fields.request_id(&asked.request_id);
        fields.finish()?;
        let script = CallScript::read(&asked.content, grpc.app.durable.now())?;
        let cause = Cause::request(actor, "ImportCallScript", request_id, &asked);
        grpc.app.import_script(cause, script).await
    };
    let script = outcome.await.map_err(to_status)?;
    Ok(Response::new(register::call_script(&script)))
}
