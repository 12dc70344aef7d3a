//! Who plays: codes and principals, never a person's name.

use tonic::transport::Channel;
use visits_core::{Actor, Role};
use visits_proto::escalation::v1::escalation_service_client::EscalationServiceClient;
use visits_proto::insights::v1::insights_service_client::InsightsServiceClient;
use visits_proto::letters::v1::letters_service_client::LettersServiceClient;
use visits_proto::recording::v1::recording_service_client::RecordingServiceClient;
use visits_proto::scheduling::v1::scheduling_service_client::SchedulingServiceClient;
use visits_runtime::AuthenticatedChannel;

/// The eight Ofsted regions: the slug, the name, and how many of the inspectors work there. The
/// South East has more, because a part of the visits is in Oxfordshire on purpose.
pub const REGIONS: [(&str, &str, u32); 8] = [
    ("east-midlands", "East Midlands", 10),
    ("east-of-england", "East of England", 10),
    ("london", "London", 12),
    (
        "north-east-yorkshire-and-the-humber",
        "North East, Yorkshire and the Humber",
        14,
    ),
    ("north-west", "North West", 12),
    ("south-east", "South East", 30),
    ("south-west", "South West", 10),
    ("west-midlands", "West Midlands", 10),
];

/// The inspectors of the stories. The term's own visits leave them alone.
pub const FIRST_VISIT: [&str; 2] = ["HMI-001", "HMI-002"];
/// The two of the safeguarding concern.
pub const CONCERN: [&str; 2] = ["HMI-003", "HMI-004"];
/// The two of the visit that is deferred.
pub const DEFERRED: [&str; 2] = ["HMI-005", "HMI-006"];
/// The two of the 48 hours.
pub const CLOCK_CHANGE: [&str; 2] = ["HMI-007", "HMI-008"];
/// How many of the corps are in stories.
pub const IN_STORIES: u32 = 8;

/// The operator of the duty desk.
pub const DESK: &str = "duty-desk";
/// Keeps the registers.
pub const SCHEDULER: &str = "scheduler";
/// Publishes letters.
pub const PUBLISHER: &str = "publisher";
/// Codes answers.
pub const RESEARCHER: &str = "researcher";

/// How many inspectors there are.
#[must_use]
pub fn corps() -> u32 {
    IN_STORIES + REGIONS.iter().map(|(_, _, size)| size).sum::<u32>()
}

/// The code of the inspector with this number.
#[must_use]
pub fn hmi(number: u32) -> String {
    format!("HMI-{number:03}")
}

/// `inspectors/HMI-001`.
#[must_use]
pub fn inspector(code: &str) -> String {
    format!("inspectors/{code}")
}

/// The principal of a region's director: `RD-SOUTH-EAST`.
#[must_use]
pub fn director(region: &str) -> String {
    format!("RD-{}", region.to_uppercase())
}

/// Somebody who calls the services, with a token of their own.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The principal.
    pub name: String,
    scheduling: AuthenticatedChannel,
    recording: AuthenticatedChannel,
    escalation: AuthenticatedChannel,
    letters: AuthenticatedChannel,
    insights: AuthenticatedChannel,
}

impl Caller {
    /// Somebody who is `actor` and calls over `channel`.
    #[must_use]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "whoever makes a channel gives it away"
    )]
    pub fn as_actor(actor: &Actor, channel: AuthenticatedChannel) -> Self {
        Self::reaching(actor, |_| channel.clone())
    }

    /// Somebody who is `actor` and calls each service over a channel of its own.
    #[must_use]
    pub fn reaching(actor: &Actor, channel: impl Fn(&str) -> AuthenticatedChannel) -> Self {
        Self {
            name: actor.principal.clone(),
            scheduling: channel("scheduling"),
            recording: channel("recording"),
            escalation: channel("escalation"),
            letters: channel("letters"),
            insights: channel("insights"),
        }
    }

    /// Scheduling, as this caller reaches it.
    #[must_use]
    pub fn scheduling(&self) -> SchedulingServiceClient<AuthenticatedChannel> {
        SchedulingServiceClient::new(self.scheduling.clone())
    }

    /// Recording, as this caller reaches it.
    #[must_use]
    pub fn recording(&self) -> RecordingServiceClient<AuthenticatedChannel> {
        RecordingServiceClient::new(self.recording.clone())
    }

    /// Escalation, as this caller reaches it.
    #[must_use]
    pub fn escalation(&self) -> EscalationServiceClient<AuthenticatedChannel> {
        EscalationServiceClient::new(self.escalation.clone())
    }

    /// Letters, as this caller reaches it.
    #[must_use]
    pub fn letters(&self) -> LettersServiceClient<AuthenticatedChannel> {
        LettersServiceClient::new(self.letters.clone())
    }

    /// Insights, as this caller reaches it.
    #[must_use]
    pub fn insights(&self) -> InsightsServiceClient<AuthenticatedChannel> {
        InsightsServiceClient::new(self.insights.clone())
    }
}

/// The role that goes with a principal of this cast.
#[must_use]
pub fn role(principal: &str) -> Role {
    match principal {
        DESK => Role::DutyDesk,
        SCHEDULER => Role::Scheduler,
        PUBLISHER => Role::Publisher,
        RESEARCHER => Role::Researcher,
        "auditor" => Role::Auditor,
        other if other.starts_with("RD-") => Role::RegionalDirector,
        _ => Role::Hmi,
    }
}

/// The way to the public pages, which need no token.
pub type PublicChannel = Channel;
