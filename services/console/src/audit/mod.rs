//! The audit of each service, for auditors (R18): who did what, to what, when, and how it ended; and
//! the chain held against its hashes. Ids and codes only.

mod chain;

use axum::extract::{Query, State};
use axum::response::Response;
use tonic::Code;
use visits_components::{Content, Html, Tag};
use visits_core::{Timestamp, london};
use visits_proto::operations::v1 as pb;
use visits_proto::operations::v1::audit_entry::Outcome;

use crate::form::SignedIn;
use crate::parked::{SERVICES, about, known, operations};
use crate::sheet::{
    self as page, OF_A_LIST, Search, Sheet, Tried, explained, next, stack, table, term,
};
use crate::shell::Place;
use crate::state::Shared;
use crate::visits::Asked;
use crate::visits::words::when;

pub(crate) use chain::{back, verify};

const PATH: &str = "/audit";
const NAMES: [&str; 7] = [
    "service", "resource", "actor", "action", "outcome", "from", "until",
];
const PAGE_SIZE: i32 = 50;

/// The audit of one service.
pub(crate) async fn list(
    State(app): State<Shared>,
    SignedIn(session): SignedIn,
    Query(asked): Asked,
) -> Response {
    let search = Search::of(&asked, &NAMES).or("service", "escalation");
    let Some((service, words)) = known(search.get("service")) else {
        return page::nowhere().await;
    };
    let sheet = Sheet::new(&session, Place::Audit, "Audit").caption(words);
    let Some(filter) = filter(&search) else {
        let tried = Tried::on_a_list(page::found("from", "Enter a day such as 2020-10-23"));
        return sheet
            .refused(Some(&tried))
            .and(&form(&search, Some(&tried)))
            .answer();
    };
    let request = pb::ListAuditEntriesRequest {
        parent: format!("services/{service}"),
        page_size: PAGE_SIZE,
        page_token: search.page(),
        filter,
        order_by: String::new(),
    };
    let mut client = operations(&app, &session, service);
    let found = match client.list_audit_entries(about(service, request)).await {
        Ok(found) => found.into_inner(),
        Err(status) if status.code() == Code::InvalidArgument => {
            let tried = Tried::on_a_list(explained(&status, &OF_A_LIST));
            return sheet
                .refused(Some(&tried))
                .and(&form(&search, Some(&tried)))
                .answer();
        }
        Err(status) => return page::refused(&session, &status, PATH),
    };
    let kept = "Each page that you read here is an entry of this audit too.";
    let sheet = sheet
        .and(&page::paragraph(kept))
        .and(&form(&search, None))
        .and(&chain::form(&app, &session, service).await);
    if found.audit_entries.is_empty() {
        return sheet.and(&page::paragraph("No entry fits this.")).answer();
    }
    let head = ["When", "Who", "What", "To what", "Outcome"];
    let rows = found.audit_entries.iter().map(row);
    let next = next(PATH, &search.pairs(), &found.next_page_token);
    sheet
        .and(&table("Entries of the audit, the newest first", head, rows))
        .and_if(next)
        .answer()
}

/// What is asked for, as the list takes it; nothing if a day is none.
fn filter(search: &Search) -> Option<String> {
    let plain = search.filter(&[
        ("resource", "resource =", ""),
        ("actor", "actor =", ""),
        ("action", "action =", ""),
        ("outcome", "outcome =", ""),
    ]);
    let mut terms = vec![plain];
    for (name, field, days_later) in [("from", "record_time >=", 0), ("until", "record_time <", 1)]
    {
        let text = search.get(name);
        if !text.is_empty() {
            terms.push(term(field, &midnight(text, days_later)?.to_string()));
        }
    }
    terms.retain(|term| !term.is_empty());
    Some(terms.join(" AND "))
}

/// When a day begins in England, or one some days later.
fn midnight(text: &str, days_later: i64) -> Option<Timestamp> {
    let day: visits_core::civil::Date = text.parse().ok()?;
    let day = (0..days_later).try_fold(day, |day, _| day.tomorrow().ok())?;
    Some(london::instant(day, visits_core::civil::Time::midnight()))
}

fn form(search: &Search, tried: Option<&Tried>) -> Html {
    let fields = search.fields().refused(tried);
    let outcomes = [
        ("", "Done and refused"),
        ("DONE", "Done"),
        ("REFUSED", "Refused"),
    ];
    let fields = vec![
        fields.select("service", "Service", &SERVICES),
        fields.line("resource", "To what", "For example, cases/0192f0c1-…"),
        fields.short("actor", "Who", "A code, such as HMI-001"),
        fields.line("action", "What", "For example, DecideNfd"),
        fields.select("outcome", "Outcome", &outcomes),
        fields.day("from", "From this day on"),
        fields.day("until", "Until this day"),
    ];
    search.form("Choose a service and what is shown", PATH, fields)
}

fn row(entry: &pb::AuditEntry) -> [Content; 5] {
    let outcome = match entry.outcome() {
        Outcome::Refused => Html::of(&Tag::new("Refused", "govuk-tag--red")),
        Outcome::Done | Outcome::Unspecified => Html::of(&Tag::new("Done", "govuk-tag--grey")),
    };
    let mut detail: Vec<_> = entry.detail.iter().collect();
    detail.sort();
    let detail = detail
        .into_iter()
        .map(|(name, value)| format!("{name}: {value}"));
    let what = [entry.action.clone(), entry.cause.clone()];
    let place = entry.name.rsplit('/').next().unwrap_or_default();
    let ended: [Content; 2] = [outcome.into(), entry.reason.as_str().into()];
    let about = [entry.resource.clone()].into_iter().chain(detail);
    [
        stack([when(entry.record_time.as_ref()), format!("Entry {place}")]).into(),
        entry.actor.as_str().into(),
        coded(what).into(),
        coded(about).into(),
        stack(ended).into(),
    ]
}

/// Ids and codes below each other, which break between their parts.
fn coded(lines: impl IntoIterator<Item = String>) -> Html {
    const ENDS: [char; 4] = [':', '/', '.', '_'];
    let broken = lines.into_iter().map(|line| {
        let parts = line.split_inclusive(ENDS);
        let parts: Vec<_> = parts.map(|part| Content::from(part).to_string()).collect();
        Html::trusted(parts.join("<wbr>"))
    });
    stack(broken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_days_in_england_and_the_last_counts_whole() {
        let asked = [
            ("from", "2020-10-23"),
            ("until", "2020-10-25"),
            ("actor", "HMI-001"),
        ];
        let asked = asked.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let search = Search::of(&asked, &NAMES);
        let expected = r#"actor = "HMI-001" AND record_time >= "2020-10-22T23:00:00Z" AND record_time < "2020-10-26T00:00:00Z""#;
        assert_eq!(filter(&search).as_deref(), Some(expected));
        let asked = [("from".to_owned(), "yesterday".to_owned())];
        assert_eq!(filter(&Search::of(&asked, &NAMES)), None);
    }
}
