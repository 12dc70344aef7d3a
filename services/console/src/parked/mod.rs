//! What a service could not handle and put aside (R10): operators retry or discard it, auditors look.
//! Ids, codes and times only (R19).

mod one;

use axum::extract::{Query, State};
use axum::response::Response;
use tonic::{Code, Request, Status};
use visits_components::{Content, Html};
use visits_proto::operations::v1 as pb;
use visits_proto::operations::v1::operations_service_client::OperationsServiceClient;
use visits_proto::operations::v1::parked_item::Kind;
use visits_runtime::operations::SERVICE_KEY;

use crate::client::Reached;
use crate::form::SignedIn;
use crate::prose;
use crate::session::Session;
use crate::sheet::{
    self as page, Called, Search, Sheet, Tried, explained, link, next, stack, table,
};
use crate::shell::Place;
use crate::state::{App, Shared};
use crate::visits::Asked;
use crate::visits::words::when;

pub(crate) use one::{act, show};

const PATH: &str = "/parked";
const PAGE_SIZE: i32 = 50;
/// Each keeps what it parked, and its audit, in a database of its own.
pub(crate) const SERVICES: [(&str, &str); 5] = [
    ("scheduling", "Scheduling"),
    ("recording", "Visit recording"),
    ("escalation", "Concern escalation"),
    ("letters", "Letters"),
    ("insights", "Insight export"),
];
const CALLED: [Called; 1] = [Called {
    field: "page_token",
    id: "main",
    missing: "Begin with the first page",
    name: "The address of this page is not right:",
}];

/// The operations service at the process that holds `service`.
pub(crate) fn operations(
    app: &App,
    session: &Session,
    service: &str,
) -> OperationsServiceClient<Reached> {
    OperationsServiceClient::new(app.reach(service, session))
}

/// A request about `service`, whose name a gateway before separate processes reads.
pub(crate) fn about<T>(service: &str, request: T) -> Request<T> {
    let mut request = Request::new(request);
    if let Ok(service) = service.parse() {
        request.metadata_mut().insert(SERVICE_KEY, service);
    }
    request
}

/// The service of this name, if there is one.
pub(crate) fn known(service: &str) -> Option<(&'static str, &'static str)> {
    SERVICES.into_iter().find(|(name, _)| *name == service)
}

/// The list: of every service, or of one with its pages.
pub(crate) async fn list(
    State(app): State<Shared>,
    SignedIn(session): SignedIn,
    Query(asked): Asked,
) -> Response {
    let search = Search::of(&asked, &["service"]);
    let mut sheet = Sheet::new(&session, Place::Parked, "Parked items");
    let services = SERVICES.into_iter();
    let chosen: Vec<_> = match search.get("service") {
        "" => services.collect(),
        service => services.filter(|(name, _)| *name == service).collect(),
    };
    let intro = "What a service could not handle waits here, with what comes after it.";
    sheet = sheet.and(&page::paragraph(intro)).and(&form(&search));
    for (service, words) in chosen {
        let found = match read(&app, &session, service, search.page()).await {
            Ok(found) => found,
            Err(status) if status.code() == Code::InvalidArgument => {
                let tried = Tried::on_a_list(explained(&status, &CALLED));
                return sheet.refused(Some(&tried)).answer();
            }
            Err(status) if is_away(&status) => {
                let away = "This service does not answer at the moment.";
                sheet = sheet.and(&page::heading(words)).and(&page::paragraph(away));
                continue;
            }
            Err(status) => return page::refused(&session, &status, PATH),
        };
        sheet = sheet.and(&page::heading(words));
        if found.parked_items.is_empty() {
            sheet = sheet.and(&page::paragraph("Nothing is parked."));
            continue;
        }
        let head = ["Item", "About", "Why", "Parked"];
        let rows = found.parked_items.iter().map(|item| row(service, item));
        let caption = format!("Parked by {words}, the longest parked first");
        let query = [("service", service)];
        sheet = sheet.and(&table(&caption, head, rows)).and_if(next(
            PATH,
            &query,
            &found.next_page_token,
        ));
    }
    sheet.answer()
}

/// One process that is away hides nothing of the others.
fn is_away(status: &Status) -> bool {
    matches!(status.code(), Code::Unavailable | Code::DeadlineExceeded)
}

fn form(search: &Search) -> Html {
    let mut services = vec![("", "Every service")];
    services.extend(SERVICES);
    let fields = vec![search.fields().select("service", "Service", &services)];
    search.form("Choose a service", PATH, fields)
}

async fn read(
    app: &App,
    session: &Session,
    service: &str,
    page_token: String,
) -> Result<pb::ListParkedItemsResponse, Status> {
    let request = pb::ListParkedItemsRequest {
        parent: format!("services/{service}"),
        page_size: PAGE_SIZE,
        page_token,
        ..pb::ListParkedItemsRequest::default()
    };
    let mut client = operations(app, session, service);
    let found = client.list_parked_items(about(service, request)).await?;
    Ok(found.into_inner())
}

const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Event => "Event",
        Kind::Job => "Timer or effect",
        Kind::Message => "Message",
        Kind::Unspecified => "Item",
    }
}

/// `DepartureRecorded` of `ofsted.visits.recording.v1.DepartureRecorded`.
fn short(code: &str) -> &str {
    code.rsplit('.').next().unwrap_or(code)
}

fn row(service: &str, item: &pb::ParkedItem) -> [Content; 4] {
    let id = item.name.rsplit('/').next().unwrap_or_default();
    let code = link(&format!("{PATH}/{service}/{id}"), short(&item.code));
    let waiting = match item.waiting_count {
        0 => String::new(),
        count => crate::words::counted(count, "later event") + " behind it",
    };
    let what = stack::<Content>([code.into(), prose::quiet(kind(item.kind())).into()]);
    [
        what.into(),
        item.subject.as_str().into(),
        stack([item.fault_reason.clone(), waiting]).into(),
        when(item.park_time.as_ref()).into(),
    ]
}
