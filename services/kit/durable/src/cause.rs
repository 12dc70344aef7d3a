//! Why a unit of work runs, which decides how it is kept from running twice.

use std::fmt;
use std::sync::Arc;

use sha2::{Digest, Sha256};
use uuid::Uuid;
use visits_bus::Envelope;
use visits_core::Actor;

use crate::jobs::ClaimedJob;

/// The SHA-256 of a request's bytes: tells a repeat from a reuse of its `request_id` (R17).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The fingerprint of an encoded request.
    #[must_use]
    pub fn of(encoded: &[u8]) -> Self {
        Self(Sha256::digest(encoded).into())
    }

    pub(crate) fn hex(self) -> String {
        hex::encode(self.0)
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.hex())
    }
}

/// Why a unit of work runs.
#[derive(Clone, Debug)]
pub enum Cause {
    /// A caller asked for it.
    Request {
        /// Who.
        actor: Actor,
        /// The RPC's name.
        method: &'static str,
        /// The caller's mark for this intent (R17).
        request_id: Uuid,
        /// What the request said.
        fingerprint: Fingerprint,
    },
    /// Another service's event asks for it.
    Event {
        /// The consumer that heard it: `recording.visit_ready`.
        consumer: &'static str,
        /// What it heard.
        envelope: Arc<Envelope>,
    },
    /// A timer is due, or an effect is to be had.
    Job(ClaimedJob),
    /// The service itself: start-up data and repairs, each harmless when repeated.
    System,
}

impl Cause {
    /// A caller's request; its bytes are its fingerprint.
    pub fn request(
        actor: Actor,
        method: &'static str,
        request_id: Uuid,
        request: &impl prost::Message,
    ) -> Self {
        Self::Request {
            actor,
            method,
            request_id,
            fingerprint: Fingerprint::of(&request.encode_to_vec()),
        }
    }

    /// Who acts: the caller, or the service itself.
    #[must_use]
    pub fn actor(&self, service: &str) -> Actor {
        match self {
            Self::Request { actor, .. } => actor.clone(),
            Self::Event { .. } | Self::Job(_) | Self::System => Actor::service(service),
        }
    }

    /// The event that this follows from, if one.
    pub(crate) fn causation_id(&self) -> Option<Uuid> {
        match self {
            Self::Event { envelope, .. } => Some(envelope.id),
            Self::Request { .. } | Self::Job(_) | Self::System => None,
        }
    }

    /// What the audit calls it.
    pub(crate) fn label(&self) -> String {
        match self {
            Self::Request { method, .. } => format!("request:{method}"),
            Self::Event { consumer, .. } => format!("event:{consumer}"),
            Self::Job(job) => format!("job:{}", job.kind),
            Self::System => "system".to_owned(),
        }
    }
}
