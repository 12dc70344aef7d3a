//! The services that this process holds, in one place: their defaults, their policies, their
//! builders.

use std::path::Path;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tonic::transport::Channel;
use visits_core::{Clock, Fault, IdSource};
use visits_durable::sea_orm_migration::MigrationTrait;
use visits_durable::{Durable, ServiceParts, Settings as Database};
use visits_runtime::auth::Issuer;
use visits_runtime::peers::{Peers, ServiceToken};
use visits_runtime::settings::{Problems, Settings};
use visits_runtime::{Built, Deps, ResumeTokens, secrets};

/// The embedded defaults of every service.
pub(crate) const DEFAULTS: [&str; 5] = [
    visits_scheduling::DEFAULTS,
    visits_recording::DEFAULTS,
    visits_escalation::DEFAULTS,
    visits_letters::DEFAULTS,
    visits_insights::DEFAULTS,
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

/// What every service is opened with.
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

impl Opening<'_> {
    async fn deps<P>(
        &self,
        service: &'static str,
        migrations: Migrations,
        policy: P,
    ) -> Result<Deps<Durable, P>, Fault> {
        let database = Database {
            service,
            url: sqlite_url(&self.data.join(format!("{service}.db"))),
        };
        let (clock, ids) = (self.clock.clone(), self.ids.clone());
        let durable = Durable::open(database, migrations, clock, ids).await?;
        let token = ServiceToken::new(service, self.issuer.clone(), self.clock.clone());
        Ok(Deps {
            durable,
            peers: Peers::local(self.channel.clone(), token),
            policy,
            resume: self.resume.clone(),
            going_away: self.going_away.clone(),
        })
    }
}

/// Opens every service, each with a database of its own in the data folder.
pub(crate) async fn open(opening: &Opening<'_>) -> Result<Vec<Built<ServiceParts>>, Fault> {
    Ok(vec![
        scheduling(opening).await?,
        recording(opening).await?,
        escalation(opening).await?,
        letters(opening).await?,
        insights(opening).await?,
    ])
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
    use visits_escalation::{SERVICE, build, migrations};
    let policy = opening.settings.section(SERVICE)?;
    Ok(build(opening.deps(SERVICE, migrations, policy).await?))
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

/// The address of a SQLite file; what would end the path in an address is spelt out.
fn sqlite_url(file: &Path) -> String {
    let mut url = String::from("sqlite://");
    for c in file.to_string_lossy().chars() {
        match c {
            '%' => url.push_str("%25"),
            '?' => url.push_str("%3F"),
            '#' => url.push_str("%23"),
            other => url.push(other),
        }
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_with_signs_of_an_address_stays_a_path() {
        let url = sqlite_url(Path::new("/tmp/term 1? 50%#/a.db"));
        assert_eq!(url, "sqlite:///tmp/term 1%3F 50%25%23/a.db");
    }

    #[test]
    fn the_embedded_configuration_has_no_problems() {
        let settings = crate::config::embedded().expect("settings");
        assert_eq!(crate::config::check(&settings), Ok(()));
    }
}
