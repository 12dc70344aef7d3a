//! Deputies: a director names who decides for their region while they are absent, until a last day
//! (M28, decision 0028). The register is escalation's.

use axum::extract::{Path, Query, State};
use axum::response::Response;
use tonic::Status;
use visits_components::{Button, Content, Html};
use visits_core::civil::Date;
use visits_core::london;
use visits_proto::escalation::v1 as pb;

use crate::day;
use crate::form::{Filled, Posted, SignedIn};
use crate::problem::{Line, Problem};
use crate::session::Session;
use crate::sheet::{
    self as page, Called, Desk, Sheet, Tried, explained, found, paragraph, settle, table,
};
use crate::shell::Place;
use crate::state::{App, Shared};
use crate::words::{code, region};

/// Its address.
pub(crate) const PATH: &str = "/deputies";
const NAME: &str = "name";
const END: &str = "end-";
const PAGE_SIZE: i32 = 500;
const CALLED: [Called; 3] = [
    Called {
        field: "region",
        id: "region",
        missing: "Select the region",
        name: "",
    },
    Called {
        field: "principal",
        id: "principal",
        missing: "Enter the deputy’s code",
        name: "The deputy’s code",
    },
    Called {
        field: "to_date",
        id: "until-day",
        missing: "Enter the deputy’s last day",
        name: "The deputy’s last day",
    },
];

/// The register as its reader may change it.
struct Mine {
    /// The regions that they direct today: slugs.
    regions: Vec<String>,
    /// Their deputies of today and later, the first to begin first.
    deputies: Vec<pb::RegionalDirector>,
}

/// The page.
pub(crate) async fn show(
    State(app): State<Shared>,
    SignedIn(session): SignedIn,
    Query(asked): Query<Vec<(String, String)>>,
) -> Response {
    let done = asked.iter().find(|(name, _)| name == "done");
    let done = done.and_then(|(_, what)| match what.as_str() {
        NAME => Some("The deputy is on the register."),
        "end" => Some("The deputy’s last day is today."),
        _ => None,
    });
    one(&app, &session, done, None).await
}

/// A form of the page.
pub(crate) async fn act(
    State(app): State<Shared>,
    Path(action): Path<String>,
    posted: Posted,
) -> Response {
    let Posted { session, filled } = posted;
    let (outcome, done) = match action.strip_prefix(END) {
        Some(id) if page::is_uuid(id) => (end(&app, &session, id, &filled).await, "end"),
        None if action == NAME => (name(&app, &session, &filled).await, NAME),
        _ => return page::nowhere().await,
    };
    let sent = (format!("{PATH}/{action}"), filled);
    match settle(&app, &session, PATH, done, sent, outcome).await {
        Ok(answer) => answer,
        Err(tried) => one(&app, &session, None, Some(tried)).await,
    }
}

async fn name(app: &App, session: &Session, filled: &Filled) -> Result<(), Problem> {
    let until = day::read(filled, "until");
    let principal = filled.get("principal").trim();
    let Some(until) = until else {
        let mut problem = found(
            "until-day",
            "Enter the deputy’s last day, such as 9 11 2020",
        );
        if principal.is_empty() {
            let line = Line {
                field: "principal".to_owned(),
                words: "Enter the deputy’s code".to_owned(),
            };
            problem.lines.insert(0, line);
        }
        return Err(problem);
    };
    let request = pb::SetRegionalDirectorRequest {
        request_id: filled.get("request_id").to_owned(),
        region: format!("regions/{}", filled.get("region")),
        principal: principal.to_owned(),
        from_date: london::date(app.now()).to_string(),
        to_date: until.to_string(),
        deputy: true,
        ..pb::SetRegionalDirectorRequest::default()
    };
    set(app, session, request).await
}

async fn end(app: &App, session: &Session, id: &str, filled: &Filled) -> Result<(), Problem> {
    let name = format!("regionalDirectors/{id}");
    let entries = register(app, session).await;
    let entries = entries.map_err(|status| Problem::of(&status))?;
    let entry = entries.into_iter().find(|entry| entry.name == name);
    let request = pb::SetRegionalDirectorRequest {
        name,
        request_id: filled.get("request_id").to_owned(),
        etag: filled.get("etag").to_owned(),
        to_date: london::date(app.now()).to_string(),
        deputy: true,
        ..entry.map(of).unwrap_or_default()
    };
    set(app, session, request).await
}

/// What of an entry can't change.
fn of(entry: pb::RegionalDirector) -> pb::SetRegionalDirectorRequest {
    pb::SetRegionalDirectorRequest {
        region: entry.region,
        principal: entry.principal,
        from_date: entry.from_date,
        ..pb::SetRegionalDirectorRequest::default()
    }
}

async fn set(
    app: &App,
    session: &Session,
    request: pb::SetRegionalDirectorRequest,
) -> Result<(), Problem> {
    let sent = app.escalation(session).set_regional_director(request).await;
    sent.map(drop).map_err(|status| explained(&status, &CALLED))
}

async fn register(app: &App, session: &Session) -> Result<Vec<pb::RegionalDirector>, Status> {
    let request = pb::ListRegionalDirectorsRequest {
        page_size: PAGE_SIZE,
        order_by: "from_date".to_owned(),
        ..pb::ListRegionalDirectorsRequest::default()
    };
    let found = app
        .escalation(session)
        .list_regional_directors(request)
        .await?;
    Ok(found.into_inner().regional_directors)
}

impl Mine {
    fn of(entries: Vec<pb::RegionalDirector>, principal: &str, today: Date) -> Self {
        let today = today.to_string();
        // Days as the contracts write them are in order as text; an empty one has no end.
        let lasts = |entry: &pb::RegionalDirector| {
            entry.to_date.is_empty() || entry.to_date.as_str() >= today.as_str()
        };
        let directs = |entry: &&pb::RegionalDirector| {
            let begun = entry.from_date.as_str() <= today.as_str();
            entry.principal == principal && !entry.deputy && begun && lasts(entry)
        };
        let regions = entries.iter().filter(directs);
        let regions: Vec<_> = regions
            .map(|entry| code(&entry.region).to_owned())
            .collect();
        let mut deputies = entries;
        deputies.retain(|entry| {
            let is_mine = regions.iter().any(|mine| mine == code(&entry.region));
            entry.deputy && is_mine && lasts(entry)
        });
        Self { regions, deputies }
    }
}

async fn one(
    app: &App,
    session: &Session,
    done: Option<&'static str>,
    tried: Option<Tried>,
) -> Response {
    let entries = match register(app, session).await {
        Ok(entries) => entries,
        Err(status) => return page::refused(session, &status, PATH),
    };
    let today = london::date(app.now());
    let mine = Mine::of(entries, &session.actor.principal, today);
    let sheet = Sheet::new(session, Place::Deputies, "Deputies")
        .done(done)
        .refused(tried.as_ref());
    if mine.regions.is_empty() {
        let none = "You are not on the register as the director of a region today. A director names \
                    their own deputies; whoever plans visits keeps the rest of the register.";
        return sheet.and(&paragraph(none)).answer();
    }
    let what = "While you are absent, a deputy decides whether an NFD is necessary, and about \
                deferrals. You can decide as well. Nobody decides about what they raised themselves.";
    let desk = Desk {
        app,
        session,
        tried: tried.as_ref(),
    };
    let mut ends = Vec::new();
    for deputy in &mine.deputies {
        ends.extend(end_form(&desk, deputy, &today.to_string()).await);
    }
    sheet
        .and(&paragraph(what))
        .and(&listed(&mine.deputies))
        .and_all(ends)
        .and(&name_form(&desk, &mine.regions).await)
        .answer()
}

fn listed(deputies: &[pb::RegionalDirector]) -> Html {
    if deputies.is_empty() {
        return paragraph("Nobody is your deputy, today or later.");
    }
    let rows = deputies.iter().map(|deputy| -> [Content; 4] {
        [
            deputy.principal.as_str().into(),
            region(&deputy.region).into(),
            day::spoken(&deputy.from_date).into(),
            day::spoken(&deputy.to_date).into(),
        ]
    });
    let head = ["Deputy", "Region", "First day", "Last day"];
    Html::of(&table("Your deputies, today and later", head, rows))
}

/// Ends a deputyship that is in force and lasts longer than today.
async fn end_form(desk: &Desk<'_>, deputy: &pb::RegionalDirector, today: &str) -> Option<Html> {
    let lasts = deputy.from_date.as_str() <= today && deputy.to_date.as_str() > today;
    if !lasts {
        return None;
    }
    let action = format!("{PATH}/{END}{}", code(&deputy.name));
    let begun = desk.begin(action, Filled::default()).await;
    let button = Button::secondary(format!("Make today {}’s last day", deputy.principal));
    let carried = vec![("etag", deputy.etag.clone())];
    Some(begun.carrying("", Vec::new(), carried, button))
}

async fn name_form(desk: &Desk<'_>, regions: &[String]) -> Html {
    let begun = desk
        .begin(format!("{PATH}/{NAME}"), Filled::default())
        .await;
    let fields = begun.fields();
    let mut shown = Vec::new();
    let mut carried = Vec::new();
    if let [only] = regions {
        carried.push(("region", only.clone()));
    } else {
        let choices: Vec<_> = regions
            .iter()
            .map(|slug| (slug.as_str(), region(slug)))
            .collect();
        shown.push(fields.radios("region", "For which region?", &choices));
    }
    let hint = "As they sign in, such as RD-LONDON. They need the role of a Regional Director.";
    shown.push(fields.short("principal", "Deputy’s code", hint));
    let hint = "It begins today. For example, 9 11 2020";
    shown.push(fields.date("until", "Last day", hint));
    begun.carrying(
        "Name a deputy",
        shown,
        carried,
        Button::new("Name the deputy"),
    )
}
