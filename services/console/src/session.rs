//! Who is signed in. A session lives in this process: at a restart everybody signs in again.
//!
//! The browser keeps a random value and nothing else; what is kept here is found by the hash of it,
//! and holds the user's token, which never leaves the server.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rand::RngCore as _;
use sha2::{Digest as _, Sha256};
use tonic::metadata::{Ascii, MetadataValue};
use visits_core::{Actor, Clock, Fault, Role, SignedDuration, Timestamp};

/// A session that has ended is known so much longer, so that what its user was writing is kept for
/// them (R-CON-31).
const KNOWN_AFTERWARDS: SignedDuration = SignedDuration::from_hours(12);

/// Somebody who has signed in.
#[derive(Debug)]
pub(crate) struct Session {
    /// Who.
    pub(crate) actor: Actor,
    /// Their token, as the header of a call.
    pub(crate) authorization: MetadataValue<Ascii>,
    /// Stands in every form of theirs: a page from elsewhere can't know it (CSRF).
    pub(crate) form_token: String,
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
}

#[derive(Debug)]
struct Kept {
    session: Arc<Session>,
    idle_until: Timestamp,
    ends: Timestamp,
}

/// All sessions.
#[derive(Debug)]
pub(crate) struct Sessions {
    kept: Mutex<HashMap<[u8; 32], Kept>>,
    clock: Arc<dyn Clock>,
    idle: SignedDuration,
    lifetime: SignedDuration,
}

impl Sessions {
    pub(crate) fn new(
        clock: Arc<dyn Clock>,
        idle: SignedDuration,
        lifetime: SignedDuration,
    ) -> Self {
        Self {
            kept: Mutex::default(),
            clock,
            idle,
            lifetime,
        }
    }

    /// How long a session lasts at most: so long must its token be good.
    pub(crate) const fn lifetime(&self) -> SignedDuration {
        self.lifetime
    }

    /// Begins a session and gives its cookie's value: new at each sign-in, so that a value which
    /// somebody planted before is worth nothing.
    pub(crate) async fn begin(&self, actor: Actor, token: &str) -> Result<String, Fault> {
        let mut authorization: MetadataValue<Ascii> = format!("Bearer {token}")
            .parse()
            .map_err(|_| Fault::fatal("a token that is no header value"))?;
        authorization.set_sensitive(true);
        let session = Arc::new(Session {
            actor,
            authorization,
            form_token: secret(),
        });
        let now = self.clock.now();
        let value = secret();
        let mut kept = self.lock();
        kept.retain(|_, kept| now < kept.ends + KNOWN_AFTERWARDS);
        kept.insert(
            key(&value),
            Kept {
                session,
                idle_until: now + self.idle,
                ends: now + self.lifetime,
            },
        );
        Ok(value)
    }

    /// Whose cookie this is, who is asking for something: the time to be idle begins anew.
    pub(crate) async fn touch(&self, cookie: &str) -> Look {
        self.look(cookie, true)
    }

    /// Whose cookie this is, without anybody having asked for anything.
    pub(crate) async fn peek(&self, cookie: &str) -> Look {
        self.look(cookie, false)
    }

    /// Ends a session.
    pub(crate) async fn end(&self, cookie: &str) {
        self.lock().remove(&key(cookie));
    }

    fn look(&self, cookie: &str, is_active: bool) -> Look {
        let now = self.clock.now();
        let mut all = self.lock();
        let Some(kept) = all.get_mut(&key(cookie)) else {
            return Look::Nobody;
        };
        let session = kept.session.clone();
        if now >= kept.ends + KNOWN_AFTERWARDS {
            return Look::Nobody;
        }
        if now >= kept.idle_until || now >= kept.ends {
            return Look::Lapsed(session);
        }
        if is_active {
            kept.idle_until = now + self.idle;
        }
        Look::Live(session)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<[u8; 32], Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(cookie: &str) -> [u8; 32] {
    Sha256::digest(cookie).into()
}

fn secret() -> String {
    let mut chance = [0; 32];
    rand::rng().fill_bytes(&mut chance);
    hex::encode(chance)
}

#[cfg(test)]
mod tests {
    use super::*;
    use visits_core::ManualClock;

    fn sessions() -> (ManualClock, Sessions) {
        let clock = ManualClock::new("2020-10-23T12:00:00Z".parse().expect("instant"));
        let (idle, lifetime) = (
            SignedDuration::from_mins(60),
            SignedDuration::from_hours(12),
        );
        let sessions = Sessions::new(Arc::new(clock.clone()), idle, lifetime);
        (clock, sessions)
    }

    fn desk() -> Actor {
        Actor::new("duty-desk", Role::DutyDesk)
    }

    #[tokio::test]
    async fn a_session_ends_after_an_hour_without_a_request_and_a_look_is_none() {
        let (clock, sessions) = sessions();
        let cookie = sessions.begin(desk(), "t").await.expect("begun");
        clock.advance(SignedDuration::from_mins(59));
        assert!(matches!(sessions.touch(&cookie).await, Look::Live(_)));
        clock.advance(SignedDuration::from_mins(59));
        assert!(matches!(sessions.peek(&cookie).await, Look::Live(_)));
        clock.advance(SignedDuration::from_mins(1));
        assert!(matches!(sessions.touch(&cookie).await, Look::Lapsed(_)));
    }

    #[tokio::test]
    async fn a_session_ends_after_twelve_hours_whatever_its_user_does() {
        let (clock, sessions) = sessions();
        let cookie = sessions.begin(desk(), "t").await.expect("begun");
        for _ in 0..23 {
            clock.advance(SignedDuration::from_mins(30));
            assert!(matches!(sessions.touch(&cookie).await, Look::Live(_)));
        }
        clock.advance(SignedDuration::from_mins(30));
        assert!(matches!(sessions.touch(&cookie).await, Look::Lapsed(_)));
        clock.advance(KNOWN_AFTERWARDS);
        assert!(matches!(sessions.touch(&cookie).await, Look::Nobody));
    }

    #[tokio::test]
    async fn a_session_that_was_ended_and_a_value_that_was_made_up_are_nobodys() {
        let (_, sessions) = sessions();
        let cookie = sessions.begin(desk(), "t").await.expect("begun");
        let another = sessions.begin(desk(), "t").await.expect("another");
        assert_ne!(cookie, another);
        sessions.end(&cookie).await;
        assert!(matches!(sessions.touch(&cookie).await, Look::Nobody));
        assert!(matches!(sessions.touch("").await, Look::Nobody));
    }
}
