//! Who says what and who hears it: the one place from which exchanges, queues and bindings are
//! declared, on whichever bus, and from which the AsyncAPI document is made.

use std::collections::BTreeSet;

mod queues;

pub use queues::{Argument, Binding, Queue, queues, queues_that_hear};

/// The exchange that every public event goes through.
pub const EVENTS: &str = "ofsted.visits.events";
/// The exchange of what a queue gave up on.
pub const PARKED: &str = "ofsted.visits.parked";
/// The queue of the event types that no service hears: a lost binding must not hide among them.
pub const ARCHIVE_QUEUE: &str = "archive.events";

/// The events of one kind of aggregate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    /// The kind: `escalation.case`.
    pub aggregate: &'static str,
    /// The package of its messages: `ofsted.visits.escalation.v1`.
    pub package: &'static str,
    /// The names of its messages.
    pub messages: &'static [&'static str],
}

impl Said {
    /// The service that says them.
    #[must_use]
    pub fn speaker(&self) -> &'static str {
        self.aggregate
            .split_once('.')
            .map_or(self.aggregate, |(speaker, _)| speaker)
    }

    /// The full names of its messages, which are its routing keys too.
    pub fn event_types(&self) -> impl Iterator<Item = String> + '_ {
        self.messages
            .iter()
            .map(|message| format!("{}.{message}", self.package))
    }
}

/// A service that hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// The service: `recording`.
    pub name: &'static str,
    /// The kinds of aggregate whose events it hears, all of them (R11).
    pub aggregates: &'static [&'static str],
}

impl Group {
    /// Its queue: `recording.events`.
    #[must_use]
    pub fn queue(&self) -> String {
        queue_of(self.name)
    }
}

/// The queue of a group.
#[must_use]
pub fn queue_of(group: &str) -> String {
    format!("{group}.events")
}

/// The queue of what the queue of a group gave up: `recording.parked`.
#[must_use]
pub fn parked_queue_of(group: &str) -> String {
    format!("{group}.parked")
}

/// Every event that leaves a service.
pub const SAID: &[Said] = &[
    Said {
        aggregate: "scheduling.visit",
        package: "ofsted.visits.scheduling.v1",
        messages: &[
            "VisitPlanned",
            "VisitRescheduled",
            "VisitCancelled",
            "TeamChanged",
            "ModeChanged",
            "CallDue",
            "DutyDeskTold",
            "CallCompleted",
            "CallNotReached",
            "ControlsRecorded",
            "ExecutiveConversationRequested",
            "DeferralRequested",
            "DeferralReminder",
            "DeferralOverdue",
            "DeferralDecided",
            "VisitReady",
        ],
    },
    Said {
        aggregate: "scheduling.inspector",
        package: "ofsted.visits.scheduling.v1",
        messages: &["RoutineInspectionAssigned"],
    },
    Said {
        aggregate: "recording.record",
        package: "ofsted.visits.recording.v1",
        messages: &[
            "VisitStarted",
            "VisitStopped",
            "DepartureRecorded",
            "LetterContentAgreed",
            "SchoolFeedbackRecorded",
            "VisitCompleted",
        ],
    },
    Said {
        aggregate: "escalation.case",
        package: "ofsted.visits.escalation.v1",
        messages: &[
            "ConcernRaised",
            "ConcernAcknowledged",
            "ConcernWithdrawn",
            "DutyDeskCallLogged",
            "DecisionRequested",
            "DecisionReminder",
            "DecisionOverdue",
            "NfdDecided",
            "NfdPlanned",
            "NfdDeadlineWarning",
            "NfdDeadlineBreached",
            "NfdStarted",
            "NfdCompleted",
            "Section5Recommended",
            "Section5HandedOver",
            "CaseNoted",
            "CaseAssigned",
            "NextStepAlertSet",
            "NextStepOverdue",
            "DeskUnwatched",
            "ConversionLimitExceeded",
        ],
    },
    Said {
        aggregate: "letters.letter",
        package: "ofsted.visits.letters.v1",
        messages: &[
            "LetterSentToSchool",
            "SchoolReplied",
            "LetterPublished",
            "LetterCorrected",
            "LetterWithdrawn",
            "LetterSuperseded",
        ],
    },
];

/// Every service that hears.
pub const GROUPS: &[Group] = &[
    Group {
        name: "scheduling",
        aggregates: &["recording.record", "escalation.case"],
    },
    Group {
        name: "recording",
        aggregates: &[
            "scheduling.visit",
            "scheduling.inspector",
            "escalation.case",
            "letters.letter",
        ],
    },
    Group {
        name: "escalation",
        aggregates: &[
            "scheduling.visit",
            "scheduling.inspector",
            "recording.record",
        ],
    },
    Group {
        name: "letters",
        aggregates: &[
            "scheduling.inspector",
            "recording.record",
            "escalation.case",
        ],
    },
    Group {
        name: "insights",
        aggregates: &["recording.record", "escalation.case"],
    },
];

/// The event types of some kinds of aggregate.
#[must_use]
pub fn types_of(aggregates: &[&str]) -> BTreeSet<String> {
    SAID.iter()
        .filter(|said| aggregates.contains(&said.aggregate))
        .flat_map(Said::event_types)
        .collect()
}

/// The event types that no service hears; the archive does.
#[must_use]
pub fn types_of_nobody() -> BTreeSet<String> {
    SAID.iter()
        .filter(|said| {
            !GROUPS
                .iter()
                .any(|group| group.aggregates.contains(&said.aggregate))
        })
        .flat_map(Said::event_types)
        .collect()
}
