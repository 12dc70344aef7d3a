//! The duty desk's console: pages rendered on the server, for the desk, Regional Directors and
//! inspectors. Everything works without script (R-CON-26); one small module adds the live feed.
//!
//! It is a client of the services like any other: each call carries the token of the user who is
//! signed in, so that nobody may do here what they may not do elsewhere. No rule of a case lives
//! here, and nothing is owned here but web sessions.

mod assets;
mod audit;
mod calls;
mod case;
mod client;
mod config;
mod cookie;
mod day;
mod deadline;
mod deferrals;
mod deputies;
mod draft;
mod duty;
mod first_concern;
mod form;
mod front;
mod guard;
mod letters;
mod live;
mod nfd;
mod oidc;
mod page;
mod parked;
mod problem;
mod prose;
mod queue;
mod schools;
mod seal;
mod session;
mod sheet;
mod shell;
mod sign_in;
mod state;
mod store;
mod visits;
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
use visits_runtime::auth::{Identity, Issuer};

pub use client::Services;
pub use config::{Config, DEFAULTS};

use state::{App, Shared};

/// The largest form that is read: a rationale of 4,000 characters and room to spare.
const FORM_BYTES_MAX: usize = 64 * 1024;

/// What the console is made from.
pub struct Deps {
    /// The way to the services.
    pub services: Services,
    /// How people sign in.
    pub sign_in: SignIn,
    /// The console's own database: `sqlite:///path/to/file.db` or `postgres://…`.
    pub database: String,
    /// Seals what is kept there.
    pub session_key: [u8; 32],
    /// The address by which browsers reach the console.
    pub address: String,
    /// Where instants come from.
    pub clock: Arc<dyn Clock>,
    /// Where the identifiers of requests come from.
    pub ids: Arc<dyn IdSource>,
    /// The section `console`.
    pub config: Config,
    /// Cancelled when the process begins to stop: live feeds then end (R12).
    pub going_away: CancellationToken,
}

/// How people sign in.
pub enum SignIn {
    /// They say who they are: for whoever can reach a loopback address only.
    Development(Arc<Issuer>),
    /// At the issuer of the section `identity`.
    At(Box<Identity>),
    /// Nobody can.
    Closed,
}

/// The pages about visits, letters and what else there is besides cases.
fn office() -> Router<Shared> {
    Router::new()
        .route("/cases/{id}/clock-record", get(case::record))
        .route("/cases/{id}/nfd", get(nfd::show))
        .route("/cases/{id}/nfd/{action}", get(sheet::above).post(nfd::act))
        .route("/calls", get(calls::show))
        .route("/visits", get(visits::list))
        .route("/visits/{id}", get(visits::show))
        .route("/visits/{id}/call", get(visits::sheet_of_call))
        .route(
            "/visits/{id}/call/{action}",
            get(sheet::above).post(visits::log_call),
        )
        .route("/visits/{id}/{action}", get(sheet::above).post(visits::act))
        .route("/deferrals", get(deferrals::list))
        .route("/deferrals/{id}", get(deferrals::show))
        .route(
            "/deferrals/{id}/{action}",
            get(sheet::above).post(deferrals::act),
        )
        .route(deputies::PATH, get(deputies::show))
        .route("/deputies/{action}", get(sheet::above).post(deputies::act))
        .route("/letters", get(letters::list))
        .route("/letters/{id}", get(letters::show))
        .route(
            "/letters/{id}/{action}",
            get(sheet::above).post(letters::act),
        )
        .route("/parked", get(parked::list))
        .route("/parked/{service}/{id}", get(parked::show))
        .route(
            "/parked/{service}/{id}/{action}",
            get(sheet::above).post(parked::act),
        )
        .route("/audit", get(audit::list))
        .route(
            "/audit/{service}/verify",
            get(audit::back).post(audit::verify),
        )
}

/// The console, ready to be served.
#[derive(Clone, Debug)]
pub struct Console {
    app: Shared,
}

impl Console {
    /// Opens the console's database, bringing its tables up to date.
    ///
    /// # Errors
    /// `Transient` if the database does not answer, `Fatal` if something can't be opened.
    pub async fn open(deps: Deps) -> Result<Self, Fault> {
        Ok(Self {
            app: Arc::new(App::open(deps).await?),
        })
    }

    /// Its pages.
    pub fn router(&self) -> Router {
        let app = self.app.clone();
        Router::new()
            .route("/", get(front::home))
            .route("/sign-in", get(sign_in::show).post(sign_in::sign_in))
            .route("/sign-in/start", get(sign_in::start))
            .route(oidc::CALLBACK, get(sign_in::back))
            .route(sign_in::BACK_CHANNEL, post(sign_in::ended))
            .route("/sign-out", post(sign_in::sign_out))
            .route("/sign-out-everywhere", post(sign_in::sign_out_everywhere))
            .route("/sessions", get(sign_in::list))
            .route("/stay", post(sign_in::stay))
            .route("/ready", get(front::ready))
            .route("/queue", get(queue::show))
            .route("/cases/{id}", get(case::show))
            .route("/cases/{id}/{action}", get(case::back).post(case::act))
            .merge(office())
            .merge(duty::routes())
            .route("/live", get(live::feed))
            .route("/assets/{folder}/{name}", get(assets::file))
            .fallback(front::absent)
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
        let ended = tokio::select! {
            ended = served.into_future() => {
                ended.map_err(|error| Fault::fatal(format!("the console's port: {error}")))
            }
            () = too_long => {
                tracing::warn!("pages were still under way when the time to drain ended");
                Ok(())
            }
        };
        ended.and(self.app.close().await)
    }
}
