//! What lies in the folder before the first process starts: registers, visits that have begun,
//! an operator on duty.

use std::path::Path;

use visits::config;
use visits::demo::answered::Answered as _;
use visits::demo::answers::Bank;
use visits::demo::cast::{self, DESK};
use visits::demo::data::Extract;
use visits::demo::stage::{Stage, at};
use visits::demo::steps::{self, Wanted};
use visits::demo::stories::registers;
use visits::demo::teller::Audience;
use visits_core::Timestamp;
use visits_proto::common::v1::Mode;
use visits_proto::escalation::v1::GoOnDutyRequest;
use visits_proto::scheduling::v1::ListSchoolsRequest;
use visits_runtime::settings::Settings;

/// A visit that has begun.
#[derive(Clone, Debug)]
pub struct Begun {
    /// `visits/{uuid}`.
    pub visit: String,
    /// The code of its lead.
    pub lead: String,
}

/// What the load begins with.
#[derive(Clone, Debug)]
pub struct Prelude {
    /// Visits that have begun.
    pub begun: Vec<Begun>,
    /// Schools that have no visit, `schools/{urn}`.
    pub schools: Vec<String>,
    /// When the clock is at its end.
    pub ends: Timestamp,
}

/// How many visits have begun.
pub const BEGUN: usize = 10;

/// Prepares the folder.
///
/// # Errors
/// If a service refuses what is needed.
pub async fn prepare(data: &Path, seed: u64) -> anyhow::Result<Prelude> {
    prepare_with(data, seed, config::embedded()?).await
}

/// As [`prepare`], on the databases that the settings name.
///
/// # Errors
/// As [`prepare`].
pub async fn prepare_with(data: &Path, seed: u64, settings: Settings) -> anyhow::Result<Prelude> {
    let mut stage = Stage::open_with(data, seed, Audience::Nobody, settings).await?;
    registers::play(&mut stage, Extract::Sample).await?;
    let bank = Bank::open()?;
    let mut schools = free_schools(&stage).await?;
    let mut begun = Vec::new();
    for number in 0..BEGUN {
        let pair = u32::try_from(number)? * 2 + 1;
        let wanted = Wanted {
            school: schools.remove(0),
            visit_date: "2020-10-13".to_owned(),
            lead: cast::hmi(pair),
            other: cast::hmi(pair + 1),
            mode: Mode::OnSite,
        };
        let visit = steps::plan_visit(&stage, &wanted).await?.name;
        begun.push(Begun {
            visit,
            lead: wanted.lead,
        });
    }
    stage.go_to(at(10, 12, 10, 0)).await?;
    for visit in &begun {
        steps::make_call(&stage, &visit.visit, &visit.lead).await?;
    }
    stage.go_to(at(10, 13, 10, 0)).await?;
    for visit in &begun {
        steps::arrive(&stage, &visit.visit, &visit.lead, stage.now()).await?;
        let mut talk = steps::Discussion::invented(0, at(10, 13, 10, 0), &mut stage, &bank);
        talk.answers.truncate(1);
        steps::discuss(&stage, &visit.visit, &visit.lead, &talk).await?;
    }
    let request = GoOnDutyRequest {
        request_id: stage.request_id(),
        ..GoOnDutyRequest::default()
    };
    let mut escalation = stage.caller(DESK).escalation();
    escalation.go_on_duty(request).await.granted()?;
    stage.go_to(at(10, 13, 10, 5)).await?;
    let ends = stage.now();
    stage.close().await?;
    Ok(Prelude {
        begun,
        schools,
        ends,
    })
}

async fn free_schools(stage: &Stage) -> anyhow::Result<Vec<String>> {
    let mut schools = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListSchoolsRequest {
            page_size: 500,
            page_token,
            ..ListSchoolsRequest::default()
        };
        let mut scheduling = stage.caller("scheduler").scheduling();
        let page = scheduling.list_schools(request).await.granted()?;
        schools.extend(
            page.schools
                .into_iter()
                .filter(|school| !school.ofsted_region.is_empty())
                .map(|school| school.name),
        );
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Ok(schools);
        }
    }
}
