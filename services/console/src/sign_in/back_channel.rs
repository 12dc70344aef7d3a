//! The issuer ends sessions by itself: somebody signed out elsewhere, or lost their place.

use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use visits_core::ErrorKind;

use crate::state::Shared;

/// Where the issuer says so.
pub(crate) const PATH: &str = "/sign-in/back-channel";

/// What it sends.
#[derive(Deserialize)]
pub(crate) struct Sent {
    logout_token: String,
}

/// Ends what has ended there. What its user was writing is kept, as when they sign out everywhere.
pub(crate) async fn ended(State(app): State<Shared>, Form(sent): Form<Sent>) -> StatusCode {
    let Some(provider) = &app.provider else {
        return StatusCode::NOT_FOUND;
    };
    let ended = match provider.ended(&sent.logout_token, app.now()).await {
        Ok(ended) => app.sessions.end_at_issuer(&ended).await,
        Err(fault) => Err(fault),
    };
    match ended {
        Ok(sessions) => {
            tracing::info!(sessions, "the issuer ended sessions");
            StatusCode::OK
        }
        Err(fault) if fault.kind == ErrorKind::Unauthenticated => {
            tracing::warn!("nothing was ended: {fault}");
            StatusCode::BAD_REQUEST
        }
        Err(fault) => {
            tracing::error!("what the issuer ended goes on here: {fault}");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}
