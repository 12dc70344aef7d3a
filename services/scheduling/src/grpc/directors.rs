//! Who decides a deferral: asked fresh of escalation, which owns the dated register of Regional
//! Directors and deputies (M28). A role in a token alone is not enough.

use visits_core::civil::Date;
use visits_core::{Actor, Fault, Role};
use visits_proto::escalation::v1::ListRegionalDirectorsRequest;
use visits_proto::escalation::v1::escalation_service_client::EscalationServiceClient;
use visits_runtime::{AuthenticatedChannel, Peers, from_status};

use crate::import::OfstedRegion;

/// More entries than a day's register has.
const ENTRIES_MAX: i32 = 500;

/// The way to the register.
#[derive(Clone, Debug)]
pub struct Directors {
    client: EscalationServiceClient<AuthenticatedChannel>,
}

impl Directors {
    /// The register, as this service reaches it.
    #[must_use]
    pub fn new(peers: &Peers) -> Self {
        Self {
            client: EscalationServiceClient::new(peers.channel("escalation")),
        }
    }

    /// The regions that `actor` answers for on `date`, as director or as deputy.
    ///
    /// # Errors
    /// Whatever kept escalation from answering; nobody decides then.
    pub async fn regions_of(&self, actor: &Actor, date: Date) -> Result<Vec<OfstedRegion>, Fault> {
        if !actor.has(Role::RegionalDirector) {
            return Ok(Vec::new());
        }
        let asked = ListRegionalDirectorsRequest {
            page_size: ENTRIES_MAX,
            on_date: date.to_string(),
            ..Default::default()
        };
        let answer = self.client.clone().list_regional_directors(asked).await;
        let answer = answer.map_err(|status| from_status(&status))?.into_inner();
        Ok(answer
            .regional_directors
            .iter()
            .filter(|entry| entry.principal == actor.principal)
            .filter_map(|entry| {
                let region = &entry.region;
                region
                    .strip_prefix("regions/")
                    .unwrap_or(region)
                    .parse()
                    .ok()
            })
            .collect())
    }
}
