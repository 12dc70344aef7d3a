//! The visit's team is another: who may read its case follows (M11).

use std::sync::Arc;

use async_trait::async_trait;
use prost::Name as _;
use visits_bus::Envelope;
use visits_core::{ErrorKind, Fault};
use visits_durable::{Cause, Consumer};
use visits_proto::scheduling::v1 as wire;

use super::visit_id;
use crate::app::App;
use crate::app::step::{Ask, Target};
use crate::domain::command::Command;
use crate::wire::principal_of;

pub(super) struct TeamChanged(pub(super) App);

#[async_trait]
impl Consumer for TeamChanged {
    fn name(&self) -> &'static str {
        "escalation.team_changed"
    }

    fn event_type(&self) -> String {
        wire::TeamChanged::full_name()
    }

    async fn handle(&self, envelope: Arc<Envelope>) -> Result<(), Fault> {
        let event: wire::TeamChanged = envelope.decode()?;
        let target = Target::CurrentOf(visit_id(&event.visit)?);
        let team = event.inspectors.iter().map(|name| principal_of(name));
        let team = team.collect();
        let consumer = self.name();
        let cause = Cause::Event { consumer, envelope };
        let ask = Ask::itself(target, Command::ChangeTeam { team });
        match self.0.execute(cause, ask).await {
            // Nearly every visit has no case.
            Err(fault) if fault.kind == ErrorKind::NotFound => Ok(()),
            outcome => outcome.map(|_| ()),
        }
    }
}
