//! A caller of the services who keeps to the retry contract (docs/clients.md), so that nobody has
//! to write it again:
//!
//! * only UNAVAILABLE is tried again, after a pause that grows and is partly chance, within the
//!   call's deadline and a budget; a stream never is;
//! * a change carries a `request_id`, the same over all its tries, so that it is made once (R17);
//! * every call has a deadline, which the service is told and which all tries share (R13);
//! * ABORTED means that somebody else was first: read again, decide again, send a new change;
//! * a watch is taken up again with its resume token, without gap or repeat (R8).
//!
//! ```no_run
//! use visits_client::{Client, reason, request_id};
//! use visits_proto::escalation::v1::AcknowledgeCaseRequest;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let token = std::env::var("VISITS_TOKEN")?;
//! let client = Client::of("http://127.0.0.1:7400").token(token).connect().await?;
//!
//! let mut watch = client.watch_cases("state = OPEN");
//! let event = watch.next_event().await?;
//!
//! let request = AcknowledgeCaseRequest {
//!     name: event.case,
//!     request_id: request_id(),
//!     ..AcknowledgeCaseRequest::default()
//! };
//! match client.escalation().acknowledge_case(request).await {
//!     Ok(case) => println!("{} is ours", case.into_inner().name),
//!     Err(status) => println!("refused: {}", reason(&status).unwrap_or_default()),
//! }
//! # Ok(())
//! # }
//! ```

mod client;
pub mod limits;
pub mod methods;
pub mod patience;
mod refusal;
pub mod timeout;
pub mod token;
pub mod watch;

pub use client::{Builder, CallChannel, Client, ConnectError, tuned};
pub use patience::{Patience, PatientChannel, Repeats};
pub use refusal::{DOMAIN, reason};
pub use token::{Bearer, TokenSource};
pub use watch::{CaseWatch, Seen, WatchError};

use visits_core::{Clock as _, IdSource as _, RandomIds, SystemClock};

/// The mark of a new intent: one for each change that is meant, and the same whenever that change
/// is sent again (R17).
#[must_use]
pub fn request_id() -> String {
    RandomIds.next(SystemClock::new().now()).to_string()
}
