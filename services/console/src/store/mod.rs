//! The console's own database: sessions, and what somebody was writing when theirs ended.
//!
//! Each change is one statement, so that there is no transaction to be left open (R1), and where
//! two may want the same the number of rows decides (R3).

mod migration;
mod rows;

use std::time::Duration;

use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectOptions, Database, DatabaseConnection, DbErr,
    EntityTrait as _, IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
};
use sea_orm_migration::MigratorTrait as _;
use visits_core::{Fault, Timestamp};

use crate::oidc::Ended;

pub(crate) use rows::drafts::Model as DraftRow;
pub(crate) use rows::sessions::Model as SessionRow;
use rows::{drafts, sessions};

const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
const CONNECTIONS_MAX: u32 = 8;
/// Of processes that start at once one makes the tables, and the others may trip over it.
const MIGRATION_TRIES: u32 = 3;
const MIGRATION_PAUSE: Duration = Duration::from_millis(500);

/// The database.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    connection: DatabaseConnection,
}

impl Store {
    /// Opens it, making it if it isn't there, and brings its tables up to date.
    pub(crate) async fn open(url: &str) -> Result<Self, Fault> {
        let is_file = url.starts_with("sqlite:");
        let mut options = ConnectOptions::new(url);
        options
            // Those who write to a file would only wait for each other.
            .max_connections(if is_file { 1 } else { CONNECTIONS_MAX })
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .sqlx_logging(false)
            .map_sqlx_sqlite_opts(|sqlite| {
                sqlite
                    .create_if_missing(true)
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Full)
                    .busy_timeout(BUSY_TIMEOUT)
            })
            .map_sqlx_postgres_opts(|postgres| {
                postgres.options([("statement_timeout", "5s"), ("lock_timeout", "5s")])
            });
        let connection = Database::connect(options).await.map_err(unanswered)?;
        let mut tries = 1;
        while let Err(error) = migration::Migrations::up(&connection, None).await {
            if tries == MIGRATION_TRIES {
                return Err(Fault::fatal(format!("can't make the tables: {error}")));
            }
            tries += 1;
            tokio::time::sleep(MIGRATION_PAUSE).await;
        }
        Ok(Self { connection })
    }

    pub(crate) async fn close(&self) -> Result<(), Fault> {
        self.connection.clone().close().await.map_err(unanswered)
    }

    pub(crate) async fn begin(&self, session: SessionRow) -> Result<(), Fault> {
        sessions::Entity::insert(session.into_active_model())
            .exec_without_returning(&self.connection)
            .await
            .map(drop)
            .map_err(unanswered)
    }

    pub(crate) async fn session(&self, id: &str) -> Result<Option<SessionRow>, Fault> {
        sessions::Entity::find_by_id(id)
            .one(&self.connection)
            .await
            .map_err(unanswered)
    }

    pub(crate) async fn stay(&self, id: &str, idle_until: Timestamp) -> Result<(), Fault> {
        let changed = sessions::Entity::update_many()
            .col_expr(sessions::Column::IdleUntil, micros(idle_until))
            .filter(sessions::Column::Id.eq(id));
        changed
            .exec(&self.connection)
            .await
            .map(drop)
            .map_err(unanswered)
    }

    /// Whether the asker is the one who gets a new token for this session, until `until`.
    pub(crate) async fn claim_renewal(
        &self,
        session: &SessionRow,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, Fault> {
        let claimed = sessions::Entity::update_many()
            .col_expr(sessions::Column::RenewingUntil, micros(until))
            .filter(sessions::Column::Id.eq(&session.id))
            .filter(sessions::Column::TokenEndsAt.eq(session.token_ends_at))
            .filter(sessions::Column::RenewingUntil.lte(now.as_microsecond()))
            .exec(&self.connection)
            .await
            .map_err(unanswered)?;
        Ok(claimed.rows_affected == 1)
    }

    /// Puts the new token in, unless the session was ended meanwhile.
    pub(crate) async fn renew(&self, session: &SessionRow) -> Result<(), Fault> {
        sessions::Entity::update_many()
            .col_expr(sessions::Column::RenewingUntil, Expr::value(0_i64))
            .col_expr(
                sessions::Column::TokenEndsAt,
                Expr::value(session.token_ends_at),
            )
            .col_expr(
                sessions::Column::Sealed,
                Expr::value(session.sealed.clone()),
            )
            .filter(sessions::Column::Id.eq(&session.id))
            .exec(&self.connection)
            .await
            .map(drop)
            .map_err(unanswered)
    }

    pub(crate) async fn end(&self, id: &str) -> Result<(), Fault> {
        sessions::Entity::delete_by_id(id)
            .exec(&self.connection)
            .await
            .map(drop)
            .map_err(unanswered)
    }

    /// Ends one session, or all of a principal's, but keeps them known: what their user is writing
    /// must find its way.
    pub(crate) async fn lapse(&self, which: Which<'_>, now: Timestamp) -> Result<u64, Fault> {
        let ended = sessions::Entity::update_many()
            .col_expr(sessions::Column::EndsAt, micros(now))
            .filter(sessions::Column::EndsAt.gt(now.as_microsecond()))
            .filter(which.condition())
            .exec(&self.connection)
            .await
            .map_err(unanswered)?;
        Ok(ended.rows_affected)
    }

    /// The sessions of a principal that go on at `now`, the newest first.
    pub(crate) async fn of(
        &self,
        principal: &str,
        now: Timestamp,
    ) -> Result<Vec<SessionRow>, Fault> {
        let now = now.as_microsecond();
        sessions::Entity::find()
            .filter(sessions::Column::Principal.eq(principal))
            .filter(sessions::Column::EndsAt.gt(now))
            .filter(sessions::Column::IdleUntil.gt(now))
            .order_by_desc(sessions::Column::BegunAt)
            .all(&self.connection)
            .await
            .map_err(unanswered)
    }

    /// Forgets the sessions that ended before `sessions`, and drafts from before `drafts`.
    pub(crate) async fn forget_before(
        &self,
        sessions: Timestamp,
        drafts: Timestamp,
    ) -> Result<(), Fault> {
        let ended = sessions.as_microsecond();
        let over = Condition::any()
            .add(sessions::Column::EndsAt.lt(ended))
            .add(sessions::Column::IdleUntil.lt(ended));
        sessions::Entity::delete_many()
            .filter(over)
            .exec(&self.connection)
            .await
            .map_err(unanswered)?;
        drafts::Entity::delete_many()
            .filter(drafts::Column::KeptAt.lt(drafts.as_microsecond()))
            .exec(&self.connection)
            .await
            .map(drop)
            .map_err(unanswered)
    }

    pub(crate) async fn keep(&self, draft: DraftRow) -> Result<(), Fault> {
        let mut again = OnConflict::columns([drafts::Column::Principal, drafts::Column::Path]);
        again.update_columns([drafts::Column::KeptAt, drafts::Column::Sealed]);
        drafts::Entity::insert(draft.into_active_model())
            .on_conflict(again)
            .exec_without_returning(&self.connection)
            .await
            .map(drop)
            .map_err(unanswered)
    }

    pub(crate) async fn draft(&self, at: &At<'_>) -> Result<Option<DraftRow>, Fault> {
        drafts::Entity::find_by_id((at.principal.to_owned(), at.path.to_owned()))
            .one(&self.connection)
            .await
            .map_err(unanswered)
    }

    pub(crate) async fn forget(&self, at: &At<'_>) -> Result<(), Fault> {
        drafts::Entity::delete_by_id((at.principal.to_owned(), at.path.to_owned()))
            .exec(&self.connection)
            .await
            .map(drop)
            .map_err(unanswered)
    }

    /// The paths of a principal's drafts, the newest first.
    pub(crate) async fn paths_of(&self, principal: &str) -> Result<Vec<String>, Fault> {
        let drafts = drafts::Entity::find()
            .filter(drafts::Column::Principal.eq(principal))
            .order_by_desc(drafts::Column::KeptAt)
            .all(&self.connection)
            .await
            .map_err(unanswered)?;
        Ok(drafts.into_iter().map(|draft| draft.path).collect())
    }
}

/// Whose sessions.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Which<'a> {
    /// One, by its id.
    One(&'a str),
    /// All of a principal.
    AllOf(&'a str),
    /// Those that the issuer has ended, by what they came from there.
    AtIssuer(&'a Ended),
}

impl Which<'_> {
    fn condition(self) -> Condition {
        match self {
            Self::One(id) => Condition::all().add(sessions::Column::Id.eq(id)),
            Self::AllOf(principal) => {
                Condition::all().add(sessions::Column::Principal.eq(principal))
            }
            Self::AtIssuer(ended) => {
                let one = match &ended.session {
                    Some(session) => sessions::Column::IssuerSession.eq(session),
                    None => sessions::Column::Subject.eq(&ended.subject),
                };
                let begun = sessions::Column::BegunAt.lte(ended.begun_until.as_microsecond());
                Condition::all().add(one).add(begun)
            }
        }
    }
}

/// Where a draft is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At<'a> {
    pub(crate) principal: &'a str,
    pub(crate) path: &'a str,
}

fn micros(instant: Timestamp) -> sea_orm::sea_query::SimpleExpr {
    Expr::value(instant.as_microsecond())
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the shape that map_err wants"
)]
fn unanswered(error: DbErr) -> Fault {
    Fault::transient(format!("the console's database: {error}"))
}
