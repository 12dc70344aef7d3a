//! A service just big enough to test the kit: a tally that is counted up, says so, and counts
//! itself up by a timer or by the events of another tally.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::json;
use uuid::Uuid;
use visits_bus::Envelope;
use visits_core::{Actor, Fault, Role, SignedDuration};
use visits_durable::sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Set, entity::prelude::*,
};
use visits_durable::sea_orm_migration::{MigrationTrait, prelude::*, schema};
use visits_durable::{
    AggregateRef, Cause, ClaimedJob, Consumer, Durable, Fingerprint, JobChange, JobHandler,
    PublicEvent, ServiceParts, Step, db_fault, store,
};
use visits_testkit::Bench;

pub mod tallies {
    use visits_durable::sea_orm::{self, entity::prelude::*};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "tallies")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub version: i64,
        pub count: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

struct Tables;

impl MigrationName for Tables {
    fn name(&self) -> &'static str {
        "m1001_tallies"
    }
}

#[async_trait]
impl MigrationTrait for Tables {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("tallies")
                    .col(schema::uuid("id").primary_key())
                    .col(schema::big_integer("version"))
                    .col(schema::big_integer("count"))
                    .to_owned(),
            )
            .await
    }
}

pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(Tables)]
}

/// Stands in for a contract's message.
#[derive(Clone, PartialEq, ::prost::Message, serde::Serialize, serde::Deserialize)]
pub struct Counted {
    #[prost(int64, tag = "1")]
    pub count: i64,
}

impl ::prost::Name for Counted {
    const NAME: &'static str = "Counted";
    const PACKAGE: &'static str = "ofsted.visits.tally.v1";
}

pub const TALLY: Uuid = Uuid::from_u128(0x7a11);
pub const REMINDER: &str = "tally.reminder";

pub fn request(id: u128, said: &str) -> Cause {
    Cause::Request {
        actor: Actor::new("desk-1", Role::DutyDesk),
        method: "CountUp",
        request_id: Uuid::from_u128(id),
        fingerprint: Fingerprint::of(said.as_bytes()),
    }
}

/// Counts up by one, says so, and arms or leaves the reminder.
pub async fn count_up(durable: &Durable, cause: Cause, remind: bool) -> Result<i64, Fault> {
    let kind = durable.service();
    durable
        .unit_of_work(cause, move |step| {
            Box::pin(async move {
                let row = tallies::Entity::find_by_id(TALLY)
                    .lock_exclusive()
                    .one(step.tx())
                    .await
                    .map_err(db_fault)?;
                let (version, count) = row.map_or((0, 0), |row| (row.version, row.count));
                save(step, version, count + 1).await?;
                let of = AggregateRef {
                    kind,
                    id: TALLY,
                    subject: format!("tallies/{TALLY}"),
                    correlation_id: format!("tallies/{TALLY}"),
                };
                let said = Counted { count: count + 1 };
                step.publish(&of, PublicEvent::new(&said, step.now()))
                    .await?;
                let jobs = if remind {
                    vec![JobChange::Arm {
                        kind: REMINDER,
                        due_at: step.now() + SignedDuration::from_hours(48),
                        payload: json!({}),
                    }]
                } else {
                    Vec::new()
                };
                step.apply_jobs(&of.subject, version + 1, jobs).await?;
                step.audit("counted", &of.subject, json!({ "count": count + 1 }))
                    .await?;
                Ok(count + 1)
            })
        })
        .await
}

/// Saves the tally that stood at `version`; 0 if there was none.
pub async fn save(step: &Step, version: i64, count: i64) -> Result<(), Fault> {
    if version == 0 {
        let row = tallies::ActiveModel {
            id: Set(TALLY),
            version: Set(1),
            count: Set(count),
        };
        tallies::Entity::insert(row)
            .exec_without_returning(step.tx())
            .await
            .map_err(|error| {
                if store::is_duplicate(&error) {
                    Fault::conflict("tallies")
                } else {
                    db_fault(error)
                }
            })?;
        return Ok(());
    }
    let update = tallies::Entity::update_many()
        .set(tallies::ActiveModel {
            version: Set(version + 1),
            count: Set(count),
            ..Default::default()
        })
        .filter(tallies::Column::Id.eq(TALLY))
        .filter(tallies::Column::Version.eq(version));
    step.save(update.into_query(), "tallies".to_owned()).await
}

pub async fn count(durable: &Durable) -> i64 {
    tallies::Entity::find_by_id(TALLY)
        .one(durable.reads())
        .await
        .expect("a query")
        .map_or(0, |row| row.count)
}

/// Counts up when another tally does.
pub struct Follow(pub Durable);

#[async_trait]
impl Consumer for Follow {
    fn name(&self) -> &'static str {
        "tally.counted"
    }
    fn event_type(&self) -> String {
        <Counted as ::prost::Name>::full_name()
    }
    async fn handle(&self, envelope: Arc<Envelope>) -> Result<(), Fault> {
        envelope.decode::<Counted>()?;
        let cause = Cause::Event {
            consumer: self.name(),
            envelope,
        };
        count_up(&self.0, cause, false).await.map(drop)
    }
}

/// Counts up when the reminder is due.
pub struct Remind(pub Durable);

#[async_trait]
impl JobHandler for Remind {
    fn kind(&self) -> &'static str {
        REMINDER
    }
    async fn run(&self, job: ClaimedJob) -> Result<(), Fault> {
        count_up(&self.0, Cause::Job(job), false).await.map(drop)
    }
}

/// Puts a tally on the bench; `follows` lets it hear the other tallies.
pub async fn start(bench: &mut Bench, service: &'static str, follows: bool) -> Durable {
    let durable = bench.durable(service, migrations).await;
    bench
        .add(ServiceParts {
            durable: durable.clone(),
            consumes: if follows { vec!["said"] } else { vec![] },
            consumers: vec![Arc::new(Follow(durable.clone()))],
            jobs: vec![Arc::new(Remind(durable.clone()))],
            sweeps: vec![],
        })
        .await;
    durable
}
