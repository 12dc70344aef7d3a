//! A caller of the services: an address, a token, a time to wait.

use std::time::Duration;

use tonic::Status;
use uuid::Uuid;
use visits_client::ConnectError;
use visits_core::{Actor, IdSource as _, RandomIds, Role, SignedDuration};
use visits_runtime::auth::Issuer;

use crate::cli::Global;
use crate::deployment::Deployment;
use crate::failure::Failure;
use crate::{clock, config, output};

pub use visits_client::{CallChannel as CallerChannel, Client};

/// Long enough for one command; a watch signs a new one when it connects again.
const TOKEN_LIFETIME: SignedDuration = SignedDuration::from_hours(12);

/// Connects as the arguments say; `fitting` is the role of a token that is signed for this
/// command when none is given. The channel leads to whatever answers at the server's address.
///
/// # Errors
/// `Unreachable` if nothing answers, or if there is neither a token nor a key to sign one.
pub async fn connect(global: &Global, fitting: Role) -> Result<CallerChannel, Failure> {
    let client = client(global, fitting).await?;
    Ok(client.channel("any"))
}

/// As [`connect`], with stubs and watches.
///
/// # Errors
/// As [`connect`].
pub async fn client(global: &Global, fitting: Role) -> Result<Client, Failure> {
    // Said at once and in words, if there will be none.
    token(global, fitting)?;
    let signs = global.clone();
    let next = move || token(&signs, fitting).map_err(refused);
    Client::of(address(&global.client.server))
        .token_from(next)
        .call_time(Duration::from_secs(global.client.timeout.max(1)))
        .connect()
        .await
        .map_err(|error| match error {
            ConnectError::NoAddress { .. } => {
                let what = "must be an address such as http://127.0.0.1:7400";
                Failure::invalid("--server", what)
            }
            ConnectError::Unreachable { address } => Failure::Unreachable { server: address },
        })
}

/// Host and port alone are an address too.
fn address(server: &str) -> String {
    if server.contains("://") {
        server.to_owned()
    } else {
        format!("http://{server}")
    }
}

fn refused(failure: Failure) -> Status {
    match failure {
        Failure::Refused(status) => *status,
        other => Status::unauthenticated(other.to_string()),
    }
}

fn token(global: &Global, fitting: Role) -> Result<String, Failure> {
    if let (Some(token), None) = (&global.client.token, global.client.role) {
        return Ok(token.clone());
    }
    let Some(issuer) = issuer(global)? else {
        return Err(Failure::invalid(
            "--token",
            format!(
                "no token was given, and {} holds no development key to sign one; \
                 give --token, VISITS_TOKEN or --data",
                global.data.display()
            ),
        ));
    };
    let role = global.client.role.map_or(fitting, |arg| arg.role());
    let actor = actor(role, global.client.id.as_deref())?;
    let now = clock::open(&global.clock)?.now();
    Ok(issuer.sign(&actor, TOKEN_LIFETIME, now)?)
}

/// Who signs with the deployment's key, if it is in the configuration or the data folder.
///
/// # Errors
/// What is wrong with the configuration or the key.
pub fn issuer(global: &Global) -> Result<Option<Issuer>, Failure> {
    let settings = config::load(global.config.as_deref(), &[])?;
    Ok(Deployment::keys(&settings)?.existing_issuer(&global.data)?)
}

/// The principal of the token that is signed for a command; nothing where one was given.
///
/// # Errors
/// As [`actor`].
pub fn principal(global: &Global, fitting: Role) -> Result<Option<String>, Failure> {
    if global.client.token.is_some() && global.client.role.is_none() {
        return Ok(None);
    }
    let role = global.client.role.map_or(fitting, |arg| arg.role());
    let actor = actor(role, global.client.id.as_deref())?;
    Ok(Some(actor.principal))
}

/// Who a signed token speaks for: an identifier that is a code, never a person's name.
///
/// # Errors
/// `InvalidInput` if the role needs an identifier and none is given, or it is no code.
pub fn actor(role: Role, id: Option<&str>) -> Result<Actor, Failure> {
    let principal = match (id, role) {
        (Some(id), _) => id,
        (None, Role::Hmi) => return Err(Failure::invalid("--id", "is required: such as HMI-001")),
        (None, Role::RegionalDirector) => {
            return Err(Failure::invalid(
                "--id",
                "is required: such as RD-SOUTH-EAST",
            ));
        }
        (None, role) => role.name(),
    };
    let is_code = !principal.is_empty()
        && principal.len() <= 63
        && principal
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    if is_code {
        Ok(Actor::new(principal, role))
    } else {
        Err(Failure::invalid(
            "--id",
            "must be a code of letters, digits, '-', '_' and '.', at most 63",
        ))
    }
}

/// The request id of a change: a new one, or the one that is to be repeated. Said on stderr, so
/// that a change whose answer was lost can be repeated under it (R17).
///
/// # Errors
/// `Fatal` if the clock can't be read.
pub fn request_id(global: &Global) -> Result<String, Failure> {
    let id: Uuid = match global.client.request_id {
        Some(id) => id,
        None => RandomIds.next(clock::open(&global.clock)?.now()),
    };
    output::note(&format!("request_id: {id}"));
    Ok(id.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_and_a_port_are_an_address() {
        assert_eq!(address("desk.example:7400"), "http://desk.example:7400");
        assert_eq!(address("https://desk.example"), "https://desk.example");
    }

    #[test]
    fn an_inspector_and_a_director_need_their_code_and_a_name_is_refused() {
        assert!(actor(Role::Hmi, None).is_err());
        assert!(actor(Role::RegionalDirector, None).is_err());
        assert!(actor(Role::Hmi, Some("Jane Smith")).is_err());
        let desk = actor(Role::DutyDesk, None).expect("desk");
        assert_eq!(desk.principal, "duty-desk");
        let hmi = actor(Role::Hmi, Some("HMI-001")).expect("hmi");
        assert_eq!(hmi, Actor::new("HMI-001", Role::Hmi));
    }
}
