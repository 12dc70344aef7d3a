//! Who calls: a bearer token, verified before any handler runs (R16).

mod checkpoint;
mod identity;
mod issuer;
mod keys;
mod layer;
mod outside;
mod remembered;
mod token;

pub use checkpoint::{Checkpoint, CheckpointKey};
pub use identity::{Identity, RoleWords};
pub use issuer::Issuer;
pub use layer::{AuthLayer, AuthService};
pub use outside::OutsideIssuer;
pub use token::{Believed, LEEWAY_SECONDS, TrustedIssuer, Verifier};

use tokio::time::Instant;
use tonic::{Request, Status};
use visits_core::{Actor, ErrorKind, Fault, Timestamp};

use crate::status::to_status;

/// What the layers found out about a call before its handler runs.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who calls, as the token says.
    pub actor: Actor,
    /// When the caller stops waiting, if it said so; streams may outlive it.
    pub deadline: Option<Instant>,
    /// From when on the caller's token is believed no more: a stream ends then.
    pub token_ends: Timestamp,
}

/// The caller of `request`, put there by [`AuthLayer`].
///
/// # Errors
/// UNAUTHENTICATED if there is none, as for a handler that is served without the layer.
pub fn caller<T>(request: &Request<T>) -> Result<Caller, Status> {
    request
        .extensions()
        .get::<Caller>()
        .cloned()
        .ok_or_else(|| to_status(missing()))
}

fn missing() -> Fault {
    Fault::new(
        ErrorKind::Unauthenticated,
        "TOKEN_MISSING",
        "this call needs a bearer token in `authorization`",
    )
}
