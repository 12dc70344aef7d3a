//! A world for a test: the service, what its peers know, callers, and what other services say.

mod asking;
mod hearing;
mod peers;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use tempfile::TempDir;
use tonic::Status;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;
use uuid::Uuid;
use visits_core::{Actor, Role};
use visits_durable::sea_orm::{ConnectionTrait as _, Statement};
use visits_durable::{AuditEntry, Durable};
use visits_letters::domain::Policy;
use visits_letters::link::Links;
use visits_letters::mailbox::FolderMailbox;
use visits_letters::{SERVICE, Setup, build, migrations};
use visits_proto::letters::v1::letters_service_client::LettersServiceClient;
use visits_proto::letters::v1::{self as wire, Letter};
use visits_proto::recording::v1::Area;
use visits_runtime::{Deps, ResumeTokens, from_status};
use visits_testkit::host::Bearer;
use visits_testkit::{Bench, Database, Host};

use peers::peers;

pub type Client = LettersServiceClient<InterceptedService<Channel, Bearer>>;
pub type Answer = Result<Letter, Status>;

pub const SCHOOL: &str = "Appleby & <b>Good</b> Primary School";
pub const URN: &str = "123166";

/// What the peers answer.
pub struct Known {
    /// The points agreed with the school.
    pub points: Vec<(Area, String)>,
    /// How often content or findings were asked for.
    pub fetches: u32,
}

pub struct World {
    pub bench: Bench,
    pub durable: Durable,
    pub pages: Router,
    mailbox: TempDir,
    known: Arc<Mutex<Known>>,
    host: Host,
    sequences: Mutex<HashMap<Uuid, i64>>,
    requests: Mutex<u128>,
}

struct Started {
    durable: Durable,
    host: Host,
    pages: Router,
}

async fn start(bench: &mut Bench, known: &Arc<Mutex<Known>>, mailbox: PathBuf) -> Started {
    let mut host = Host::new(bench);
    let durable = bench.durable(SERVICE, migrations).await;
    let built = build(Deps {
        durable: durable.clone(),
        peers: host.peers(SERVICE),
        policy: Setup {
            policy: Policy::standard().expect("policy"),
            links: Links::new([9; 32], "https://letters.example"),
            mailbox: Arc::new(FolderMailbox::new(mailbox)),
        },
        resume: ResumeTokens::new([1; 32]),
        going_away: host.going_away.clone(),
    });
    bench.add(built.parts).await;
    host.serve([built.routes, peers(known).routes()]);
    let pages = built.pages.expect("pages").routes.into_axum_router();
    Started {
        durable,
        host,
        pages,
    }
}

impl World {
    /// The evening of a visit on Tuesday 13 October 2020.
    pub async fn new(database: Database) -> Self {
        let mut bench = database.bench("2020-10-13T14:40:00Z");
        let known = Arc::new(Mutex::new(Known {
            points: vec![
                (Area::Curriculum, "Pupils read every day.".into()),
                (Area::AttendanceAndBehaviour, "Most pupils are back.".into()),
            ],
            fetches: 0,
        }));
        let mailbox = tempfile::tempdir().expect("a folder");
        let started = start(&mut bench, &known, mailbox.path().to_owned()).await;
        Self {
            bench,
            durable: started.durable,
            pages: started.pages,
            mailbox,
            known,
            host: started.host,
            sequences: Mutex::default(),
            requests: Mutex::default(),
        }
    }

    /// Ends the service as a kill would, and starts it over what it left.
    pub async fn restart(&mut self) {
        self.bench.kill();
        let started = start(&mut self.bench, &self.known, self.mailbox.path().to_owned()).await;
        self.durable = started.durable;
        self.host = started.host;
        self.pages = started.pages;
    }

    pub fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn client(&self, principal: &str, role: Role) -> Client {
        LettersServiceClient::new(self.host.caller(Actor::new(principal, role)))
    }

    pub fn lead(&self) -> Client {
        self.client("HMI-001", Role::Hmi)
    }

    pub fn publisher(&self) -> Client {
        self.client("publisher-1", Role::Publisher)
    }

    pub fn stranger(&self) -> LettersServiceClient<Channel> {
        LettersServiceClient::new(self.host.stranger())
    }

    /// A new `request_id`.
    pub fn request(&self) -> String {
        let mut last = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        *last += 1;
        Uuid::from_u128(*last).to_string()
    }

    /// Loses every armed job, as no step ever does.
    pub async fn lose_jobs(&self) {
        let sql = "UPDATE jobs SET state = 'cancelled' WHERE state = 'armed'";
        let lost = self.durable.reads().execute_unprepared(sql).await;
        lost.expect("the jobs are lost");
    }

    /// The messages in the mailbox: name and text, in order.
    pub fn messages(&self) -> Vec<(String, String)> {
        let mut messages: Vec<(String, String)> = std::fs::read_dir(self.mailbox.path())
            .expect("the mailbox")
            .map(|entry| {
                let path = entry.expect("an entry").path();
                let name = path
                    .file_name()
                    .expect("a name")
                    .to_string_lossy()
                    .into_owned();
                (name, std::fs::read_to_string(path).expect("a message"))
            })
            .collect();
        messages.sort();
        messages
    }

    /// The path of the link in the latest message whose name has `part`.
    pub fn link(&self, part: &str) -> String {
        let messages = self.messages();
        let (_, text) = messages
            .iter()
            .rfind(|(name, _)| name.contains(part))
            .expect("a message");
        let line = text
            .lines()
            .find(|line| line.starts_with("https://"))
            .expect("a link");
        line.trim_start_matches("https://letters.example")
            .to_owned()
    }

    /// The full names of what the service has said, without their package.
    pub async fn said(&self) -> Vec<String> {
        self.bench.settle().await;
        let feed = self
            .durable
            .feed()
            .after(0, "letters.letter")
            .await
            .expect("the feed");
        feed.iter()
            .map(|entry| entry.event_type.rsplit('.').next().unwrap_or("").to_owned())
            .collect()
    }

    /// Every row of the audit.
    pub async fn audit(&self) -> Vec<AuditEntry> {
        self.bench.settle().await;
        self.durable.audit_page(None, 0).await.expect("the audit")
    }

    /// Whether any text of the database holds that one.
    pub async fn database_holds(&self, text: &str) -> bool {
        let columns = [
            ("body", "letters"),
            ("body", "letter_grounds"),
            ("hash", "letter_links"),
            ("payload", "jobs"),
            ("note", "jobs"),
            ("answer", "requests"),
            ("detail", "audit"),
            ("data", "outbox"),
        ];
        for (column, table) in columns {
            if self.column_holds(column, table, text).await {
                return true;
            }
        }
        false
    }

    /// Whether anything that the service said holds that text.
    pub async fn outbox_holds(&self, text: &str) -> bool {
        self.column_holds("data", "outbox", text).await
    }

    async fn column_holds(&self, column: &str, table: &str, text: &str) -> bool {
        let sql = format!(
            "SELECT count(*) AS found FROM {table} WHERE CAST({column} AS TEXT) LIKE '%{text}%'"
        );
        let asked = Statement::from_string(self.durable.reads().get_database_backend(), sql);
        let row = self.durable.reads().query_one_raw(asked).await;
        let row = row.expect("a column").expect("a row");
        row.try_get::<i64>("", "found").expect("a count") > 0
    }

    /// Nothing is left to do and nothing is parked.
    pub async fn assert_settled(&self) {
        self.bench.settle().await;
        let health = self.durable.health().await.expect("health");
        assert!(health.is_settled(), "{health:?}");
    }
}

pub const VISIT: Uuid = Uuid::from_u128(0x0175_0000_0000_7000_8000_0000_0000_0001);
pub const CASE: Uuid = Uuid::from_u128(0x0175_0000_0000_7000_8000_0000_0000_00ca);

pub fn visit() -> String {
    format!("visits/{VISIT}")
}

pub fn case() -> String {
    format!("cases/{CASE}")
}

pub fn school() -> String {
    format!("schools/{URN}")
}

pub fn text(words: &str) -> wire::LetterText {
    wire::LetterText {
        title: "Letter about the visit".into(),
        sections: vec![wire::Section {
            heading: "Curriculum".into(),
            paragraphs: vec![words.into()],
        }],
    }
}

/// The reason that a refusal gives.
pub fn reason(answer: Answer) -> &'static str {
    from_status(&answer.expect_err("a refusal")).reason
}
