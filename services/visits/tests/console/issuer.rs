//! A real OpenID Connect issuer (`tests/sign-in`), a host that believes it, and browsers that go
//! back and forth between it and the console.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use visits::config;
use visits::host::{Host, HostOptions};
use visits_console::Config;
use visits_core::{Clock as _, ManualClock, RandomIds, SystemClock};

use crate::browser::{Answer, Browser};

/// How long the issuer's access tokens are good, in seconds.
pub const TOKEN_SECONDS: i64 = 600;

/// The issuer, until it is dropped.
struct Issuer {
    process: Child,
    output: BufReader<ChildStdout>,
    address: SocketAddr,
}

impl Issuer {
    fn start(console: SocketAddr) -> Self {
        let start = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/sign-in/start");
        let told = json!({"console": format!("http://{console}"), "token_seconds": TOKEN_SECONDS});
        let mut process = Command::new(&start)
            .arg(told.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("tests/sign-in/start runs");
        let mut output = BufReader::new(process.stdout.take().expect("its output"));
        let address = line(&mut output);
        let address = address.strip_prefix("http://").unwrap_or_else(|| {
            panic!(
                "the issuer says where it answers; if not, it has said what is missing: {address:?}"
            )
        });
        Self {
            address: address.parse().expect("an address"),
            process,
            output,
        }
    }

    /// Who signs in next.
    fn expect(&mut self, who: &Value) {
        let input = self.process.stdin.as_mut().expect("its input");
        writeln!(input, "{who}").expect("told");
        assert_eq!(line(&mut self.output), "ready");
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn line(output: &mut BufReader<ChildStdout>) -> String {
    let mut line = String::new();
    output.read_line(&mut line).expect("a line");
    line.trim_end().to_owned()
}

/// The issuer, the services and the console.
pub struct Place {
    issuer: Issuer,
    pub clock: ManualClock,
    pub console: SocketAddr,
    settings: PathBuf,
    host: Option<Host>,
    folder: TempDir,
}

/// All of it, at the time of the machine's clock, which the test drives from there.
pub async fn begin() -> Place {
    let (mut place, listener) = prepared().await;
    let console = place.open_host().await;
    let host = place.host.as_ref().expect("running");
    host.listen_console(listener, console)
        .await
        .expect("the console");
    place
}

/// The issuer and the services at a port of their own. The console's port, which the issuer knows,
/// is left to a process of its own.
pub async fn begin_without_console() -> (Place, SocketAddr) {
    let (mut place, _) = prepared().await;
    place.open_host().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("port");
    let services = listener.local_addr().expect("address");
    place.host.as_ref().expect("running").listen(listener);
    (place, services)
}

async fn prepared() -> (Place, TcpListener) {
    let folder = tempfile::tempdir().expect("a folder");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("port");
    let console = listener.local_addr().expect("address");
    let issuer = Issuer::start(console);
    let settings = folder.path().join("visits.toml");
    let text = format!(
        "[identity]\nissuer = \"http://{}\"\n\
         [identity.roles]\nhmi = [\"inspector\"]\nduty_desk = [\"desk\"]\n\
         [console]\nclient_secret = \"the secret of the tests\"\n",
        issuer.address
    );
    std::fs::write(&settings, text).expect("written");
    let place = Place {
        issuer,
        clock: ManualClock::new(SystemClock::new().now()),
        console,
        settings,
        host: None,
        folder,
    };
    (place, listener)
}

impl Place {
    /// Opens the services, and gives the console's section.
    async fn open_host(&mut self) -> Config {
        let settings = config::load(Some(&self.settings), &[]).expect("settings");
        config::check(&settings).expect("good settings");
        let console: Config = settings.section(Config::SECTION).expect("the console's");
        let host = Host::open(HostOptions {
            data: self.folder.path().join("data"),
            settings,
            clock: Arc::new(self.clock.clone()),
            ids: Arc::new(RandomIds),
        });
        self.host = Some(host.await.expect("opened"));
        console
    }

    /// The file with the settings of this place.
    pub fn settings(&self) -> &Path {
        &self.settings
    }

    /// Stops everything but the issuer, and starts it again on the same data and port.
    pub async fn start_again(&mut self) {
        let host = self.host.take().expect("running");
        host.close().await.expect("closed");
        let listener = TcpListener::bind(self.console).await.expect("the port");
        let console = self.open_host().await;
        let host = self.host.as_ref().expect("running");
        host.listen_console(listener, console)
            .await
            .expect("the console");
    }

    /// Who signs in next, with which of the issuer's words for roles.
    pub fn expect(&mut self, sub: &str, roles: &[&str]) {
        self.issuer.expect(&json!({"sub": sub, "roles": roles}));
    }

    /// Whoever is asked next breaks off.
    pub fn expect_a_refusal(&mut self) {
        self.issuer.expect(&json!({"deny": true}));
    }

    pub fn somebody(&self) -> Person {
        Person {
            here: Browser::new(self.console),
            there: Browser::new(self.issuer.address),
        }
    }

    /// Somebody with a browser of their own, who has signed in.
    pub async fn signed_in(&mut self, sub: &str, roles: &[&str]) -> Person {
        self.expect(sub, roles);
        let mut person = self.somebody();
        person.sign_in("/queue").await;
        assert_eq!(person.here.page.status, 200, "{}", person.here.page.text());
        person
    }
}

/// One browser: its cookies of the console, and those of the issuer.
pub struct Person {
    pub here: Browser,
    pub there: Browser,
}

impl Person {
    /// Asks for a page, signs in at the issuer, and follows where that leads.
    pub async fn sign_in(&mut self, page: &str) -> &Answer {
        let place = self.sent_to_issuer(page).await;
        let back = self.through_issuer(&place).await;
        self.here.open(&back).await
    }

    /// Asks for a page, and is sent to the issuer.
    pub async fn sent_to_issuer(&mut self, page: &str) -> String {
        let first = self.here.send("GET", page, &[], "").await;
        assert_eq!(first.status, 303, "{}", first.text());
        let sign_in = first.header("location").to_owned();
        let answer = self.here.send("GET", &sign_in, &[], "").await;
        let place = answer.header("location").to_owned();
        assert!(place.contains("/auth?"), "{place:?}");
        place
    }

    /// Signs in at the issuer; gives the address of the console that it sends the browser back to.
    pub async fn through_issuer(&mut self, place: &str) -> String {
        let (here, there) = (self.here.address, self.there.address);
        let mut place = place.to_owned();
        loop {
            let path = place.replace(&format!("http://{there}"), "");
            if let Some(back) = path.strip_prefix(&format!("http://{here}")) {
                return back.to_owned();
            }
            let answer = self.there.send("GET", &path, &[], "").await;
            place = answer.header("location").to_owned();
            assert!(!place.is_empty(), "{} {}", answer.status, answer.text());
        }
    }
}
