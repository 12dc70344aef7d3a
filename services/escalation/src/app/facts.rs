//! What other services said and escalation keeps: barriers (M11) and visits begun (M34).

use std::sync::Arc;

use serde_json::json;
use visits_bus::Envelope;
use visits_core::{Fault, Timestamp};
use visits_durable::Cause;

use super::App;
use crate::domain::case::VisitId;
use crate::domain::policy::percent;
use crate::store;

/// How rare conversion is (M34).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Conversions {
    /// Visits begun.
    pub begun: i64,
    /// Of these, converted.
    pub converted: i64,
    /// The share in per cent; none while no visit has begun.
    pub percent: Option<f64>,
    /// Whether the limit counts and is exceeded.
    pub above_limit: bool,
}

impl App {
    /// An HMI has a routine inspection of a school: from this commit on they read nothing of it.
    pub async fn put_barrier(
        &self,
        consumer: &'static str,
        envelope: Arc<Envelope>,
        inspector: String,
        school_urn: String,
    ) -> Result<(), Fault> {
        self.commit(Cause::Event { consumer, envelope }, move |step| {
            Box::pin(async move {
                store::barriers::put(step.tx(), &inspector, &school_urn).await?;
                let resource = format!("schools/{school_urn}");
                let detail = json!({ "inspector": inspector });
                step.audit("PutBarrier", &resource, detail).await
            })
        })
        .await
    }

    /// A visit has begun.
    pub async fn note_visit_begun(
        &self,
        consumer: &'static str,
        envelope: Arc<Envelope>,
        visit: VisitId,
        started_at: Timestamp,
    ) -> Result<(), Fault> {
        self.commit(Cause::Event { consumer, envelope }, move |step| {
            Box::pin(async move { store::begun::note(step.tx(), visit, started_at).await })
        })
        .await?;
        // Decisions announce the limit; here it can only begin to count (M34).
        let rate = self.conversions().await?;
        if rate.above_limit && rate.begun == self.policy.conversion_minimum_visits {
            let (begun, converted) = (rate.begun, rate.converted);
            tracing::warn!(begun, converted, "conversions are above the limit");
        }
        Ok(())
    }

    /// The conversion rate as it stands.
    pub async fn conversions(&self) -> Result<Conversions, Fault> {
        let reads = self.durable.reads();
        let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let begun = count(store::begun::count(reads).await?);
        let converted = count(store::cases::count_converted(reads).await?);
        Ok(Conversions {
            begun,
            converted,
            percent: percent(begun, converted),
            above_limit: self.policy.is_above_limit(begun, converted),
        })
    }
}
