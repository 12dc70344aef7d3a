//! Which services this process holds, and how it reaches everything else: databases, the bus, the
//! services in other processes, the keys that all of them share.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use tonic::transport::Uri;
use visits_core::Fault;
use visits_runtime::ResumeTokens;
use visits_runtime::auth::Issuer;
use visits_runtime::secrets::Secret;
use visits_runtime::settings::{Problems, Settings, Validate};

use crate::config::ServerConfig;
use crate::services::{self, NAMES};

const RESUME_KEY_FILE: &str = "resume.key";
const LOCAL: &str = "local";

/// This process among the others of its deployment.
#[derive(Clone, Debug)]
pub struct Deployment {
    /// The services of this process.
    pub held: Vec<&'static str>,
    databases: BTreeMap<String, String>,
    bus: String,
    peers: BTreeMap<String, String>,
    tokens: Tokens,
}

impl Deployment {
    /// Reads it from the settings.
    ///
    /// # Errors
    /// Every value that can't be used, and everything that is missing for this process to work
    /// with the others.
    pub fn read(settings: &Settings) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let deployment = Self::found(settings, &mut problems);
        deployment.check(settings, &mut problems);
        problems.finish().map(|()| deployment)
    }

    /// As [`Deployment::read`], for one who only needs to know the databases.
    ///
    /// # Errors
    /// Every value that can't be used.
    pub fn databases(settings: &Settings) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        if let Err(found) = settings.section::<ServerConfig>("server") {
            problems.extend(found);
        }
        let deployment = Self::found(settings, &mut problems);
        problems.finish().map(|()| deployment)
    }

    fn found(settings: &Settings, problems: &mut Problems) -> Self {
        // What the section finds with itself is said where it is checked.
        let held = settings
            .section::<ServerConfig>("server")
            .map_or_else(|_| NAMES.to_vec(), |server| server.held());
        Self {
            held,
            databases: section::<Databases>(settings, "database", problems).0,
            bus: section::<Bus>(settings, "bus", problems).url,
            peers: section::<Peers>(settings, "peers", problems).0,
            tokens: section::<Tokens>(settings, "tokens", problems),
        }
    }

    fn check(&self, settings: &Settings, problems: &mut Problems) {
        if self.holds_all() {
            return;
        }
        problems.require(
            self.bus_url().is_some(),
            "bus.url",
            "must be amqp://… when this process does not hold all services: \
             the local bus ends at the process",
        );
        for peer in services::needed_by(&self.held) {
            let is_given = self.peers.get(peer).is_some_and(|at| !at.is_empty());
            let what = "must say where it answers, as http://host:7400: a service of this \
                        process calls it";
            problems.require(is_given, &format!("peers.{peer}"), what);
        }
        let shared = "must be given, or as …_file, the same in every process of the deployment \
                      (make one with: openssl rand -hex 32)";
        problems.require(!self.tokens.key.is_empty(), "tokens.key", shared);
        let resume_key = &self.tokens.resume_key;
        problems.require(!resume_key.is_empty(), "tokens.resume_key", shared);
        for path in services::keys_missing(&self.held, settings) {
            problems.add(path, shared);
        }
    }

    /// The keys alone: for a client of the deployment, whose configuration may lack the rest.
    ///
    /// # Errors
    /// What is wrong with the keys.
    pub fn keys(settings: &Settings) -> Result<Tokens, Problems> {
        settings.section("tokens")
    }

    /// Whether this process holds every service.
    #[must_use]
    pub fn holds_all(&self) -> bool {
        self.held.len() == NAMES.len()
    }

    /// Where the broker is; `None` for the bus within the process.
    #[must_use]
    pub fn bus_url(&self) -> Option<&str> {
        Some(self.bus.as_str()).filter(|url| *url != LOCAL)
    }

    /// The address of a service's database: a file in `data` unless another is configured.
    #[must_use]
    pub fn database(&self, service: &str, data: &Path) -> String {
        match self.databases.get(service) {
            Some(url) if !url.is_empty() => url.clone(),
            _ => sqlite_url(&data.join(format!("{service}.db"))),
        }
    }

    /// The address of a database that is configured in so many words.
    pub(crate) fn given_database(&self, name: &str) -> Option<String> {
        let given = self.databases.get(name).filter(|url| !url.is_empty());
        given.cloned()
    }

    /// Where a service answers, if that is configured.
    pub(crate) fn peer(&self, name: &str) -> Option<&str> {
        let given = self.peers.get(name).filter(|at| !at.is_empty());
        given.map(String::as_str)
    }

    /// The first PostgreSQL database of this process: the one whose clock it goes by (R20).
    #[must_use]
    pub fn clock_database(&self) -> Option<&str> {
        let mut urls = self
            .held
            .iter()
            .filter_map(|name| self.databases.get(*name));
        urls.find(|url| is_postgres(url)).map(String::as_str)
    }

    /// The addresses of the services that other processes hold.
    #[must_use]
    pub fn remote_peers(&self) -> BTreeMap<String, String> {
        let elsewhere =
            |(name, at): &(&String, &String)| !at.is_empty() && !self.held.contains(&name.as_str());
        let peers = self.peers.iter().filter(elsewhere);
        peers.map(|(name, at)| (name.clone(), at.clone())).collect()
    }

    /// Whether this process is the embedded default: it holds every service, and its keys are its
    /// own.
    #[must_use]
    pub fn is_alone(&self) -> bool {
        self.holds_all() && self.tokens.key.is_empty()
    }

    /// The keys that the processes share.
    #[must_use]
    pub const fn tokens(&self) -> &Tokens {
        &self.tokens
    }
}

/// Whether the address is one of PostgreSQL.
#[must_use]
pub fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}

fn section<T>(settings: &Settings, path: &str, problems: &mut Problems) -> T
where
    T: serde::de::DeserializeOwned + Validate + Default,
{
    settings.section(path).unwrap_or_else(|found| {
        problems.extend(found);
        T::default()
    })
}

#[derive(Default, Deserialize)]
struct Databases(BTreeMap<String, String>);

impl Validate for Databases {
    fn validate(&self, problems: &mut Problems) {
        for (name, url) in &self.0 {
            let fits = url.is_empty() || url.starts_with("sqlite:") || is_postgres(url);
            let what = "must begin with postgres:// or sqlite:, or be empty for a file in the \
                        data folder";
            problems.require(fits, &format!("database.{name}"), what);
        }
    }
}

#[derive(Default, Deserialize)]
struct Bus {
    url: String,
}

impl Validate for Bus {
    fn validate(&self, problems: &mut Problems) {
        let is_broker = self.url.starts_with("amqp://") || self.url.starts_with("amqps://");
        problems.require(
            self.url == LOCAL || is_broker,
            "bus.url",
            "must be \"local\" or amqp://user:password@host:5672/vhost",
        );
    }
}

#[derive(Default, Deserialize)]
struct Peers(BTreeMap<String, String>);

impl Validate for Peers {
    fn validate(&self, problems: &mut Problems) {
        for (name, at) in self.0.iter().filter(|(_, at)| !at.is_empty()) {
            let uri = at.parse::<Uri>().ok();
            let fits = uri.is_some_and(|uri| uri.scheme_str() == Some("http"));
            let what = "must be an address such as http://host:7400";
            problems.require(fits, &format!("peers.{name}"), what);
        }
    }
}

/// The keys that all processes of a deployment share.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Tokens {
    key: Secret,
    resume_key: Secret,
}

impl Tokens {
    /// The issuer of tokens between services; its key is kept in `data` unless one is configured.
    ///
    /// # Errors
    /// `Fatal` if the key can't be read or made.
    pub fn issuer(&self, data: &Path) -> Result<Issuer, Fault> {
        let kept = data.join(Issuer::KEY_FILE);
        Issuer::from_seed(&self.key.key_or_kept(&kept)?)
    }

    /// As [`Tokens::issuer`], for a client, which must not make a key; `None` if there is none.
    ///
    /// # Errors
    /// `Fatal` if the key can't be read.
    pub fn existing_issuer(&self, data: &Path) -> Result<Option<Issuer>, Fault> {
        if self.key.is_empty() && !data.join(Issuer::KEY_FILE).exists() {
            return Ok(None);
        }
        self.issuer(data).map(Some)
    }

    pub(crate) fn resume_tokens(&self, data: &Path) -> Result<ResumeTokens, Fault> {
        let kept = data.join(RESUME_KEY_FILE);
        Ok(ResumeTokens::new(self.resume_key.key_or_kept(&kept)?))
    }
}

impl Validate for Tokens {
    fn validate(&self, problems: &mut Problems) {
        for (path, key) in [
            ("tokens.key", &self.key),
            ("tokens.resume_key", &self.resume_key),
        ] {
            problems.require(
                key.is_empty() || key.is_key(),
                path,
                "must have 64 hexadecimal digits (make them with: openssl rand -hex 32)",
            );
        }
    }
}

/// The address of a SQLite file; what would end the path in an address is spelt out.
pub(crate) fn sqlite_url(file: &Path) -> String {
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

    const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    fn settings(environment: &[(&str, &str)]) -> Settings {
        crate::config::from_environment(environment).expect("well formed")
    }

    fn paths(problems: &Problems) -> Vec<&str> {
        problems.list().iter().map(|p| p.field.as_str()).collect()
    }

    #[test]
    fn a_path_with_signs_of_an_address_stays_a_path() {
        let url = sqlite_url(Path::new("/tmp/term 1? 50%#/a.db"));
        assert_eq!(url, "sqlite:///tmp/term 1%3F 50%25%23/a.db");
    }

    #[test]
    fn one_process_needs_nothing_and_keeps_everything_in_its_folder() {
        let deployment = Deployment::read(&settings(&[])).expect("the default");
        assert!(deployment.holds_all());
        assert_eq!(deployment.bus_url(), None);
        assert_eq!(deployment.clock_database(), None);
        let url = deployment.database("letters", Path::new("/data"));
        assert_eq!(url, "sqlite:///data/letters.db");
    }

    #[test]
    fn a_process_with_fewer_services_is_told_all_that_it_lacks() {
        let alone = settings(&[("VISITS__SERVER__SERVICES", "letters,insights")]);
        let problems = Deployment::read(&alone).expect_err("much");
        let expected = [
            "bus.url",
            "peers.scheduling",
            "peers.recording",
            "peers.escalation",
            "tokens.key",
            "tokens.resume_key",
            "letters.link_key",
            "insights.pseudonym_key",
        ];
        assert_eq!(paths(&problems), expected);
    }

    #[test]
    fn a_process_that_has_all_it_needs_calls_the_others_where_they_are() {
        let deployment = Deployment::read(&settings(&[
            ("VISITS__SERVER__SERVICES", "escalation"),
            ("VISITS__DATABASE__ESCALATION", "postgres://e:pw@db/e"),
            ("VISITS__BUS__URL", "amqp://visits:pw@broker/v"),
            ("VISITS__PEERS__SCHEDULING", "http://scheduling:7401"),
            ("VISITS__PEERS__ESCALATION", "http://escalation:7403"),
            ("VISITS__TOKENS__KEY", KEY),
            ("VISITS__TOKENS__RESUME_KEY", KEY),
        ]))
        .expect("complete");
        assert_eq!(deployment.held, ["escalation"]);
        let peers = deployment.remote_peers();
        assert_eq!(peers.keys().collect::<Vec<_>>(), ["scheduling"]);
        assert_eq!(deployment.clock_database(), Some("postgres://e:pw@db/e"));
    }

    #[test]
    fn addresses_that_are_none_are_named_at_once() {
        let wrong = settings(&[
            ("VISITS__DATABASE__LETTERS", "mysql://db/l"),
            ("VISITS__BUS__URL", "kafka://broker"),
            ("VISITS__PEERS__SCHEDULING", "scheduling:7401"),
            ("VISITS__TOKENS__KEY", "short"),
        ]);
        let problems = Deployment::read(&wrong).expect_err("four");
        let expected = [
            "database.letters",
            "bus.url",
            "peers.scheduling",
            "tokens.key",
        ];
        assert_eq!(paths(&problems), expected);
    }
}
