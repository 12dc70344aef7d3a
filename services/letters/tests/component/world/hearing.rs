//! What other services say.

use std::sync::PoisonError;

use uuid::Uuid;
use visits_core::Clock as _;
use visits_proto::escalation::v1::{NfdCompleted, NfdDecided};
use visits_proto::recording::v1::{DepartureRecorded, LetterContentAgreed, VisitStopped};
use visits_proto::scheduling::v1::RoutineInspectionAssigned;
use visits_proto::timestamp;
use visits_testkit::events::Of;

use super::{CASE, VISIT, World, case, school, visit};

impl World {
    fn of(&self, aggregate: &'static str, id: Uuid) -> Of<'static> {
        let mut sequences = self
            .sequences
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let sequence = sequences.entry(id).or_default();
        *sequence += 1;
        Of {
            aggregate,
            id,
            sequence: *sequence,
        }
    }

    /// The next event takes the place of the last one: it is sent again.
    pub fn step_back(&self) {
        let mut sequences = self
            .sequences
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        for sequence in sequences.values_mut() {
            *sequence -= 1;
        }
    }

    pub async fn departed(&self) {
        let event = DepartureRecorded {
            visit: visit(),
            school: school(),
            departed_time: Some(timestamp(self.bench.clock.now())),
        };
        self.bench
            .send(self.of("recording.record", VISIT), &event)
            .await;
    }

    pub async fn agreed(&self, version: i32) {
        let event = LetterContentAgreed {
            visit: visit(),
            school: school(),
            content_version: version,
            agreed_time: Some(timestamp(self.bench.clock.now())),
        };
        self.bench
            .send(self.of("recording.record", VISIT), &event)
            .await;
    }

    pub async fn stopped(&self) {
        let event = VisitStopped {
            visit: visit(),
            school: school(),
            stopped_time: Some(timestamp(self.bench.clock.now())),
            reason_code: "NFD_REQUIRED".into(),
            case: case(),
        };
        self.bench
            .send(self.of("recording.record", VISIT), &event)
            .await;
    }

    pub async fn decided(&self, required: bool) {
        let event = NfdDecided {
            case: case(),
            visit: visit(),
            school: school(),
            required,
            decided_time: Some(timestamp(self.bench.clock.now())),
            ..NfdDecided::default()
        };
        self.bench
            .send(self.of("escalation.case", CASE), &event)
            .await;
    }

    pub async fn nfd_completed(&self) {
        let event = NfdCompleted {
            case: case(),
            visit: visit(),
            school: school(),
            left_site_time: Some(timestamp(self.bench.clock.now())),
            ..NfdCompleted::default()
        };
        self.bench
            .send(self.of("escalation.case", CASE), &event)
            .await;
    }

    /// The inspector is assigned to the school's routine inspection.
    pub async fn assigned(&self, inspector: &str) {
        let event = RoutineInspectionAssigned {
            inspector: format!("inspectors/{inspector}"),
            school: school(),
            start_date: "2021-02-01".into(),
        };
        let id = Uuid::from_u128(inspector.bytes().map(u128::from).sum());
        self.bench
            .send(self.of("scheduling.inspector", id), &event)
            .await;
    }

    /// The visit is over: content agreed, inspectors gone.
    pub async fn visit_over(&self) {
        self.agreed(1).await;
        self.departed().await;
        self.bench.settle().await;
    }
}
