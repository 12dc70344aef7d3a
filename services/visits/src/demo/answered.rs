//! An answer of a service: what was asked for, or a refusal with its stable reason.

use anyhow::bail;
use tonic::{Response, Status};
use tonic_types::StatusExt as _;

use super::words;
use crate::failure::Failure;

/// What a service said no with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The stable reason, which programs match on.
    pub reason: String,
    /// The words for people, without identifiers.
    pub message: String,
}

impl Refused {
    fn of(status: &Status) -> Self {
        let reason = status
            .get_details_error_info()
            .map_or_else(|| status.code().to_string(), |info| info.reason);
        Self {
            reason,
            message: words::without_ids(status.message()),
        }
    }
}

/// Takes an answer apart.
pub trait Answered<T> {
    /// What was asked for.
    ///
    /// # Errors
    /// The refusal.
    fn granted(self) -> anyhow::Result<T>;

    /// The refusal, which must be for `reason`: otherwise the story would not be true.
    ///
    /// # Errors
    /// If it was granted, or refused for another reason.
    fn refused(self, reason: &str) -> anyhow::Result<Refused>;
}

impl<T> Answered<T> for Result<Response<T>, Status> {
    fn granted(self) -> anyhow::Result<T> {
        Ok(self.map(Response::into_inner).map_err(Failure::from)?)
    }

    fn refused(self, reason: &str) -> anyhow::Result<Refused> {
        let Err(status) = self else {
            bail!("the story needs a refusal for {reason}, and it was granted");
        };
        let refused = Refused::of(&status);
        if refused.reason == reason {
            Ok(refused)
        } else {
            Err(Failure::from(status).into())
        }
    }
}
