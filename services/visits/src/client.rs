//! A caller of the services: an address, a token, a time to wait.

use std::time::Duration;

use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};
use uuid::Uuid;
use visits_core::{Actor, IdSource as _, RandomIds, Role, SignedDuration};

use crate::cli::Global;
use crate::deployment::Deployment;
use crate::failure::Failure;
use crate::{clock, config, output};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Long enough for one command; a watch signs a new one when it connects again.
const TOKEN_LIFETIME: SignedDuration = SignedDuration::from_hours(12);

/// A channel whose calls carry a caller's token.
pub type CallerChannel = InterceptedService<Channel, Bearer>;

/// Puts a token on each call, and a deadline on those that have none.
#[derive(Clone, Debug)]
pub struct Bearer {
    header: MetadataValue<Ascii>,
    timeout: Option<Duration>,
}

impl Bearer {
    /// The bearer of `token`, who waits for `timeout`.
    ///
    /// # Errors
    /// `InvalidInput` if the text can't be a token.
    pub fn new(token: &str, timeout: Option<Duration>) -> Result<Self, Failure> {
        let mut header: MetadataValue<Ascii> = format!("Bearer {}", token.trim())
            .parse()
            .map_err(|_| Failure::invalid("token", "must be a token as visits token prints it"))?;
        header.set_sensitive(true);
        Ok(Self { header, timeout })
    }
}

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(timeout) = self.timeout
            && !request.metadata().contains_key("grpc-timeout")
        {
            request.set_timeout(timeout);
        }
        let header = self.header.clone();
        request.metadata_mut().insert("authorization", header);
        Ok(request)
    }
}

/// Connects as the arguments say; `fitting` is the role of a token that is signed for this
/// command when none is given.
///
/// # Errors
/// `Unreachable` if nothing answers, or if there is neither a token nor a key to sign one.
pub async fn connect(global: &Global, fitting: Role) -> Result<CallerChannel, Failure> {
    let timeout = Duration::from_secs(global.client.timeout.max(1));
    dial(global, fitting, Some(timeout)).await
}

/// As [`connect`], for a stream that lasts.
///
/// # Errors
/// As [`connect`].
pub async fn connect_to_watch(global: &Global, fitting: Role) -> Result<CallerChannel, Failure> {
    dial(global, fitting, None).await
}

async fn dial(
    global: &Global,
    fitting: Role,
    timeout: Option<Duration>,
) -> Result<CallerChannel, Failure> {
    let server = &global.client.server;
    let endpoint = Endpoint::from_shared(server.clone()).map_err(|_| {
        Failure::invalid(
            "--server",
            "must be an address such as http://127.0.0.1:7400",
        )
    })?;
    let token = token(global, fitting)?;
    let bearer = Bearer::new(&token, timeout)?;
    let channel = endpoint
        .connect_timeout(CONNECT_TIMEOUT)
        .keep_alive_while_idle(true)
        .http2_keep_alive_interval(Duration::from_secs(20))
        .connect()
        .await
        .map_err(|_| Failure::Unreachable {
            server: server.clone(),
        })?;
    Ok(InterceptedService::new(channel, bearer))
}

fn token(global: &Global, fitting: Role) -> Result<String, Failure> {
    if let (Some(token), None) = (&global.client.token, global.client.role) {
        return Ok(token.clone());
    }
    let settings = config::load(global.config.as_deref(), &[])?;
    let issuer = Deployment::keys(&settings)?.existing_issuer(&global.data)?;
    let Some(issuer) = issuer else {
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
