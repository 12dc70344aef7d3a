//! The RPCs that read: each is scoped to its caller (M11).

use jiff::ToSpan;
use tonic::{Request, Response};
use visits_core::{Fault, Fields};
use visits_proto::scheduling::v1 as proto;
use visits_runtime::paging::{Asked, Paging};
use visits_runtime::{Caller, asked, caller, filter, to_status};

use super::service::{Answer, Grpc};
use super::{codes, lists, read_list, register, visit};
use crate::domain::visit::VisitId;
use crate::store::search::WantedVisits;

/// The most days of a list of school days.
const DAYS_MAX: usize = 31;

pub(super) async fn get_visit(
    grpc: &Grpc,
    request: Request<proto::GetVisitRequest>,
) -> Answer<proto::Visit> {
    let Caller { actor, .. } = caller(&request)?;
    let outcome = async {
        let id = visit_id(&request.get_ref().name, "")?;
        grpc.app.visit(&actor, id).await
    };
    grpc.said(outcome.await)
}

pub(super) async fn list_visits(
    grpc: &Grpc,
    request: Request<proto::ListVisitsRequest>,
) -> Answer<proto::ListVisitsResponse> {
    let caller = caller(&request)?;
    let asked = request.into_inner();
    let outcome = async {
        let wanted = read_list::visits(&asked.filter)?;
        page_of_visits(grpc, caller, wanted, asked!(asked)).await
    };
    let (visits, next_page_token) = outcome.await.map_err(to_status)?;
    Ok(Response::new(proto::ListVisitsResponse {
        visits,
        next_page_token,
    }))
}

pub(super) async fn list_calls_due(
    grpc: &Grpc,
    request: Request<proto::ListCallsDueRequest>,
) -> Answer<proto::ListCallsDueResponse> {
    let caller = caller(&request)?;
    let asked = request.into_inner();
    let outcome = async {
        let mut fields = Fields::new();
        let date = match asked.date.as_str() {
            "" => grpc.app.today(),
            date => fields.date("date", date),
        };
        fields.finish()?;
        let wanted = WantedVisits {
            call_date: Some(date),
            ended_calls: asked.include_ended,
            ..read_list::visits(&asked.filter)?
        };
        let within = format!("{date} {}", asked.include_ended);
        page_of_visits(grpc, caller, wanted, asked!(asked).within(&within)).await
    };
    let (visits, next_page_token) = outcome.await.map_err(to_status)?;
    Ok(Response::new(proto::ListCallsDueResponse {
        visits,
        next_page_token,
    }))
}

pub(super) async fn get_call_sheet(
    grpc: &Grpc,
    request: Request<proto::GetCallSheetRequest>,
) -> Answer<proto::CallSheet> {
    let Caller { actor, .. } = caller(&request)?;
    let outcome = async {
        let id = visit_id(&request.get_ref().name, "/callSheet")?;
        let sheet = grpc.app.call_sheet(&actor, id).await?;
        visit::call_sheet(&sheet)
    };
    outcome.await.map(Response::new).map_err(to_status)
}

pub(super) async fn get_school(
    grpc: &Grpc,
    request: Request<proto::GetSchoolRequest>,
) -> Answer<proto::School> {
    let Caller { actor, .. } = caller(&request)?;
    let outcome = async {
        let mut fields = Fields::new();
        let urn = fields.urn("name", &request.get_ref().name);
        fields.finish()?;
        grpc.app.school(&actor, &urn).await
    };
    let stored = outcome.await.map_err(to_status)?;
    Ok(Response::new(register::school(&stored)))
}

pub(super) async fn list_schools(
    grpc: &Grpc,
    request: Request<proto::ListSchoolsRequest>,
) -> Answer<proto::ListSchoolsResponse> {
    let Caller { actor, .. } = caller(&request)?;
    let asked = request.into_inner();
    let outcome = async {
        let wanted = read_list::schools(&asked.filter)?;
        let paging = Paging::read(&asked!(asked), &lists::SCHOOLS)?;
        let mut found = grpc.app.schools(&actor, &wanted, &paging.page).await?;
        let next = paging.finish(&mut found, lists::of_school);
        Ok((found.iter().map(register::school).collect(), next))
    };
    let (schools, next_page_token) = outcome.await.map_err(to_status)?;
    Ok(Response::new(proto::ListSchoolsResponse {
        schools,
        next_page_token,
    }))
}

pub(super) async fn get_school_days(
    grpc: &Grpc,
    request: Request<proto::GetSchoolDaysRequest>,
) -> Answer<proto::GetSchoolDaysResponse> {
    let Caller { actor, .. } = caller(&request)?;
    let asked = request.into_inner();
    let outcome = async {
        let mut fields = Fields::new();
        let urn = fields.urn("school", &asked.school);
        let first = fields.date("from_date", &asked.from_date);
        let last = fields.date("to_date", &asked.to_date);
        let days = first.series(1.day()).take_while(|day| *day <= last);
        if !(1..=DAYS_MAX).contains(&days.clone().take(DAYS_MAX + 1).count()) {
            fields.violate("to_date", "must be from_date or up to 30 days later");
        }
        fields.finish()?;
        grpc.app.school_days(&actor, &urn, days).await
    };
    let (open, used) = outcome.await.map_err(to_status)?;
    let used = used.map_or("", |used| codes::calendar_used(used).as_str_name());
    Ok(Response::new(proto::GetSchoolDaysResponse {
        dates: open.iter().map(ToString::to_string).collect(),
        calendar_used: used.trim_start_matches("CALENDAR_USED_").to_owned(),
    }))
}

pub(super) async fn get_inspector(
    grpc: &Grpc,
    request: Request<proto::GetInspectorRequest>,
) -> Answer<proto::Inspector> {
    let Caller { actor, .. } = caller(&request)?;
    let outcome = async {
        let mut fields = Fields::new();
        let code = fields.code("name", &request.get_ref().name, "inspectors");
        fields.finish()?;
        grpc.app.inspector(&actor, &code).await
    };
    let found = outcome.await.map_err(to_status)?;
    Ok(Response::new(register::inspector(&found)))
}

pub(super) async fn list_inspectors(
    grpc: &Grpc,
    request: Request<proto::ListInspectorsRequest>,
) -> Answer<proto::ListInspectorsResponse> {
    let Caller { actor, .. } = caller(&request)?;
    let asked = request.into_inner();
    let outcome = async {
        let region = read_list::inspectors(&asked.filter)?;
        let paging = Paging::read(&asked!(asked), &lists::INSPECTORS)?;
        let (region, page) = (region.as_deref(), &paging.page);
        let mut found = grpc.app.inspectors(&actor, region, page).await?;
        let next = paging.finish(&mut found, lists::of_inspector);
        Ok((found.iter().map(register::inspector).collect(), next))
    };
    let (inspectors, next_page_token) = outcome.await.map_err(to_status)?;
    Ok(Response::new(proto::ListInspectorsResponse {
        inspectors,
        next_page_token,
    }))
}

pub(super) async fn check_barrier(
    grpc: &Grpc,
    request: Request<proto::CheckBarrierRequest>,
) -> Answer<proto::CheckBarrierResponse> {
    let Caller { actor, .. } = caller(&request)?;
    let outcome = async {
        let mut fields = Fields::new();
        let code = fields.code("inspector", &request.get_ref().inspector, "inspectors");
        let urn = fields.urn("school", &request.get_ref().school);
        fields.finish()?;
        grpc.app.is_barred(&actor, &code, &urn).await
    };
    let barred = outcome.await.map_err(to_status)?;
    Ok(Response::new(proto::CheckBarrierResponse { barred }))
}

pub(super) async fn list_call_scripts(
    grpc: &Grpc,
    request: Request<proto::ListCallScriptsRequest>,
) -> Answer<proto::ListCallScriptsResponse> {
    let Caller { actor, .. } = caller(&request)?;
    let asked = request.into_inner();
    let outcome = async {
        filter::parse(&asked.filter, &[])?;
        let paging = Paging::read(&asked!(asked), &lists::SCRIPTS)?;
        let mut found = grpc.app.scripts(&actor, &paging.page).await?;
        let next = paging.finish(&mut found, lists::of_script);
        Ok((found.iter().map(register::call_script).collect(), next))
    };
    let (call_scripts, next_page_token) = outcome.await.map_err(to_status)?;
    Ok(Response::new(proto::ListCallScriptsResponse {
        call_scripts,
        next_page_token,
    }))
}

async fn page_of_visits(
    grpc: &Grpc,
    caller: Caller,
    wanted: WantedVisits,
    asked: Asked<'_>,
) -> Result<(Vec<proto::Visit>, String), Fault> {
    let paging = Paging::read(&asked, &lists::VISITS)?;
    let (actor, page) = (&caller.actor, &paging.page);
    let mut found = grpc.app.visits(actor, &wanted, page).await?;
    let next = paging.finish(&mut found, lists::of_visit);
    let visits = found.iter().map(|v| visit::visit(v, &grpc.app.policy));
    Ok((visits.collect(), next))
}

fn visit_id(name: &str, suffix: &str) -> Result<VisitId, Fault> {
    let mut fields = Fields::new();
    let id = fields.name("name", name.strip_suffix(suffix).unwrap_or(""), "visits");
    fields.finish()?;
    Ok(id)
}
