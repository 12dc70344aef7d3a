//! A visit to an invented school, to try things out with: what `visits serve --example` begins with.

use std::path::Path;

use anyhow::Context as _;
use visits_core::civil::{Date, time};
use visits_core::{SignedDuration, Timestamp, london};
use visits_proto::common::v1::Mode;
use visits_proto::instant;
use visits_proto::scheduling::v1::Visit;
use visits_runtime::settings::Settings;

use super::cast::CLOCK_CHANGE;
use super::folder;
use super::stage::Stage;
use super::steps::{self, Wanted};
use super::stories::registers;
use super::teller::Audience;

const SCHOOL: &str = "schools/900003";
const SEED: u64 = 2020;
/// How far back a day on which the school was open is looked for.
const DAYS_BACK: i64 = 14;
/// The play begins so much earlier still, so that the call of the day before lies ahead.
const DAYS_AHEAD: i64 = 14;

/// Puts the example into a new data folder: the visit began on the last school day before `now`,
/// and its inspectors have not left. A folder that holds data already stays as it is.
///
/// # Errors
/// If the folder can't be used, or a service refuses the visit.
pub async fn prepare(data: &Path, settings: Settings, now: Timestamp) -> anyhow::Result<()> {
    if folder::holds_data(data) {
        return Ok(());
    }
    let today = london::date(now);
    let first = earlier(today, DAYS_BACK + DAYS_AHEAD)?;
    let beginning = london::instant(first, time(9, 0, 0, 0));
    let mut stage = Stage::open_at(data, SEED, Audience::Nobody, settings, beginning).await?;
    registers::play_invented(&mut stage).await?;
    let (visit, day) = planned(&stage, today).await?;
    let call = visit
        .call
        .as_ref()
        .and_then(|call| instant(call.due_time.as_ref()));
    stage.go_to(call.context("the visit has no call")?).await?;
    let lead = CLOCK_CHANGE[0];
    steps::make_call(&stage, &visit.name, lead).await?;
    let arrived = london::instant(day, time(10, 5, 0, 0));
    stage
        .go_to(london::instant(day, time(10, 15, 0, 0)))
        .await?;
    steps::arrive(&stage, &visit.name, lead, arrived).await?;
    stage
        .go_to(london::instant(day, time(10, 30, 0, 0)))
        .await?;
    stage.close().await?;
    Ok(())
}

/// Plans the visit on the last day before `today` on which the school was open.
async fn planned(stage: &Stage, today: Date) -> anyhow::Result<(Visit, Date)> {
    let mut refused = None;
    for back in 1..=DAYS_BACK {
        let day = earlier(today, back)?;
        let wanted = Wanted {
            school: SCHOOL.to_owned(),
            visit_date: day.to_string(),
            lead: CLOCK_CHANGE[0].to_owned(),
            other: CLOCK_CHANGE[1].to_owned(),
            mode: Mode::OnSite,
        };
        match steps::plan_visit(stage, &wanted).await {
            Ok(visit) => return Ok((visit, day)),
            Err(error) => refused = Some(error),
        }
    }
    Err(refused.context("no day was tried")?)
}

fn earlier(day: Date, days: i64) -> anyhow::Result<Date> {
    Ok(day.checked_sub(SignedDuration::from_hours(24 * days))?)
}
