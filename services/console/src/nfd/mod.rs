//! The NFD of a case: planned by the region or the desk, inspected and completed by its inspectors
//! (M29, M31, M32), followed by a letter and, where it is recommended, a section 5 inspection (M33).

mod offer;
mod request;

use axum::extract::{Path, Query, State};
use axum::response::Response;
use visits_components::{Button, Content, Html, Tag};
use visits_core::{Timestamp, london};
use visits_proto::escalation::v1 as pb;
use visits_proto::letters::v1::DraftLetterRequest;
use visits_proto::letters::v1::draft_letter_request::Ground;

use crate::form::{Filled, Posted, SignedIn, see};
use crate::problem::Problem;
use crate::session::Session;
use crate::sheet::{
    self as page, Desk, Fields, Offer as _, Sheet, Tried, facts, heading, settle, stack,
};
use crate::shell::Place;
use crate::state::{App, Shared};
use crate::visits::Asked;
use crate::visits::words::when;
use crate::words::{self, area, code};

use offer::OfNfd;
use request::INSPECTOR;

const WORDS_MOST: u32 = 4_000;

/// The page.
pub(crate) async fn show(
    State(app): State<Shared>,
    SignedIn(session): SignedIn,
    Path(id): Path<String>,
    Query(asked): Asked,
) -> Response {
    let done = page::done::<OfNfd>(&asked);
    one(&app, &session, &id, done, None).await
}

/// A form of the page.
pub(crate) async fn act(
    State(app): State<Shared>,
    Path((id, action)): Path<(String, String)>,
    posted: Posted,
) -> Response {
    let Posted { session, filled } = posted;
    let Some(offer) = OfNfd::from_path(&action).filter(|_| page::is_uuid(&id)) else {
        return page::nowhere().await;
    };
    let (name, path) = (format!("cases/{id}"), format!("/cases/{id}/nfd"));
    let outcome = if offer == OfNfd::Letter {
        match draft(&app, &session, &name, &filled).await {
            Ok(letter) => return see(&format!("/{letter}")),
            Err(problem) => Err(problem),
        }
    } else {
        request::send(offer, app.escalation(&session), &name, &filled).await
    };
    let sent = (format!("{path}/{action}"), filled);
    match settle(&app, &session, &path, &action, sent, outcome).await {
        Ok(answer) => answer,
        Err(tried) => one(&app, &session, &id, None, Some(tried)).await,
    }
}

async fn draft(
    app: &App,
    session: &Session,
    case: &str,
    filled: &Filled,
) -> Result<String, Problem> {
    let request = DraftLetterRequest {
        ground: Some(Ground::Case(case.to_owned())),
        request_id: filled.get("request_id").to_owned(),
    };
    let drafted = app.letters(session).draft_letter(request).await;
    drafted
        .map(|letter| letter.into_inner().name)
        .map_err(|status| Problem::of(&status))
}

async fn one(
    app: &App,
    session: &Session,
    id: &str,
    done: Option<&'static str>,
    tried: Option<Tried>,
) -> Response {
    let path = format!("/cases/{id}");
    if !page::is_uuid(id) {
        return page::nowhere().await;
    }
    let request = pb::GetCaseRequest {
        name: format!("cases/{id}"),
    };
    let case = match app.escalation(session).get_case(request).await {
        Ok(case) => case.into_inner(),
        Err(status) => return page::refused(session, &status, &path),
    };
    let desk = Desk {
        app,
        session,
        tried: tried.as_ref(),
    };
    let offers = OfNfd::of(&case, session);
    let mut forms = Vec::new();
    for offer in &offers {
        forms.push(form(&desk, &case, *offer).await);
    }
    let nothing = offers
        .is_empty()
        .then(|| page::paragraph("There is nothing for you to do about this NFD at the moment."));
    let state = case.state();
    let tag = Tag::new(words::state(state), words::colour(state));
    Sheet::new(session, Place::Queue, case.school_display_name.as_str())
        .caption("NFD inspection")
        .back(path, "Back to the case")
        .done(done)
        .refused(tried.as_ref())
        .and(&page::state(&tag))
        .and_if(page::leftover(tried.as_ref(), &offers))
        .and(&standing(&case))
        .and_all(forms)
        .and_if(nothing)
        .and_all(findings(&case))
        .answer()
}

fn standing(case: &pb::Case) -> Html {
    let nfd = case.nfd.clone().unwrap_or_default();
    let window = case.window.clone().unwrap_or_default();
    let section5 = case.section5.clone().unwrap_or_default();
    let inspectors = nfd.inspectors.iter().map(|name| code(name));
    let inspectors = inspectors.collect::<Vec<_>>().join(", ");
    let recommended: Vec<String> = [
        when(section5.recommended_time.as_ref()),
        section5.recommended_by,
        section5.reason,
    ]
    .into_iter()
    .filter(|line| !line.is_empty())
    .collect();
    Html::of(&facts([
        ("Starts by", when(window.deadline_time.as_ref()).into()),
        ("Planned for", when(nfd.planned_time.as_ref()).into()),
        ("Inspectors", inspectors.into()),
        ("Started", when(nfd.started_time.as_ref()).into()),
        (
            "Inspectors left the site",
            when(nfd.left_site_time.as_ref()).into(),
        ),
        ("Completed", when(nfd.completed_time.as_ref()).into()),
        ("Section 5 recommended", stack(recommended).into()),
    ]))
}

/// What was found, concern by concern, with what stood before.
fn findings(case: &pb::Case) -> Vec<Html> {
    let found = case.concerns.iter().enumerate();
    let found: Vec<_> = found
        .filter(|(_, concern)| !concern.finding.is_empty())
        .flat_map(|(place, concern)| {
            let title = format!("Concern {}: {}", place + 1, area(concern.area()));
            let earlier = concern.earlier_findings.iter().rev();
            let earlier = earlier.map(|text| page::quiet(format!("Before: {text}")));
            let now = page::paragraph(concern.finding.as_str());
            [page::subheading(title), now].into_iter().chain(earlier)
        })
        .collect();
    if found.is_empty() {
        return found;
    }
    std::iter::once(heading("Findings")).chain(found).collect()
}

async fn form(desk: &Desk<'_>, case: &pb::Case, offer: OfNfd) -> Html {
    let action = format!("/{}/nfd/{}", case.name, offer.path());
    let begun = desk.begin(action, empty(case, offer, desk.app.now())).await;
    let (heading, button, fields) = look(case, offer, begun.fields());
    let mut carried = vec![("etag", case.etag.clone())];
    if let OfNfd::Finding(number) = offer {
        let concern = case.concerns.get(number - 1).cloned().unwrap_or_default();
        carried.push(("concern_id", concern.concern_id));
    }
    begun.carrying(&heading, fields, carried, Button::new(button))
}

/// What stands in a form that nobody has filled in: today's date, and no time (R-CON-25); the
/// visit's team; the finding that it would replace.
fn empty(case: &pb::Case, offer: OfNfd, now: Timestamp) -> Filled {
    let mut filled = Filled::default();
    let today = london::date(now);
    let mut date = |name: &str| {
        filled.set(&format!("{name}-day"), today.day().to_string());
        filled.set(&format!("{name}-month"), today.month().to_string());
        filled.set(&format!("{name}-year"), today.year().to_string());
    };
    match offer {
        OfNfd::Plan => {
            date("planned");
            for name in &case.team {
                filled.set(&format!("{INSPECTOR}{}", code(name)), "on");
            }
        }
        OfNfd::Leave => date("left"),
        OfNfd::Finding(number) => {
            let concern = case.concerns.get(number - 1).cloned().unwrap_or_default();
            filled.set(&format!("finding-{number}"), concern.finding);
        }
        OfNfd::Complete | OfNfd::Section5 | OfNfd::Letter => {}
    }
    filled
}

fn look(case: &pb::Case, offer: OfNfd, fields: Fields<'_>) -> (String, &'static str, Vec<Html>) {
    let plain = |heading: &str, button, fields| (heading.to_owned(), button, fields);
    match offer {
        OfNfd::Plan => plain("Plan the NFD", "Record the plan", plan(case, fields)),
        OfNfd::Finding(number) => finding(case, number, fields),
        OfNfd::Leave => plain(
            "Leaving the site",
            "Record when you left",
            vec![fields.moment("left", "When did the inspectors leave?", "")],
        ),
        OfNfd::Complete => plain(
            "Complete the NFD",
            "The NFD is complete",
            vec![page::paragraph(
                "It needs a finding for each concern, and the time at which the inspectors left the site.",
            )],
        ),
        OfNfd::Section5 => plain(
            "Recommend a section 5 inspection",
            "Record the recommendation",
            vec![fields.text("reason", "Your reasons", "", WORDS_MOST)],
        ),
        OfNfd::Letter => plain(
            "Write the letter",
            "Draft the letter",
            vec![page::paragraph("Its text begins with the findings.")],
        ),
    }
}

fn plan(case: &pb::Case, fields: Fields<'_>) -> Vec<Html> {
    let team = case.team.iter().map(|name| {
        let own = code(name);
        (own.to_owned(), Html::of(&Content::from(own)))
    });
    let name = INSPECTOR.trim_end_matches('-');
    vec![
        fields.moment("planned", "When is it to start?", "Inside the 48 hours"),
        fields.checks(name, "Who is to inspect?", "", &team.collect::<Vec<_>>()),
        fields.line(
            "others",
            "Other inspectors",
            "Codes, with commas between. For example, HMI-003",
        ),
    ]
}

fn finding(
    case: &pb::Case,
    number: usize,
    fields: Fields<'_>,
) -> (String, &'static str, Vec<Html>) {
    let concern = case.concerns.get(number - 1).cloned().unwrap_or_default();
    let heading = format!("Concern {number}: {}", area(concern.area()));
    let hint = "About this concern and nothing else. No names of people";
    let fields = vec![
        page::paragraph(concern.what_was_seen.as_str()),
        fields.text(
            &format!("finding-{number}"),
            "What did the NFD find?",
            hint,
            WORDS_MOST,
        ),
    ];
    (heading, "Record the finding", fields)
}
