//! Who is signed in. Sessions lie in the console's database, so that a restart ends none.
//!
//! The browser keeps a random value and nothing else. What is kept here is found by the hash of
//! it, and sealed with it: the user's tokens, which never leave the server.

mod renewal;

use std::sync::Arc;

use rand::RngCore as _;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tonic::metadata::{Ascii, MetadataValue};
use visits_core::clock::from_micros;
use visits_core::{Actor, Clock, Fault, Role, SignedDuration, Timestamp};

use crate::draft;
use crate::oidc::{self, Ended, Provider};
use crate::seal::Seal;
use crate::store::{SessionRow, Store, Which};

/// A session that has ended is known so much longer, so that what its user was writing is kept for
/// them (R-CON-31).
const KNOWN_AFTERWARDS: SignedDuration = SignedDuration::from_hours(12);
/// Within so long of the last request nothing is written down.
const TOUCH_EVERY: SignedDuration = SignedDuration::from_secs(30);
/// A cookie's value: 32 bytes in hexadecimal digits.
const VALUE_LENGTH: usize = 64;

/// Somebody who has signed in.
#[derive(Debug)]
pub(crate) struct Session {
    /// Who.
    pub(crate) actor: Actor,
    /// Their token, as the header of a call.
    pub(crate) authorization: MetadataValue<Ascii>,
    /// Stands in every form of theirs: a page from elsewhere can't know it (CSRF).
    pub(crate) form_token: String,
    /// How long it goes on.
    pub(crate) left: Left,
    /// When they asked: a page counts on from here, whatever their own machine's clock says.
    pub(crate) now: Timestamp,
}

/// How long a session goes on, in seconds from the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Left {
    /// If its user asks for nothing more.
    pub(crate) idle: i64,
    /// Whatever they do.
    pub(crate) whole: i64,
    /// After each request, if nothing more is asked for.
    pub(crate) after_each: i64,
}

impl Session {
    pub(crate) fn has(&self, role: Role) -> bool {
        self.actor.has(role)
    }
}

/// What a cookie stands for.
#[derive(Clone, Debug)]
pub(crate) enum Look {
    /// Somebody who is signed in.
    Live(Arc<Session>),
    /// Somebody who was, until a moment ago.
    Lapsed(Arc<Session>),
    /// Nobody.
    Nobody,
    /// It can't be known at the moment.
    Unknown,
}

/// What a sign-in gives: who it is, and the tokens that say so.
#[derive(Clone)]
pub(crate) struct Granted {
    pub(crate) actor: Actor,
    /// What the services believe.
    pub(crate) access: String,
    /// From when on they don't.
    pub(crate) ends: Timestamp,
    /// Gets another, if the issuer gave one.
    pub(crate) refresh: Option<String>,
    /// Says to the issuer whom to sign out.
    pub(crate) id_token: Option<String>,
}

/// What is sealed of a session.
#[derive(Clone, Serialize, Deserialize)]
struct Kept {
    roles: Vec<Role>,
    form_token: String,
    access: String,
    refresh: Option<String>,
    id_token: Option<String>,
}

/// A session of its user, as they are told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) begun: Timestamp,
    pub(crate) is_this: bool,
}

/// All sessions.
#[derive(Debug)]
pub(crate) struct Sessions {
    store: Store,
    seal: Arc<Seal>,
    clock: Arc<dyn Clock>,
    idle: SignedDuration,
    lifetime: SignedDuration,
    provider: Option<Arc<Provider>>,
}

impl Sessions {
    pub(crate) fn new(
        store: Store,
        seal: Arc<Seal>,
        clock: Arc<dyn Clock>,
        (idle, lifetime): (SignedDuration, SignedDuration),
    ) -> Self {
        Self {
            store,
            seal,
            clock,
            idle,
            lifetime,
            provider: None,
        }
    }

    /// Tokens that run out are renewed at `provider`.
    pub(crate) fn renewed_at(mut self, provider: Option<Arc<Provider>>) -> Self {
        self.provider = provider;
        self
    }

    /// How long a session lasts at most.
    pub(crate) const fn lifetime(&self) -> SignedDuration {
        self.lifetime
    }

    /// Begins a session and gives its cookie's value: new at each sign-in, so that a value which
    /// somebody planted before is worth nothing. What is long over is forgotten.
    pub(crate) async fn begin(&self, granted: Granted) -> Result<String, Fault> {
        let now = self.clock.now();
        let value = secret();
        let at_issuer = granted.id_token.as_deref().map(oidc::at_issuer);
        let (subject, issuer_session) = at_issuer.unwrap_or_default();
        let kept = Kept {
            roles: granted.actor.roles,
            form_token: secret(),
            access: granted.access,
            refresh: granted.refresh,
            id_token: granted.id_token,
        };
        let row = SessionRow {
            id: id_of(&value),
            principal: granted.actor.principal,
            begun_at: now.as_microsecond(),
            idle_until: (now + self.idle).as_microsecond(),
            ends_at: (now + self.lifetime).as_microsecond(),
            token_ends_at: granted.ends.as_microsecond(),
            renewing_until: 0,
            sealed: self.closed(&value, &kept)?,
            subject,
            issuer_session,
        };
        header(&kept.access)?;
        let (ended, drafts) = (now - KNOWN_AFTERWARDS, now - draft::KEPT);
        self.store.forget_before(ended, drafts).await?;
        self.store.begin(row).await?;
        Ok(value)
    }

    /// Whose cookie this is, who is asking for something: the time to be idle begins anew.
    pub(crate) async fn touch(&self, cookie: &str) -> Look {
        self.looked(cookie, true).await
    }

    /// Whose cookie this is, without anybody having asked for anything.
    pub(crate) async fn peek(&self, cookie: &str) -> Look {
        self.looked(cookie, false).await
    }

    /// Ends a session, and gives what tells the issuer whom to sign out.
    pub(crate) async fn end(&self, cookie: &str) -> Result<Option<String>, Fault> {
        let id = id_of(cookie);
        let Some(row) = self.store.session(&id).await? else {
            return Ok(None);
        };
        self.store.end(&id).await?;
        Ok(self.opened(cookie, &row).and_then(|kept| kept.id_token))
    }

    /// Ends every session of a principal, wherever they are signed in.
    pub(crate) async fn end_all(&self, principal: &str) -> Result<u64, Fault> {
        let now = self.clock.now();
        self.store.lapse(Which::AllOf(principal), now).await
    }

    /// Ends what the issuer has ended; how many sessions those were.
    pub(crate) async fn end_at_issuer(&self, ended: &Ended) -> Result<u64, Fault> {
        let now = self.clock.now();
        self.store.lapse(Which::AtIssuer(ended), now).await
    }

    /// Where the user of this cookie is signed in.
    pub(crate) async fn of(&self, principal: &str, cookie: &str) -> Result<Vec<Listed>, Fault> {
        let id = id_of(cookie);
        let rows = self.store.of(principal, self.clock.now()).await?;
        let listed = rows.into_iter().map(|row| Listed {
            begun: from_micros(row.begun_at),
            is_this: row.id == id,
        });
        Ok(listed.collect())
    }

    async fn looked(&self, cookie: &str, is_active: bool) -> Look {
        match self.look(cookie, is_active).await {
            Ok(look) => look,
            Err(fault) => {
                tracing::error!("nobody can be told apart: {fault}");
                Look::Unknown
            }
        }
    }

    async fn look(&self, cookie: &str, is_active: bool) -> Result<Look, Fault> {
        if cookie.len() != VALUE_LENGTH {
            return Ok(Look::Nobody);
        }
        let now = self.clock.now();
        let Some(row) = self.store.session(&id_of(cookie)).await? else {
            return Ok(Look::Nobody);
        };
        let Some(kept) = self.opened(cookie, &row) else {
            return Ok(Look::Nobody);
        };
        let (ends, idle_until) = (from_micros(row.ends_at), from_micros(row.idle_until));
        if now >= ends + KNOWN_AFTERWARDS {
            return Ok(Look::Nobody);
        }
        if now >= ends || now >= idle_until {
            return Ok(Look::Lapsed(self.session(row, kept, now)?));
        }
        let lapsed = self.session(row.clone(), kept.clone(), now)?;
        let Some((mut row, kept)) = self.with_good_token(cookie, row, kept, now).await? else {
            return Ok(Look::Lapsed(lapsed));
        };
        if is_active && now + self.idle >= idle_until + TOUCH_EVERY {
            self.store.stay(&row.id, now + self.idle).await?;
            row.idle_until = (now + self.idle).as_microsecond();
        }
        Ok(Look::Live(self.session(row, kept, now)?))
    }

    fn session(&self, row: SessionRow, kept: Kept, now: Timestamp) -> Result<Arc<Session>, Fault> {
        let until = |micros| from_micros(micros).duration_since(now).as_secs();
        Ok(Arc::new(Session {
            authorization: header(&kept.access)?,
            actor: Actor {
                principal: row.principal,
                roles: kept.roles,
            },
            form_token: kept.form_token,
            left: Left {
                idle: until(row.idle_until),
                whole: until(row.ends_at),
                after_each: self.idle.as_secs(),
            },
            now,
        }))
    }

    fn opened(&self, cookie: &str, row: &SessionRow) -> Option<Kept> {
        let plain = self.seal.open(&purpose(cookie), &row.sealed)?;
        serde_json::from_slice(&plain).ok()
    }

    fn closed(&self, cookie: &str, kept: &Kept) -> Result<Vec<u8>, Fault> {
        let plain = serde_json::to_vec(kept)
            .map_err(|error| Fault::fatal(format!("a session that can't be kept: {error}")))?;
        self.seal.close(&purpose(cookie), &plain)
    }
}

fn header(access: &str) -> Result<MetadataValue<Ascii>, Fault> {
    let mut header: MetadataValue<Ascii> = format!("Bearer {access}")
        .parse()
        .map_err(|_| Fault::fatal("a token that is no header value"))?;
    header.set_sensitive(true);
    Ok(header)
}

fn purpose(cookie: &str) -> String {
    format!("session/{cookie}")
}

fn id_of(cookie: &str) -> String {
    hex::encode(Sha256::digest(cookie))
}

/// What nobody guesses.
pub(crate) fn secret() -> String {
    let mut chance = [0; VALUE_LENGTH / 2];
    rand::rng().fill_bytes(&mut chance);
    hex::encode(chance)
}

#[cfg(test)]
mod tests;
