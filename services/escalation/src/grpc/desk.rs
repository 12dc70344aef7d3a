//! The register, the shifts, the rate and the recommendations: requests read, answers written.

use uuid::Uuid;
use visits_core::civil::Date;
use visits_core::{Actor, Fault, Fields, london};
use visits_durable::store::Versioned;
use visits_proto::escalation::v1 as wire;
use visits_proto::timestamp;
use visits_runtime::paging::Paging;
use visits_runtime::{asked, etag};

use super::service::Grpc;
use super::{filter, page};
use crate::app::consoles::Report;
use crate::app::facts::Conversions;
use crate::app::register::Entry;
use crate::app::shifts::Leaving;
use crate::domain::case::Case;
use crate::domain::policy::Policy;
use crate::domain::region::Region;
use crate::domain::register::{Directorship, DirectorshipId};
use crate::domain::shift::{HandedOver, Shift};

const NOTE_MAX: usize = 1_000;
const PRINCIPAL_MAX: usize = 63;
const ETAG_MAX: usize = 63;
const HANDOVERS_MAX: usize = 100;

pub(super) fn entry(request: &wire::SetRegionalDirectorRequest) -> Result<(Uuid, Entry), Fault> {
    let mut fields = Fields::new();
    let id = (!request.name.is_empty())
        .then(|| fields.name::<DirectorshipId>("name", &request.name, "regionalDirectors"));
    let request_id = fields.request_id(&request.request_id);
    let region = request.region.strip_prefix("regions/");
    let region = region.and_then(Region::from_slug);
    let region = fields.known(
        "region",
        region,
        "must be regions/{slug} of one of the eight",
    );
    let to = (!request.to_date.is_empty()).then(|| fields.date("to_date", &request.to_date));
    let entry = Entry {
        id,
        etag: fields.optional_text("etag", &request.etag, ETAG_MAX),
        // The stand-in never gets past `finish`.
        region: region.unwrap_or(Region::London),
        principal: fields.text("principal", &request.principal, PRINCIPAL_MAX),
        from: fields.date("from_date", &request.from_date),
        to,
        deputy: request.deputy,
    };
    fields.finish().map(|()| (request_id, entry))
}

fn on_date(text: &str) -> Result<Option<Date>, Fault> {
    let mut fields = Fields::new();
    let date = (!text.is_empty()).then(|| fields.date("on_date", text));
    fields.finish().map(|()| date)
}

pub(super) fn request_id(text: &str) -> Result<Uuid, Fault> {
    let mut fields = Fields::new();
    let request_id = fields.request_id(text);
    fields.finish().map(|()| request_id)
}

pub(super) fn off_duty(request: &wire::GoOffDutyRequest) -> Result<(Uuid, Leaving), Fault> {
    let mut fields = Fields::new();
    let shift = fields.name("name", &request.name, "dutyShifts");
    let request_id = fields.request_id(&request.request_id);
    let note = fields.optional_text("handover_note", &request.handover_note, NOTE_MAX);
    if request.handovers.len() > HANDOVERS_MAX {
        let what = format!("must be at most {HANDOVERS_MAX}");
        fields.violate("handovers", what);
    }
    let handovers = request.handovers.iter().take(HANDOVERS_MAX);
    let handovers = handovers.enumerate().map(|(at, handover)| {
        let case = format!("handovers[{at}].case");
        let taker = format!("handovers[{at}].taker");
        let taker = fields.optional_text(&taker, &handover.taker, PRINCIPAL_MAX);
        HandedOver {
            case: fields.name(&case, &handover.case, "cases"),
            taker: (!taker.is_empty()).then_some(taker),
        }
    });
    let handovers = handovers.collect();
    fields.finish()?;
    let leaving = Leaving {
        shift,
        note,
        handovers,
    };
    Ok((request_id, leaving))
}

fn report(request: &wire::ReportConsoleRequest) -> Result<Report, Fault> {
    let mut fields = Fields::new();
    let console = request.console.parse().unwrap_or_else(|_| {
        fields.violate("console", "must be a UUID that the console made for itself");
        Uuid::nil()
    });
    let case = (!request.case.is_empty()).then(|| fields.name("case", &request.case, "cases"));
    fields.finish()?;
    Ok(Report {
        console,
        live: request.live,
        audible: request.audible,
        case,
    })
}

pub(super) fn director(entry: Versioned<Directorship>) -> wire::RegionalDirector {
    let etag = etag::of(entry.version);
    let entry = entry.value;
    wire::RegionalDirector {
        name: format!("regionalDirectors/{}", entry.id),
        region: format!("regions/{}", entry.region),
        principal: entry.principal,
        from_date: entry.from.to_string(),
        to_date: entry.to.map_or_else(String::new, |to| to.to_string()),
        deputy: entry.deputy,
        create_time: Some(timestamp(entry.created_at)),
        update_time: Some(timestamp(entry.changed_at)),
        etag,
    }
}

fn shift(shift: Versioned<Shift>, watching: bool, audible: bool) -> wire::DutyShift {
    let shift = shift.value;
    let handed_over = shift
        .handed_over
        .into_iter()
        .map(|handed| wire::HandedOver {
            case: format!("cases/{}", handed.case),
            taker: handed.taker.unwrap_or_default(),
        });
    let state = match shift.ended_at {
        None => wire::duty_shift::State::OnDuty,
        Some(_) => wire::duty_shift::State::Ended,
    };
    wire::DutyShift {
        name: format!("dutyShifts/{}", shift.id),
        operator: shift.operator,
        state: state.into(),
        start_time: Some(timestamp(shift.started_at)),
        end_time: shift.ended_at.map(timestamp),
        handover_note: shift.handover_note,
        watching,
        audible,
        sound_tested: shift.sound_tested,
        handed_over: handed_over.collect(),
    }
}

pub(super) fn rate(rate: Conversions, policy: &Policy) -> wire::ConversionRate {
    let count = |count: i64| i32::try_from(count).unwrap_or(i32::MAX);
    wire::ConversionRate {
        visits_begun: count(rate.begun),
        visits_converted: count(rate.converted),
        percent: rate.percent,
        limit_percent: policy.conversion_limit_percent,
        minimum_visits: count(policy.conversion_minimum_visits),
        above_limit: rate.above_limit,
    }
}

/// What is handed over: the school and the date, not the case (M33).
fn recommendation(case: &Case) -> wire::Section5Recommendation {
    let recommended = case
        .section5
        .as_ref()
        .map(|section5| london::date(section5.at));
    wire::Section5Recommendation {
        school: format!("schools/{}", case.school.urn),
        recommended_date: recommended.map_or_else(String::new, |date| date.to_string()),
    }
}

impl Grpc {
    pub(super) async fn shift(&self, held: Versioned<Shift>) -> Result<wire::DutyShift, Fault> {
        let audible = self.app.audible().await?;
        Ok(self.shown(held, &audible))
    }

    /// A shift, with whether its operator has a console that watches now: among the `audible`.
    fn shown(&self, held: Versioned<Shift>, audible: &[String]) -> wire::DutyShift {
        let lasts = held.value.ended_at.is_none();
        let operator = &held.value.operator;
        let watching = lasts && self.app.presence().is_watching(operator);
        let audible = lasts && audible.contains(operator);
        shift(held, watching, audible)
    }

    pub(super) async fn report(
        &self,
        actor: &Actor,
        message: &wire::ReportConsoleRequest,
    ) -> Result<wire::ReportConsoleResponse, Fault> {
        let seen = self.app.report_console(actor, report(message)?).await?;
        Ok(wire::ReportConsoleResponse {
            viewers: seen.viewers,
            desk_watched: seen.desk_watched,
        })
    }

    pub(super) async fn list_shifts(
        &self,
        message: &wire::ListDutyShiftsRequest,
    ) -> Result<wire::ListDutyShiftsResponse, Fault> {
        let paging = Paging::read(&asked!(message), &page::SHIFTS)?;
        let only_on_duty = filter::of_shifts(&message.filter)?;
        let mut shifts = self.app.list_shifts(only_on_duty, &paging.page).await?;
        let next_page_token = paging.finish(&mut shifts, page::by_name);
        let audible = self.app.audible().await?;
        Ok(wire::ListDutyShiftsResponse {
            duty_shifts: shifts
                .into_iter()
                .map(|held| self.shown(held, &audible))
                .collect(),
            next_page_token,
        })
    }

    pub(super) async fn list_directors(
        &self,
        message: &wire::ListRegionalDirectorsRequest,
    ) -> Result<wire::ListRegionalDirectorsResponse, Fault> {
        let asked = asked!(message).within(&message.on_date);
        let paging = Paging::read(&asked, &page::DIRECTORS)?;
        let region = filter::of_directors(&message.filter)?;
        let on = on_date(&message.on_date)?;
        let entries = self.app.list_directors(region, on).await?;
        let mut entries = paging.page.of(entries, page::of_director);
        let next_page_token = paging.finish(&mut entries, page::of_director);
        Ok(wire::ListRegionalDirectorsResponse {
            regional_directors: entries.into_iter().map(director).collect(),
            next_page_token,
        })
    }

    pub(super) async fn list_recommendations(
        &self,
        message: &wire::ListSection5RecommendationsRequest,
    ) -> Result<wire::ListSection5RecommendationsResponse, Fault> {
        let paging = Paging::read(&asked!(message), &page::RECOMMENDATIONS)?;
        let school = filter::of_recommendations(&message.filter)?;
        let page = &paging.page;
        let mut cases = self.app.list_handed_over(school.as_deref(), page).await?;
        let next_page_token = paging.finish(&mut cases, page::by_name);
        let held = self.app.count_held().await?;
        Ok(wire::ListSection5RecommendationsResponse {
            section5_recommendations: cases.iter().map(|c| recommendation(&c.value)).collect(),
            next_page_token,
            held_count: i32::try_from(held).unwrap_or(i32::MAX),
        })
    }
}
