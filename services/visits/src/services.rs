//! The services that this process holds, in one place: their defaults, their policies, their
//! builders.

use std::path::Path;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tonic::transport::Channel;
use visits_core::{Clock, Fault, IdSource};
use visits_durable::ServiceParts;
use visits_runtime::auth::Issuer;
use visits_runtime::settings::{Problems, Settings};
use visits_runtime::{Built, ResumeTokens};

/// The embedded defaults of every service.
pub(crate) const DEFAULTS: [&str; 0] = [];

/// Lets each service's section check itself.
pub(crate) fn check(_settings: &Settings, _problems: &mut Problems) {}

/// What every service is opened with.
#[expect(dead_code, reason = "no service can be opened yet")]
pub(crate) struct Opening<'a> {
    pub(crate) data: &'a Path,
    pub(crate) settings: &'a Settings,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdSource>,
    pub(crate) issuer: Arc<Issuer>,
    pub(crate) channel: Channel,
    pub(crate) resume: ResumeTokens,
    pub(crate) going_away: CancellationToken,
}

/// Opens every service, each with a database of its own in the data folder.
pub(crate) async fn open(_opening: &Opening<'_>) -> Result<Vec<Built<ServiceParts>>, Fault> {
    Ok(Vec::new())
}
