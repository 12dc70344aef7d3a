//! The end: is everything at rest, what came of it, and what to try next.

use std::path::Path;

use anyhow::ensure;
use visits_proto::escalation::v1 as escalation;
use visits_proto::letters::v1::ListPublishedLettersRequest;
use visits_proto::scheduling::v1 as scheduling;
use visits_proto::scheduling::v1::visit::State;

use super::answered::Answered as _;
use super::cast::{self, DESK, PUBLISHER, SCHEDULER};
use super::play::Played;
use super::stage::Stage;
use super::words;

/// Looks that nothing is left to do, nothing waits for an operator, and every audit is whole.
///
/// # Errors
/// If it isn't so.
pub async fn at_rest(stage: &mut Stage) -> anyhow::Result<()> {
    stage.teller.act("At rest");
    stage.settle().await?;
    for (service, health) in stage.host().health().await? {
        ensure!(health.is_settled(), "{service} is not at rest: {health:?}");
    }
    let repairs = stage.host().sweep().await?;
    ensure!(repairs == 0, "the sweep repaired {repairs} things");
    let mut rows = 0;
    for durable in stage.host().durables() {
        let verdict = durable.verify_audit().await?;
        let service = durable.service();
        ensure!(
            verdict.broken_at.is_none(),
            "the audit of {service} is broken: {verdict:?}"
        );
        ensure!(verdict.rows > 0, "the audit of {service} is empty");
        rows += verdict.rows;
    }
    stage.by_itself(
        "Every event was published and heard, no timer is overdue, nothing waits for an operator, \
         the sweep finds nothing to repair, and the five audits verify from their first row.",
    );
    stage.figures.fact("at_rest", "audit_rows", rows);
    Ok(())
}

/// Reads back what came of it.
///
/// # Errors
/// If a service refuses.
pub async fn count(stage: &mut Stage) -> anyhow::Result<()> {
    let visits = all_visits(stage).await?;
    for visit in &visits {
        let state = words::state(visit.state().as_str_name());
        *stage.figures.visits_by_state.entry(state).or_default() += 1;
    }
    let in_state = |state| visits.iter().filter(|v| v.state() == state).count();
    stage.figures.visits_planned = visits.len();
    stage.figures.visits_completed = in_state(State::Completed);
    stage.figures.visits_stopped = in_state(State::Converted);
    let cases = all_cases(stage).await?;
    stage.figures.concerns = cases.iter().map(|case| case.concerns.len()).sum();
    stage.figures.nfds_required = cases
        .iter()
        .filter(|case| case.decision.as_ref().is_some_and(|d| d.required))
        .count();
    stage.figures.breaches = cases
        .iter()
        .filter(|case| {
            let window = case.window.as_ref();
            window.is_some_and(|window| window.breached_time.is_some())
        })
        .count();
    let request = ListPublishedLettersRequest {
        page_size: 200,
        ..ListPublishedLettersRequest::default()
    };
    let mut letters = stage.caller(PUBLISHER).letters();
    let published = letters.list_published_letters(request).await.granted()?;
    stage.figures.letters_published = published.letters.len();
    stage.figures.inspectors = cast::corps() as usize;
    Ok(())
}

async fn all_visits(stage: &Stage) -> anyhow::Result<Vec<scheduling::Visit>> {
    let mut all = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = scheduling::ListVisitsRequest {
            page_size: 500,
            page_token,
            ..scheduling::ListVisitsRequest::default()
        };
        let mut client = stage.caller(SCHEDULER).scheduling();
        let page = client.list_visits(request).await.granted()?;
        all.extend(page.visits);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Ok(all);
        }
    }
}

async fn all_cases(stage: &Stage) -> anyhow::Result<Vec<escalation::Case>> {
    let request = escalation::ListCasesRequest {
        page_size: 500,
        ..escalation::ListCasesRequest::default()
    };
    let mut client = stage.caller(DESK).escalation();
    Ok(client.list_cases(request).await.granted()?.cases)
}

/// Says what the reader can do with what the play left.
pub fn try_next(stage: &mut Stage, played: &Played) {
    let (visits, data) = (program(), shown(stage.folder()));
    let letter = words::last(&played.letter.letter).to_owned();
    let path = played.letter.path.clone();
    let file = path.trim_matches('/').replace('/', "-");
    let figures = &stage.figures;
    let summary = format!(
        "{} visits planned, {} completed, {} turned into an NFD; {} letters published; {} concerns, \
         {} breach of the 48 hours; {} refusals met, each with its reason.",
        figures.visits_planned,
        figures.visits_completed,
        figures.visits_stopped,
        figures.letters_published,
        figures.concerns,
        figures.breaches,
        figures.refusals.values().sum::<u32>()
    );
    stage.teller.gap();
    stage.teller.prose(&summary);
    stage.teller.prose(&format!("The data is in {data}."));
    stage.teller.gap();
    stage
        .teller
        .prose("What to try next. Leave this running in one terminal:");
    stage.teller.gap();
    stage
        .teller
        .block(&format!("  {visits} serve --data {data}"));
    stage.teller.gap();
    stage.teller.prose("and in another:");
    stage.teller.gap();
    stage.teller.block(&format!(
        "  {visits} case list --data {data}\n\
         \u{20} {visits} letter show {letter} --data {data}\n\
         \u{20} {visits} visit list --data {data} --filter 'state = READY'\n\
         \u{20} {visits} school show 123166 --data {data}\n\
         \u{20} {visits} token --data {data} --as hmi --id HMI-001"
    ));
    stage.teller.gap();
    stage.teller.prose(&format!(
        "The letter is at http://127.0.0.1:7400{path} then, and now in {data}/published/{file}.html."
    ));
}

/// How the reader calls this program: as they just did.
fn program() -> String {
    let called = std::env::args_os().next().unwrap_or_default();
    let called = Path::new(&called);
    if called.components().count() < 2 {
        return "visits".to_owned();
    }
    std::fs::canonicalize(called).map_or_else(|_| "visits".to_owned(), |path| shown(&path))
}

/// A path as short as it can be pasted: from here if it lies here, with quotes if it needs them.
fn shown(path: &Path) -> String {
    let here = std::env::current_dir().and_then(std::fs::canonicalize);
    let short = here
        .ok()
        .and_then(|here| path.strip_prefix(here).ok().map(Path::to_owned))
        .unwrap_or_else(|| path.to_owned());
    let text = short.display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@".contains(c);
    if text.chars().all(plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_quoted_only_if_it_must_be() {
        assert_eq!(shown(Path::new("/tmp/visits-demo")), "/tmp/visits-demo");
        assert_eq!(shown(Path::new("/tmp/a b")), "'/tmp/a b'");
        assert_eq!(shown(Path::new("/tmp/it's")), "'/tmp/it'\\''s'");
    }
}
