//! A window of this console says that somebody looks at it, and is told who else does (R-CON-16).
//!
//! The page's module says so by itself: that keeps no session awake (R-CON-31).

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use visits_core::Role;
use visits_proto::escalation::v1::ReportConsoleRequest;

use crate::form::Quiet;
use crate::problem::Problem;
use crate::state::Shared;

/// What the module is told.
#[derive(Serialize)]
struct Told {
    /// Who else looks at the same case.
    viewers: Vec<String>,
    /// Whether somebody watches the desk; true for those who are not to know.
    watched: bool,
}

pub(super) async fn report(State(app): State<Shared>, quiet: Quiet) -> Response {
    let Quiet { session, filled } = quiet;
    let case = filled.get("case");
    let case = if case.is_empty() {
        String::new()
    } else {
        format!("cases/{case}")
    };
    let request = ReportConsoleRequest {
        console: filled.get("console").to_owned(),
        live: filled.get("live") == "true",
        audible: filled.get("audible") == "true",
        case,
    };
    let is_told = session.has(Role::DutyDesk) || session.has(Role::RegionalDirector);
    match app.escalation(&session).report_console(request).await {
        Ok(seen) => {
            let seen = seen.into_inner();
            let told = Told {
                viewers: seen.viewers,
                watched: seen.desk_watched || !is_told,
            };
            Json(told).into_response()
        }
        Err(status) => {
            let status: StatusCode = Problem::of(&status).status;
            status.into_response()
        }
    }
}
