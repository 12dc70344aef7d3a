//! The services that this process holds, in one place: their defaults, their policies, their
//! builders.

use std::path::Path;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tonic::transport::Channel;
use visits_core::{Clock, Fault, IdSource, RandomIds, SystemClock};
use visits_durable::sea_orm_migration::MigrationTrait;
use visits_durable::{Durable, ServiceParts, Settings as Database};
use visits_runtime::auth::Issuer;
use visits_runtime::peers::{Peers, ServiceToken};
use visits_runtime::settings::{Problems, Settings};
use visits_runtime::{Built, Deps, ResumeTokens, secrets};

use crate::deployment::Deployment;

/// The embedded defaults of every service.
pub(crate) const DEFAULTS: [&str; 5] = [
    visits_scheduling::DEFAULTS,
    visits_recording::DEFAULTS,
    visits_escalation::DEFAULTS,
    visits_letters::DEFAULTS,
    visits_insights::DEFAULTS,
];

/// Their names, in the order in which they are opened.
pub(crate) const NAMES: [&str; 5] = [
    visits_scheduling::SERVICE,
    visits_recording::SERVICE,
    visits_escalation::SERVICE,
    visits_letters::SERVICE,
    visits_insights::SERVICE,
];

/// The file in the data folder that keeps the key of insights' pseudonyms (M11).
const PSEUDONYM_KEY_FILE: &str = "insights-pseudonym.key";

type Migrations = fn() -> Vec<Box<dyn MigrationTrait>>;

/// Lets each service's section check itself.
pub(crate) fn check(settings: &Settings, problems: &mut Problems) {
    let found = [
        settings
            .section::<visits_scheduling::Policy>(visits_scheduling::SERVICE)
            .err(),
        settings
            .section::<visits_recording::Policy>(visits_recording::SERVICE)
            .err(),
        settings
            .section::<visits_escalation::Policy>(visits_escalation::SERVICE)
            .err(),
        settings
            .section::<visits_letters::Config>(visits_letters::SERVICE)
            .err(),
        settings
            .section::<visits_insights::Config>(visits_insights::SERVICE)
            .err(),
    ];
    for found in found.into_iter().flatten() {
        problems.extend(found);
    }
}

/// The names in one sentence.
pub(crate) fn names() -> String {
    NAMES.join(", ")
}

/// The name of a service's gRPC service, as grpc.health.v1 knows it.
pub(crate) fn grpc_name(service: &str) -> &'static str {
    match service {
        visits_scheduling::SERVICE => "ofsted.visits.scheduling.v1.SchedulingService",
        visits_recording::SERVICE => "ofsted.visits.recording.v1.RecordingService",
        visits_escalation::SERVICE => "ofsted.visits.escalation.v1.EscalationService",
        visits_letters::SERVICE => "ofsted.visits.letters.v1.LettersService",
        _ => "ofsted.visits.insights.v1.InsightsService",
    }
}

/// The services that those of this process call and that other processes hold.
pub(crate) fn needed_by(held: &[&str]) -> Vec<&'static str> {
    let calls = |service: &str| -> &'static [&'static str] {
        match service {
            visits_scheduling::SERVICE => &["escalation"],
            visits_recording::SERVICE | visits_escalation::SERVICE => &["scheduling"],
            visits_letters::SERVICE => &["scheduling", "recording", "escalation"],
            _ => &["scheduling", "recording"],
        }
    };
    let is_called = |name: &&str| held.iter().any(|service| calls(service).contains(name));
    let elsewhere = NAMES.into_iter().filter(|name| !held.contains(name));
    elsewhere.filter(is_called).collect()
}

/// The keys of services of this process that are left to be made at first start, which every
/// replica would do for itself.
pub(crate) fn keys_missing(held: &[&str], settings: &Settings) -> Vec<&'static str> {
    let mut missing = Vec::new();
    let letters = settings.section::<visits_letters::Config>(visits_letters::SERVICE);
    if held.contains(&visits_letters::SERVICE) && letters.is_ok_and(|c| c.link_key.is_empty()) {
        missing.push("letters.link_key");
    }
    let insights = settings.section::<visits_insights::Config>(visits_insights::SERVICE);
    if held.contains(&visits_insights::SERVICE)
        && insights.is_ok_and(|c| c.pseudonym_key.is_empty())
    {
        missing.push("insights.pseudonym_key");
    }
    missing
}

/// Brings the databases of this process' services up to date and lets go of them.
pub(crate) async fn migrate(deployment: &Deployment, data: &Path) -> Result<(), Fault> {
    for service in &deployment.held {
        let database = Database::new(service, deployment.database(service, data));
        let migrations: Migrations = match *service {
            visits_scheduling::SERVICE => visits_scheduling::migrations,
            visits_recording::SERVICE => visits_recording::migrations,
            visits_escalation::SERVICE => visits_escalation::migrations,
            visits_letters::SERVICE => visits_letters::migrations,
            _ => visits_insights::migrations,
        };
        // No step is made, so that it does not matter which clock this is.
        let (clock, ids) = (Arc::new(SystemClock::new()), Arc::new(RandomIds));
        let durable = Durable::open(database, migrations, clock, ids).await?;
        durable.close().await?;
    }
    Ok(())
}

/// What every service is opened with.
pub(crate) struct Opening<'a> {
    pub(crate) data: &'a Path,
    pub(crate) settings: &'a Settings,
    pub(crate) deployment: &'a Deployment,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdSource>,
    pub(crate) issuer: Arc<Issuer>,
    pub(crate) channel: Channel,
    pub(crate) resume: ResumeTokens,
    pub(crate) going_away: CancellationToken,
}

impl Opening<'_> {
    async fn deps<P>(
        &self,
        service: &'static str,
        migrations: Migrations,
        policy: P,
    ) -> Result<Deps<Durable, P>, Fault> {
        let url = self.deployment.database(service, self.data);
        let database = Database::new(service, url);
        let (clock, ids) = (self.clock.clone(), self.ids.clone());
        let durable = Durable::open(database, migrations, clock, ids).await?;
        let token = ServiceToken::new(service, self.issuer.clone(), self.clock.clone());
        let peers = Peers::local(self.channel.clone(), token);
        Ok(Deps {
            durable,
            peers: peers.with_remote(&self.deployment.remote_peers())?,
            policy,
            resume: self.resume.clone(),
            going_away: self.going_away.clone(),
        })
    }
}

/// Opens the services of this process, each on a database of its own.
pub(crate) async fn open(opening: &Opening<'_>) -> Result<Vec<Built<ServiceParts>>, Fault> {
    let mut built = Vec::new();
    for service in &opening.deployment.held {
        built.push(match *service {
            visits_scheduling::SERVICE => scheduling(opening).await?,
            visits_recording::SERVICE => recording(opening).await?,
            visits_escalation::SERVICE => escalation(opening).await?,
            visits_letters::SERVICE => letters(opening).await?,
            _ => insights(opening).await?,
        });
    }
    Ok(built)
}

async fn scheduling(opening: &Opening<'_>) -> Result<Built<ServiceParts>, Fault> {
    use visits_scheduling::{SERVICE, build, migrations};
    let policy = opening.settings.section(SERVICE)?;
    Ok(build(opening.deps(SERVICE, migrations, policy).await?))
}

async fn recording(opening: &Opening<'_>) -> Result<Built<ServiceParts>, Fault> {
    use visits_recording::{SERVICE, build, migrations};
    let policy = opening.settings.section(SERVICE)?;
    Ok(build(opening.deps(SERVICE, migrations, policy).await?))
}

async fn escalation(opening: &Opening<'_>) -> Result<Built<ServiceParts>, Fault> {
    use visits_escalation::{Policy, SERVICE, Setup, build, migrations};
    let policy: Policy = opening.settings.section(SERVICE)?;
    let setup = Setup::open(&policy, opening.data);
    Ok(build(opening.deps(SERVICE, migrations, setup).await?))
}

async fn letters(opening: &Opening<'_>) -> Result<Built<ServiceParts>, Fault> {
    use visits_letters::{Config, SERVICE, Setup, build, migrations};
    let config: Config = opening.settings.section(SERVICE)?;
    let setup = Setup::open(&config, opening.data)?;
    Ok(build(opening.deps(SERVICE, migrations, setup).await?))
}

async fn insights(opening: &Opening<'_>) -> Result<Built<ServiceParts>, Fault> {
    use visits_insights::{Config, SERVICE, build, migrations};
    let config: Config = opening.settings.section(SERVICE)?;
    let key = opening.data.join(PSEUDONYM_KEY_FILE);
    let policy = config.into_policy(|| secrets::load_or_create(&key))?;
    Ok(build(opening.deps(SERVICE, migrations, policy).await?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_configuration_has_no_problems() {
        let settings = crate::config::embedded().expect("settings");
        assert_eq!(crate::config::check(&settings), Ok(()));
    }

    #[test]
    fn health_knows_every_service_by_the_name_in_its_contract() {
        for service in NAMES {
            assert!(grpc_name(service).starts_with(&format!("ofsted.visits.{service}.v1.")));
        }
    }
}
