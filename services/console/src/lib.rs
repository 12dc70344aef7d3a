//! The duty desk's console: pages rendered on the server, for the desk, Regional Directors and
//! inspectors. Everything works without script (R-CON-26); one small module adds the live feed.
//!
//! It is a client of the services like any other: each call carries the token of the user who is
//! signed in, so that nobody may do here what they may not do elsewhere. No rule of a case lives
//! here, and nothing is owned here but web sessions.

mod assets;
mod case;
mod client;
mod config;
mod cookie;
mod deadline;
mod draft;
mod first_concern;
mod form;
mod front;
mod guard;
mod live;
mod page;
mod problem;
mod prose;
mod queue;
mod session;
mod shell;
mod sign_in;
mod state;
mod words;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn_with_state, map_response};
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use visits_core::{Clock, Fault, IdSource};
use visits_runtime::auth::Issuer;

pub use client::Services;
pub use config::{Config, DEFAULTS};

use state::{App, Shared};

/// The largest form that is read: a rationale of 4,000 characters and room to spare.
const FORM_BYTES_MAX: usize = 64 * 1024;

/// What the console is made from.
#[derive(Debug)]
pub struct Deps {
    /// The way to the services.
    pub services: Services,
    /// Signs the tokens of the development sign-in. Without it nobody can sign in.
    pub issuer: Option<Arc<Issuer>>,
    /// Where instants come from.
    pub clock: Arc<dyn Clock>,
    /// Where the identifiers of requests come from.
    pub ids: Arc<dyn IdSource>,
    /// The section `console`.
    pub config: Config,
    /// Cancelled when the process begins to stop: live feeds then end (R12).
    pub going_away: CancellationToken,
}

/// The console, ready to be served.
#[derive(Clone, Debug)]
pub struct Console {
    app: Shared,
}

impl Console {
    /// A console without sessions yet.
    #[must_use]
    pub fn new(deps: Deps) -> Self {
        Self {
            app: Arc::new(App::new(deps)),
        }
    }

    /// Its pages.
    pub fn router(&self) -> Router {
        let app = self.app.clone();
        Router::new()
            .route("/", get(front::home))
            .route("/sign-in", get(sign_in::show).post(sign_in::sign_in))
            .route("/sign-out", post(sign_in::sign_out))
            .route("/queue", get(queue::show))
            .route("/cases/{id}", get(case::show))
            .route("/cases/{id}/{action}", get(case::back).post(case::act))
            .route("/live", get(live::feed))
            .route("/assets/{folder}/{name}", get(assets::file))
            .fallback(front::nothing)
            .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
            .layer(from_fn_with_state(app.clone(), guard::admit))
            .layer(map_response(guard::harden))
            .with_state(app)
    }

    /// Serves until the process begins to stop. Live feeds end at once; what is still under way
    /// after `drain` is left behind (R12).
    ///
    /// # Errors
    /// `Fatal` if the listener fails.
    pub async fn serve(self, listener: TcpListener, drain: Duration) -> Result<(), Fault> {
        let stop = self.app.going_away.clone();
        let served = axum::serve(listener, self.router())
            .with_graceful_shutdown(stop.clone().cancelled_owned());
        let too_long = async {
            stop.cancelled().await;
            tokio::time::sleep(drain).await;
        };
        tokio::select! {
            ended = served.into_future() => {
                ended.map_err(|error| Fault::fatal(format!("the console's port: {error}")))
            }
            () = too_long => {
                tracing::warn!("pages were still under way when the time to drain ended");
                Ok(())
            }
        }
    }
}
