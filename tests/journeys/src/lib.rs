//! The demo's stories as journeys: played without an audience, and then asked about, on every
//! topology.
//!
//! What a story says proves nothing. Each test reads back, through gRPC or from the audit and the
//! feed, what a promise is about.

pub mod processes;
pub mod topology;

use tempfile::TempDir;
use visits::demo::answers::Bank;
use visits::demo::data::Extract;
use visits::demo::stage::Stage;
use visits::demo::stories::registers;

use crate::topology::Topology;

/// The seed of every journey.
pub const SEED: u64 = 20_200_929;

/// A stage with the registers on it, and nothing planned.
pub struct Journey {
    /// The stage.
    pub stage: Stage,
    /// What invented leaders say.
    pub bank: Bank,
    /// Gone when the journey is over.
    _place: TempDir,
}

/// Opens every service there, with Oxfordshire and a part of England's schools.
pub async fn begin(topology: Topology) -> Journey {
    let place = tempfile::tempdir().expect("a temporary folder");
    let stage = topology.stage(place.path()).await;
    let mut stage = stage.expect("every service opens");
    registers::play(&mut stage, Extract::Sample)
        .await
        .expect("the registers are imported");
    Journey {
        stage,
        bank: Bank::open().expect("the bank of answers"),
        _place: place,
    }
}

/// The reason of a refusal.
pub fn reason<T: std::fmt::Debug>(answer: Result<tonic::Response<T>, tonic::Status>) -> String {
    let status = answer.expect_err("a refusal");
    visits_reason(&status)
}

fn visits_reason(status: &tonic::Status) -> String {
    use tonic_types::StatusExt as _;
    status
        .get_details_error_info()
        .map_or_else(String::new, |info| info.reason)
}

/// Asserts that nothing is left to do and nothing waits for an operator, and that the audits are
/// whole.
pub async fn assert_at_rest(stage: &Stage) {
    stage.settle().await.expect("the loops settle");
    for (service, health) in stage.host().health().await.expect("the databases read") {
        assert!(health.is_settled(), "{service}: {health:?}");
    }
    assert_eq!(stage.host().sweep().await.expect("the sweeps end"), 0);
    let mut rows = 0;
    for durable in stage.host().durables() {
        let verdict = durable.verify_audit().await.expect("the audit reads");
        assert_eq!(verdict.broken_at, None, "{}", durable.service());
        rows += verdict.rows;
    }
    assert!(rows > 0, "nothing was audited");
}
