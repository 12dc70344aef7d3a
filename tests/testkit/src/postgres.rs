//! A private PostgreSQL for the tests: Debian's binaries, a data folder and port of its own.
//!
//! The first test of a run that needs it starts it, all others find it; each takes a database of
//! its own inside. `VISITS_TEST_POSTGRES_URL` (`postgres://user@host:port`) overrides it. A test
//! that finds no PostgreSQL fails and says how to get one: none is skipped.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};
use sea_orm_migration::MigrationTrait;
use visits_core::{Clock as _, IdSource as _, RandomIds, SystemClock};
use visits_durable::{Durable, Settings};

pub mod cluster;

const FIRST_PORT: u16 = 55_432;
const HOW_TO: &str = "no PostgreSQL found: `apt-get install postgresql-15`, or name one in \
                      VISITS_TEST_POSTGRES_URL";

/// Migrations of a service.
pub type Migrations = fn() -> Vec<Box<dyn MigrationTrait>>;

/// The URL of a new database with the service's tables: a copy of one that was migrated once.
pub async fn new_database(service: &'static str, migrations: Migrations) -> String {
    let server = server_url();
    let admin = Database::connect(format!("{server}/postgres"))
        .await
        .unwrap_or_else(|error| panic!("can't reach {server}: {error}; {HOW_TO}"));
    let template = template_name(service);
    make_template(&server, &admin, &template, service, migrations).await;
    let id = RandomIds.next(SystemClock::new().now());
    let name = format!("t_{service}_{}", id.simple());
    create(&admin, &name, &template).await;
    admin.close().await.expect("closed");
    format!("{server}/{name}")
}

/// Drops databases, whoever is still connected to them: a run makes hundreds.
pub async fn drop_databases(urls: Vec<String>) {
    for url in urls {
        let (server, name) = url.rsplit_once('/').expect("server/database");
        let Ok(admin) = Database::connect(format!("{server}/postgres")).await else {
            return; // the server went with its databases
        };
        let wish = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        let _ = admin.execute_unprepared(&wish).await;
        let _ = admin.close().await;
    }
}

/// As [`drop_databases`], from where nothing can be awaited: a destructor, which may run inside the
/// test's runtime or after it.
pub fn drop_databases_now(urls: Vec<String>) {
    if urls.is_empty() {
        return;
    }
    let dropping = std::thread::spawn(move || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime")
            .block_on(drop_databases(urls));
    });
    let _ = dropping.join();
}

/// The URL of a new, empty database, for a process that makes its own tables.
pub async fn empty_database(service: &str) -> String {
    let server = server_url();
    let admin = Database::connect(format!("{server}/postgres"))
        .await
        .unwrap_or_else(|error| panic!("can't reach {server}: {error}; {HOW_TO}"));
    let id = RandomIds.next(SystemClock::new().now());
    let name = format!("e_{service}_{}", id.simple());
    create(&admin, &name, "template0").await;
    admin.close().await.expect("closed");
    format!("{server}/{name}")
}

/// Lets processes connect to a database, or ends their connections and lets none connect: to them
/// the server is gone.
pub async fn admit(url: &str, anybody: bool) {
    let (server, name) = url.rsplit_once('/').expect("server/database");
    let admin = Database::connect(format!("{server}/postgres"))
        .await
        .unwrap_or_else(|error| panic!("can't reach {server}: {error}; {HOW_TO}"));
    let mut wishes = vec![format!("ALTER DATABASE {name} ALLOW_CONNECTIONS {anybody}")];
    if !anybody {
        wishes.push(format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        ));
    }
    for wish in wishes {
        admin.execute_unprepared(&wish).await.expect("granted");
    }
    admin.close().await.expect("closed");
}

/// Changes with each build of the test program, and with it the migrations inside.
fn template_name(service: &str) -> String {
    let built = std::env::current_exe()
        .and_then(fs::metadata)
        .and_then(|program| program.modified())
        .ok()
        .and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok())
        .map_or(0, |since| since.as_nanos());
    format!("template_{service}_{built:x}")
}

async fn make_template(
    server: &str,
    admin: &DatabaseConnection,
    template: &str,
    service: &'static str,
    migrations: Migrations,
) {
    let lock = lock(&folder(), "templates");
    let known = format!("SELECT 1 AS one FROM pg_database WHERE datname = '{template}_ready'");
    let found = admin
        .query_one_raw(Statement::from_string(DbBackend::Postgres, known))
        .await;
    if found.expect("a query").is_none() {
        create(admin, template, "template0").await;
        let settings = Settings::new(service, format!("{server}/{template}"));
        let (clock, ids) = (Arc::new(SystemClock::new()), Arc::new(RandomIds));
        let durable = Durable::open(settings, migrations, clock, ids)
            .await
            .expect("a migrated database");
        durable.close().await.expect("closed");
        // Its name says that it is whole.
        let rename = format!("ALTER DATABASE {template} RENAME TO {template}_ready");
        admin.execute_unprepared(&rename).await.expect("renamed");
    }
    drop(lock);
}

async fn create(admin: &DatabaseConnection, name: &str, template: &str) {
    let template = if template == "template0" {
        template.to_owned()
    } else {
        format!("{template}_ready")
    };
    admin
        .execute_unprepared(&format!("CREATE DATABASE {name} TEMPLATE {template}"))
        .await
        .expect("a database of the test's own");
}

fn folder() -> PathBuf {
    let folder = std::env::temp_dir().join("interim-visits-postgres");
    fs::create_dir_all(&folder).expect("a folder for the test server");
    folder
}

/// Tests run as processes side by side: one at a time does what all of them need.
fn lock(folder: &Path, name: &str) -> File {
    let lock = File::create(folder.join(format!("{name}.lock"))).expect("a lock file");
    lock.lock().expect("the lock");
    lock
}

fn server_url() -> String {
    if let Ok(url) = std::env::var("VISITS_TEST_POSTGRES_URL") {
        return url.trim_end_matches('/').to_owned();
    }
    let folder = folder();
    let _lock = lock(&folder, "server");
    let port_file = folder.join("port");
    let running = fs::read_to_string(&port_file)
        .ok()
        .and_then(|port| port.trim().parse().ok())
        .filter(|port| answers(*port));
    let port = running.unwrap_or_else(|| {
        let port = start(&folder);
        fs::write(&port_file, port.to_string()).expect("the port written down");
        port
    });
    format!("postgres://postgres@127.0.0.1:{port}")
}

fn answers(port: u16) -> bool {
    std::net::TcpStream::connect(("127.0.0.1", port)).is_ok()
}

/// Makes a new cluster and starts it; its port.
fn start(folder: &Path) -> u16 {
    let data = folder.join("cluster");
    // What an earlier run left is of no use: databases are the tests' own.
    let _ = fs::remove_dir_all(&data);
    let port = (FIRST_PORT..FIRST_PORT + 100)
        .find(|port| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .expect("a free port");
    fs::set_permissions(folder, fs::Permissions::from_mode(0o777)).expect("an open folder");
    cluster::make(&data).expect("a cluster");
    cluster::boot(&data, port).expect("a running server");
    port
}
