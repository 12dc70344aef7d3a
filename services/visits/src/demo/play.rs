//! The whole play, from September to the end of October 2020.

use super::answers::Bank;
use super::data::Extract;
use super::stage::Stage;
use super::stories::{
    barrier, clock_change, deferral, first_letter, first_visit, nfd_letter, picture, registers,
    safeguarding, term,
};
use visits_proto::insights::v1::Release;

/// What the stories were about.
pub struct Played {
    /// The visit as it is meant to be.
    pub first: first_visit::FirstVisit,
    /// Its letter.
    pub letter: first_letter::FirstLetter,
    /// The deferred visit, `visits/{uuid}`.
    pub deferred: String,
    /// The safeguarding concern.
    pub concern: safeguarding::Concern,
    /// The NFD's letter, `letters/{uuid}`.
    pub nfd_letter: String,
    /// The 48 hours that ran out.
    pub breached: clock_change::Breached,
    /// The national picture.
    pub release: Release,
}

/// Plays everything.
///
/// # Errors
/// If a service refuses what the story needs, or grants what it must refuse.
pub async fn play(stage: &mut Stage, extract: Extract, visits: usize) -> anyhow::Result<Played> {
    let bank = Bank::open()?;
    stage.teller.prose(
        "Interim visits, autumn 2020, played with every service in this process. The schools are \
         real, from the public register; whatever is said or found in this play is invented.",
    );
    registers::play(stage, extract).await?;
    let first = first_visit::play(stage, &bank).await?;
    let letter = first_letter::play(stage, &first).await?;
    barrier::play(stage, &first, &letter).await?;

    let mut term = term::plan(stage, &bank, visits).await?;
    let deferred = deferral::prepare(stage).await?;
    let concern = safeguarding::prepare(stage).await?;
    let breached = clock_change::prepare(stage).await?;
    days(stage, &mut term, 12..=14).await?;
    meanwhile(stage, &term);

    term.call(stage, 10, 15).await?;
    deferral::play(stage, &deferred).await?;
    term.hold(stage, 10, 15).await?;
    days(stage, &mut term, 16..=16).await?;
    term.call(stage, 10, 19).await?;
    safeguarding::call(stage, &concern).await?;
    term.hold(stage, 10, 19).await?;

    let concern = concern_day(stage, &mut term, &concern, &bank).await?;
    term.call(stage, 10, 21).await?;
    let nfd_letter = nfd_letter::send(stage, &concern).await?;
    term.hold(stage, 10, 21).await?;
    term.call(stage, 10, 22).await?;
    clock_change::call(stage, &breached).await?;
    term.hold(stage, 10, 22).await?;
    stage.teller.act("The fortnight ends");
    meanwhile(stage, &term);

    let breached = clock_change_weekend(stage, &deferred, &breached, &bank).await?;
    nfd_letter::publish(stage, &nfd_letter).await?;
    let release = picture::play(stage, &bank, &first).await?;
    Ok(Played {
        first,
        letter,
        deferred,
        concern,
        nfd_letter,
        breached,
        release,
    })
}

async fn days(
    stage: &Stage,
    term: &mut term::Term,
    days: std::ops::RangeInclusive<i8>,
) -> anyhow::Result<()> {
    for day in days {
        term.call(stage, 10, day).await?;
        term.hold(stage, 10, day).await?;
    }
    Ok(())
}

/// Tuesday 20 October: the fortnight goes on around the concern.
async fn concern_day(
    stage: &mut Stage,
    term: &mut term::Term,
    visit: &str,
    bank: &Bank,
) -> anyhow::Result<safeguarding::Concern> {
    let watch = safeguarding::begin(stage).await?;
    term.call(stage, 10, 20).await?;
    let concern = safeguarding::play(stage, visit, bank, watch).await?;
    term.hold(stage, 10, 20).await?;
    Ok(concern)
}

async fn clock_change_weekend(
    stage: &mut Stage,
    deferred: &str,
    visit: &str,
    bank: &Bank,
) -> anyhow::Result<clock_change::Breached> {
    deferral::call_again(stage, deferred).await?;
    clock_change::play(stage, visit, bank).await
}

fn meanwhile(stage: &mut Stage, term: &term::Term) {
    let held = term.held();
    stage.by_itself(&format!(
        "By this evening {held} visits of the fortnight have been called about, held and completed."
    ));
}
