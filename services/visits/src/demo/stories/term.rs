//! A fortnight of invented visits to real schools: what the national picture is made of.

use std::collections::HashSet;

use anyhow::Context as _;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use rand::Rng as _;
use rand::seq::SliceRandom as _;
use visits_core::civil::time;
use visits_core::civil::{Date, Weekday, date};
use visits_core::london;
use visits_proto::common::v1::Mode;
use visits_proto::recording::v1::Area;
use visits_proto::scheduling::v1::school::Status;
use visits_proto::scheduling::v1::{ListSchoolsRequest, PreviousGrade, School};

use super::super::answered::Answered as _;
use super::super::answers::Bank;
use super::super::cast::{self, REGIONS, SCHEDULER};
use super::super::progress::Progress;
use super::super::stage::{Stage, at};
use super::super::steps::{self, DISCUSSIONS, Discussion, Wanted};
use super::first_visit;

const STORY: &str = "term";
/// The days on which visits are held.
const DAYS: [(i8, i8); 8] = [
    (10, 13),
    (10, 14),
    (10, 15),
    (10, 16),
    (10, 19),
    (10, 20),
    (10, 21),
    (10, 22),
];
/// So many of a hundred schools are in Oxfordshire, whose outcomes are open data.
const OXFORDSHIRE_PERCENT: usize = 40;
const OXFORDSHIRE: &str = "931";
const REMOTE_ONE_IN: u32 = 6;
/// Callers who work at the same time.
const AT_ONCE: usize = 4;
/// What is agreed for the letters of these visits. They stay unwritten in this play.
const POINTS: [(Area, &str); 2] = [
    (
        Area::AttendanceAndBehaviour,
        "Pupils were glad to be back. Staff taught the routines again.",
    ),
    (
        Area::Curriculum,
        "All subjects are taught, with changes for safety in practical ones.",
    ),
];

/// A visit of the fortnight.
#[derive(Clone, Debug)]
struct TermVisit {
    name: String,
    lead: String,
    call_date: Date,
    visit_date: Date,
    discussions: Vec<Discussion>,
}

/// The visits of the fortnight.
pub struct Term {
    visits: Vec<TermVisit>,
    held: usize,
}

/// Plans the fortnight's visits.
///
/// # Errors
/// If a service refuses what the story needs.
pub async fn plan(stage: &mut Stage, bank: &Bank, count: usize) -> anyhow::Result<Term> {
    stage.teller.act("A fortnight of visits");
    stage.go_to(at(10, 12, 9, 30)).await?;
    let schools = chosen(stage, count).await?;
    let mut diary = Diary::default();
    let mut visits = Vec::new();
    let progress = Progress::of(&stage.teller, "visits planned", schools.len());
    for (index, school) in schools.iter().enumerate() {
        let (month, day) = DAYS[index % DAYS.len()];
        let visit_date = date(2020, month, day);
        let (lead, other) = diary.team(&school.ofsted_region, visit_date)?;
        let mode = if stage.chance.random_range(0..REMOTE_ONE_IN) == 0 {
            Mode::Remote
        } else {
            Mode::OnSite
        };
        let wanted = Wanted {
            school: school.name.clone(),
            visit_date: visit_date.to_string(),
            lead: lead.clone(),
            other,
            mode,
        };
        let visit = steps::plan_visit(stage, &wanted).await?;
        let call = visit.call.context("a planned visit has a call")?;
        visits.push(TermVisit {
            name: visit.name,
            lead,
            call_date: call.call_date.parse().context("a call has its date")?,
            visit_date,
            discussions: discussions(stage, bank, visit_date),
        });
        progress.step();
    }
    progress.end();
    told(stage, &schools);
    Ok(Term { visits, held: 0 })
}

fn told(stage: &mut Stage, schools: &[School]) {
    let in_oxfordshire = schools.iter().filter(|s| is_oxfordshire(s)).count();
    let mut regions: Vec<&str> = schools.iter().map(|s| s.ofsted_region.as_str()).collect();
    regions.sort_unstable();
    regions.dedup();
    stage.does(
        SCHEDULER,
        &format!(
            "plans {} visits from 13 to 22 October, in {} of 8 regions; {in_oxfordshire} of them in \
             Oxfordshire, whose inspection outcomes are open data. Elsewhere the previous grade \
             stays “not known”. Nobody is in two places: the day of the call belongs to the visit.",
            schools.len(),
            regions.len()
        ),
    );
    stage.figures.fact(STORY, "visits_planned", schools.len());
    stage.figures.fact(STORY, "in_oxfordshire", in_oxfordshire);
}

fn is_oxfordshire(school: &School) -> bool {
    school.local_authority_code == OXFORDSHIRE
}

/// Schools by chance: a part of them in Oxfordshire, the others anywhere in England.
async fn chosen(stage: &mut Stage, count: usize) -> anyhow::Result<Vec<School>> {
    let mut all = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListSchoolsRequest {
            page_size: 500,
            page_token,
            ..ListSchoolsRequest::default()
        };
        let mut scheduling = stage.caller(SCHEDULER).scheduling();
        let page = scheduling.list_schools(request).await.granted()?;
        all.extend(page.schools.into_iter().filter(can_be_visited));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    let (mut near, mut far): (Vec<School>, Vec<School>) = all.into_iter().partition(|school| {
        is_oxfordshire(school) && school.previous_grade() != PreviousGrade::NotKnown
    });
    near.shuffle(&mut stage.chance);
    far.shuffle(&mut stage.chance);
    let in_oxfordshire = (count * OXFORDSHIRE_PERCENT).div_ceil(100);
    near.truncate(in_oxfordshire);
    far.truncate(count - near.len());
    near.append(&mut far);
    near.shuffle(&mut stage.chance);
    Ok(near)
}

fn can_be_visited(school: &School) -> bool {
    school.status() == Status::Open
        && !school.ofsted_region.is_empty()
        && school.name != first_visit::SCHOOL
        && !school.urn.starts_with('9')
}

fn discussions(stage: &mut Stage, bank: &Bank, day: Date) -> Vec<Discussion> {
    let hours = [(10, 10), (11, 0), (12, 45), (13, 30), (14, 20)];
    let mut order: Vec<usize> = (0..DISCUSSIONS.len()).collect();
    order.shuffle(&mut stage.chance);
    order
        .into_iter()
        .zip(hours)
        .map(|(index, (hour, minute))| {
            let opened = london::instant(day, time(hour, minute, 0, 0));
            Discussion::invented(index, opened, stage, bank)
        })
        .collect()
}

/// Who is where on which day.
#[derive(Default)]
struct Diary {
    taken: HashSet<(u32, Date)>,
}

impl Diary {
    /// A lead who is free on the day of the call too, and another; from the region if it has any.
    fn team(&mut self, region: &str, day: Date) -> anyhow::Result<(String, String)> {
        let call_day = weekday_before(day);
        let lead = self
            .free(region, |diary, hmi| {
                diary.is_free(hmi, day) && diary.is_free(hmi, call_day)
            })
            .context("no inspector is free to lead: fewer visits, please")?;
        self.taken.extend([(lead, day), (lead, call_day)]);
        let other = self
            .free(region, |diary, hmi| diary.is_free(hmi, day))
            .context("no second inspector is free: fewer visits, please")?;
        self.taken.insert((other, day));
        Ok((cast::hmi(lead), cast::hmi(other)))
    }

    fn is_free(&self, hmi: u32, day: Date) -> bool {
        !self.taken.contains(&(hmi, day))
    }

    fn free(&self, region: &str, is_free: impl Fn(&Self, u32) -> bool) -> Option<u32> {
        let mut first = cast::IN_STORIES + 1;
        let (mut home, mut away) = (Vec::new(), Vec::new());
        for (name, _, size) in REGIONS {
            let codes = first..first + size;
            first += size;
            if name == region {
                home.extend(codes);
            } else {
                away.extend(codes);
            }
        }
        home.into_iter().chain(away).find(|hmi| is_free(self, *hmi))
    }
}

fn weekday_before(day: Date) -> Date {
    let mut before = day;
    while let Ok(earlier) = before.yesterday() {
        before = earlier;
        if !matches!(before.weekday(), Weekday::Saturday | Weekday::Sunday) {
            break;
        }
    }
    before
}

impl Term {
    /// Goes to ten o'clock and calls the schools that are due.
    ///
    /// # Errors
    /// If a service refuses what the story needs.
    pub async fn call(&self, stage: &Stage, month: i8, day: i8) -> anyhow::Result<()> {
        stage.go_to(at(month, day, 10, 0)).await?;
        let today = date(2020, month, day);
        let due = self.visits.iter().filter(|visit| visit.call_date == today);
        stream::iter(due.map(|visit| async move {
            steps::make_call(stage, &visit.name, &visit.lead).await?;
            anyhow::Ok(())
        }))
        .buffer_unordered(AT_ONCE)
        .try_collect::<()>()
        .await?;
        stage.settle().await
    }

    /// Goes to the afternoon and holds the visits of the day.
    ///
    /// # Errors
    /// If a service refuses what the story needs.
    pub async fn hold(&mut self, stage: &Stage, month: i8, day: i8) -> anyhow::Result<()> {
        stage.go_to(at(month, day, 15, 55)).await?;
        let today = date(2020, month, day);
        let visits: Vec<_> = self
            .visits
            .iter()
            .filter(|visit| visit.visit_date == today)
            .collect();
        let what = format!("visits held on {}", today.strftime("%A %-d %B"));
        let bar = Progress::of(&stage.teller, &what, visits.len());
        let progress = &bar;
        let held: Vec<()> = stream::iter(visits.into_iter().map(|visit| async move {
            hold(stage, visit).await?;
            progress.step();
            anyhow::Ok(())
        }))
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
        bar.end();
        self.held += held.len();
        stage.settle().await
    }

    /// How many have been held so far.
    #[must_use]
    pub const fn held(&self) -> usize {
        self.held
    }
}

async fn hold(stage: &Stage, visit: &TermVisit) -> anyhow::Result<()> {
    let (name, lead) = (visit.name.as_str(), visit.lead.as_str());
    let on = |hour, minute| london::instant(visit.visit_date, time(hour, minute, 0, 0));
    steps::arrive(stage, name, lead, on(10, 0)).await?;
    for discussion in &visit.discussions {
        steps::discuss(stage, name, lead, discussion).await?;
    }
    steps::agree_content(stage, name, lead, &POINTS).await?;
    steps::ask_for_feedback(stage, name, lead, None).await?;
    steps::depart(stage, name, lead, on(15, 45)).await?;
    steps::complete_visit(stage, name, lead).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_in_two_places_and_the_call_day_belongs_to_the_visit() {
        let mut diary = Diary::default();
        let day = date(2020, 10, 19);
        let mut busy = HashSet::new();
        for _ in 0..30 {
            let (lead, other) = diary.team("london", day).expect("somebody is free");
            assert!(busy.insert(lead.clone()));
            assert!(busy.insert(other));
            let number: u32 = lead[4..].parse().expect("a number");
            assert!(
                !diary.is_free(number, date(2020, 10, 16)),
                "the Friday before"
            );
        }
    }
}
