//! A session goes on with a new token when its token has run out, as long as the issuer gives one.
//!
//! An issuer that gives a new refresh token each time takes the use of an old one for theft: of
//! several requests, in this process and others, one gets the new token and the others wait for it.

use std::time::Duration;

use visits_core::clock::from_micros;
use visits_core::{ErrorKind, Fault, SignedDuration, Timestamp};

use super::{Kept, Sessions};
use crate::oidc::Provider;
use crate::store::{SessionRow, Which};

/// A token is renewed so long before its end, so that it outlives the call that it is for.
const BEFORE_ITS_END: SignedDuration = SignedDuration::from_secs(60);
/// So long whoever gets a new token is left to it.
const LEFT_ALONE: SignedDuration = SignedDuration::from_secs(15);
const LOOK_AGAIN: Duration = Duration::from_millis(100);
const LOOKS_MAX: u32 = 80;

type Found = (SessionRow, Kept);

impl Sessions {
    /// The session with a token that is good for a while; nothing if it has none and gets none.
    pub(super) async fn with_good_token(
        &self,
        cookie: &str,
        row: SessionRow,
        kept: Kept,
        now: Timestamp,
    ) -> Result<Option<Found>, Fault> {
        let ends = from_micros(row.token_ends_at);
        let is_good = now < ends;
        let (Some(provider), Some(refresh)) = (&self.provider, &kept.refresh) else {
            return Ok(is_good.then_some((row, kept)));
        };
        if now < ends - BEFORE_ITS_END {
            return Ok(Some((row, kept)));
        }
        let until = now + LEFT_ALONE;
        if self.store.claim_renewal(&row, now, until).await? {
            let refresh = refresh.clone();
            return self.renewed(provider, cookie, (row, kept), &refresh).await;
        }
        if is_good {
            return Ok(Some((row, kept)));
        }
        self.renewed_by_another(cookie, row).await
    }

    async fn renewed(
        &self,
        provider: &Provider,
        cookie: &str,
        (mut row, mut kept): Found,
        refresh: &str,
    ) -> Result<Option<Found>, Fault> {
        let now = self.clock.now();
        match provider.renew(refresh, now).await {
            Ok(granted) if granted.actor.principal == row.principal => {
                kept.roles = granted.actor.roles;
                kept.access = granted.access;
                kept.refresh = granted.refresh.or(kept.refresh);
                kept.id_token = granted.id_token.or(kept.id_token);
                row.token_ends_at = granted.ends.as_microsecond();
                row.sealed = self.closed(cookie, &kept)?;
                self.store.renew(&row).await?;
                Ok(Some((row, kept)))
            }
            Ok(_) => {
                tracing::error!("a renewed token is of somebody else: the session is ended");
                self.store.lapse(Which::One(&row.id), now).await?;
                Ok(None)
            }
            Err(fault) if fault.kind == ErrorKind::Unauthenticated => {
                tracing::info!("the issuer has ended a session");
                self.store.lapse(Which::One(&row.id), now).await?;
                Ok(None)
            }
            Err(fault) => {
                tracing::warn!("a token could not be renewed: {fault}");
                Ok((now < from_micros(row.token_ends_at)).then_some((row, kept)))
            }
        }
    }

    async fn renewed_by_another(
        &self,
        cookie: &str,
        before: SessionRow,
    ) -> Result<Option<Found>, Fault> {
        for _ in 0..LOOKS_MAX {
            tokio::time::sleep(LOOK_AGAIN).await;
            let Some(row) = self.store.session(&before.id).await? else {
                return Ok(None);
            };
            if row.token_ends_at != before.token_ends_at {
                return Ok(self.opened(cookie, &row).map(|kept| (row, kept)));
            }
            if row.ends_at != before.ends_at {
                return Ok(None);
            }
        }
        Ok(None)
    }
}
