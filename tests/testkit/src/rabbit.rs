//! A private RabbitMQ for the tests: Debian's binaries, a data folder, node name and ports of its
//! own, so that tests may kill it.
//!
//! [`new_vhost`] gives a test a virtual host of its own on the broker that the whole run shares;
//! [`Broker::start`] gives it a broker of its own. `VISITS_TEST_RABBITMQ_URL`
//! (`amqp://user:password@host:5672`) names another broker to share; virtual hosts are made by its
//! management API, on port 15672 or at `VISITS_TEST_RABBITMQ_MANAGEMENT_URL`. Tests that kill their
//! broker or read its innermost state start one of their own in any case.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use visits_core::{Clock as _, IdSource as _, RandomIds, SystemClock};

use crate::ports;

mod given;

const BINARIES: &str = "/usr/lib/rabbitmq/bin";
/// Elects where nobody leads, and says how many queues it found without a leader.
const ELECT: &str = include_str!("../../../deploy/rabbitmq/elect.erl");
const BOOT_TAKES_AT_MOST: Duration = Duration::from_secs(120);
const ELECTIONS_MAX: u32 = 30;
const ELECTION_TAKES: Duration = Duration::from_secs(1);
const HOW_TO: &str = "no RabbitMQ found: `apt-get install rabbitmq-server`, or name one in \
                      VISITS_TEST_RABBITMQ_URL";

/// A broker of one's own: a folder and the ports that it has.
#[derive(Clone, Debug)]
pub struct Broker {
    folder: PathBuf,
    port: u16,
    /// For the runtime's own traffic between node and `rabbitmqctl`.
    inner_port: u16,
}

impl Broker {
    /// Starts a broker that keeps its data in `folder`, with what an earlier life left there.
    #[must_use]
    pub fn start(folder: &Path) -> Self {
        assert!(Path::new(BINARIES).exists(), "{HOW_TO}");
        fs::create_dir_all(folder).expect("a folder for the broker");
        let (port, inner_port) = ports_in(folder).unwrap_or_else(|| (free_port(), free_port()));
        fs::write(folder.join("ports"), format!("{port} {inner_port}"))
            .expect("ports written down");
        let broker = Self {
            folder: folder.to_owned(),
            port,
            inner_port,
        };
        broker.configure();
        broker.boot();
        broker
    }

    fn configure(&self) {
        let settings = format!(
            "listeners.tcp.1 = 127.0.0.1:{}\nloopback_users.guest = false\nheartbeat = 10\n\
             log.file.level = warning\n",
            self.port
        );
        fs::write(self.folder.join("rabbitmq.conf"), settings).expect("the broker's settings");
        fs::write(self.folder.join("enabled_plugins"), "[].").expect("no plugins");
    }

    fn command(&self, program: &str) -> Command {
        self.environment(Command::new(Path::new(BINARIES).join(program)))
    }

    /// With its folder, its name and its ports.
    fn environment(&self, mut command: Command) -> Command {
        let in_folder = |name: &str| self.folder.join(name);
        command
            .current_dir(&self.folder)
            .env("ERL_CRASH_DUMP", in_folder("erl_crash.dump"))
            .env("HOME", &self.folder)
            .env(
                "RABBITMQ_NODENAME",
                format!("visits{}@localhost", self.port),
            )
            .env("RABBITMQ_DIST_PORT", self.inner_port.to_string())
            .env("RABBITMQ_MNESIA_BASE", in_folder("mnesia"))
            .env("RABBITMQ_LOG_BASE", in_folder("log"))
            .env("RABBITMQ_CONFIG_FILE", in_folder("rabbitmq"))
            .env("RABBITMQ_CONF_ENV_FILE", in_folder("no-env.conf"))
            .env(
                "RABBITMQ_ENABLED_PLUGINS_FILE",
                in_folder("enabled_plugins"),
            )
            .env("RABBITMQ_PID_FILE", in_folder("pid"))
            .env("ERL_EPMD_ADDRESS", "127.0.0.1")
            .stdin(Stdio::null());
        command
    }

    fn boot(&self) {
        let pid_file = self.folder.join("pid");
        let _ = fs::remove_file(&pid_file);
        self.command("rabbitmq-server")
            .arg("-detached")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap_or_else(|error| panic!("can't run the broker: {error}; {HOW_TO}"));
        let given_up = Instant::now() + BOOT_TAKES_AT_MOST;
        loop {
            let said = self.eval("rabbit:is_booted().");
            if said.as_deref().is_ok_and(|said| said == "true") {
                return;
            }
            assert!(
                Instant::now() < given_up,
                "the broker did not start; its log is in {}: {said:?}",
                self.folder.join("log").display()
            );
            thread::sleep(Duration::from_millis(100));
        }
    }

    /// Runs `rabbitmqctl`.
    #[must_use]
    pub fn control(&self, arguments: &[&str]) -> Output {
        self.command("rabbitmqctl")
            .args(arguments)
            .output()
            .unwrap_or_else(|error| panic!("can't run rabbitmqctl: {error}; {HOW_TO}"))
    }

    /// `kill -9`. The data stays.
    pub fn kill(&self) {
        let pid = fs::read_to_string(self.folder.join("pid")).expect("the broker's pid");
        let killed = Command::new("kill").args(["-9", pid.trim()]).status();
        assert!(
            killed.is_ok_and(|status| status.success()),
            "no broker to kill"
        );
        while TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// What an Erlang expression is to the broker itself, as text. By `erl_call`, which comes with the
    /// runtime and takes milliseconds: `rabbitmqctl` starts a runtime of its own each time, which is
    /// twenty seconds where the load keeps all cores busy.
    ///
    /// # Errors
    /// If the broker isn't there, or what it says instead of a value.
    pub fn eval(&self, expression: &str) -> io::Result<String> {
        let mut asking = self.environment(Command::new("erl_call"));
        let mut asking = asking
            .args(["-address", &format!("127.0.0.1:{}", self.inner_port)])
            .args(["-R", "-e"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut input = asking.stdin.take().expect("it was asked for");
        // An expression ends with a full stop and a space.
        writeln!(input, "{expression}")?;
        drop(input);
        let said = asking.wait_with_output()?;
        let text = String::from_utf8_lossy(&said.stdout);
        let value = text.trim().strip_prefix("{ok, ");
        let value = value.and_then(|value| value.strip_suffix('}'));
        value
            .map(str::to_owned)
            .ok_or_else(|| io::Error::other(format!("{expression}: {said:?}")))
    }

    /// Starts it again on the data that it left, and heals it.
    pub fn restart(&self) {
        self.boot();
        self.heal();
    }

    /// Lets each queue that nobody leads elect a leader, as the deployment's health check does
    /// (docs/backbone.md).
    pub fn heal(&self) {
        for _ in 0..ELECTIONS_MAX {
            let leaderless = self.eval(ELECT).expect("the broker's queues");
            if leaderless == "0" {
                return;
            }
            thread::sleep(ELECTION_TAKES);
        }
        panic!("a queue of the broker has no leader after {ELECTIONS_MAX} elections");
    }

    /// The URL of its default virtual host.
    #[must_use]
    pub fn url(&self) -> String {
        format!("amqp://guest:guest@127.0.0.1:{}/%2f", self.port)
    }

    /// A new virtual host and its URL.
    #[must_use]
    pub fn new_vhost(&self) -> String {
        let name = new_name();
        let make = format!(
            "rabbit_vhost:add(<<\"{name}\">>, <<\"tests\">>), \
             rabbit_auth_backend_internal:set_permissions(<<\"guest\">>, <<\"{name}\">>, \
             <<\".*\">>, <<\".*\">>, <<\".*\">>, <<\"tests\">>)."
        );
        self.eval(&make).expect("a virtual host");
        format!("amqp://guest:guest@127.0.0.1:{}/{name}", self.port)
    }
}

/// The URL of a virtual host of the test's own, on the broker that all tests of a run share.
#[must_use]
pub fn new_vhost() -> String {
    match std::env::var("VISITS_TEST_RABBITMQ_URL") {
        Ok(url) => given::new_vhost(&url),
        Err(_) => shared().new_vhost(),
    }
}

/// The broker that all tests of a run share; the first that asks starts it.
#[must_use]
pub fn shared() -> Broker {
    let folder = std::env::temp_dir().join("interim-visits-rabbitmq");
    fs::create_dir_all(&folder).expect("a folder for the test broker");
    let lock = File::create(folder.join("lock")).expect("a lock file");
    lock.lock().expect("the lock");
    let running =
        ports_in(&folder).filter(|(port, _)| TcpStream::connect(("127.0.0.1", *port)).is_ok());
    if let Some((port, inner_port)) = running {
        return Broker {
            folder,
            port,
            inner_port,
        };
    }
    // What an earlier run left is of no use: virtual hosts are the tests' own.
    let _ = fs::remove_dir_all(folder.join("mnesia"));
    let _ = fs::remove_file(folder.join("ports"));
    Broker::start(&folder)
}

fn new_name() -> String {
    format!("t{}", RandomIds.next(SystemClock::new().now()).simple())
}

fn ports_in(folder: &Path) -> Option<(u16, u16)> {
    let ports = fs::read_to_string(folder.join("ports")).ok()?;
    let (port, inner_port) = ports.split_once(' ')?;
    Some((port.parse().ok()?, inner_port.parse().ok()?))
}

fn free_port() -> u16 {
    ports::free().expect("a free port")
}
