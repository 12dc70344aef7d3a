//! `VisitCompleted` of recording → the visit counts. What its school is counted by is asked of
//! scheduling, before the step: it is kept as it stood on completion.

use std::sync::Arc;

use async_trait::async_trait;
use uuid::Uuid;
use visits_bus::Envelope;
use visits_core::{Fault, Fields};
use visits_durable::{Cause, Consumer};
use visits_proto::recording::v1::VisitCompleted;
use visits_proto::scheduling::v1::scheduling_service_client::SchedulingServiceClient;
use visits_proto::scheduling::v1::{self as scheduling, GetSchoolRequest, School};
use visits_runtime::{Peers, from_status};

use crate::app::App;
use crate::app::step::Command;
use crate::domain::school::{Dimension as _, Phase, PreviousGrade, Region, SchoolFacts};
use crate::domain::visit::{Completed, News};

const NAME: &str = "insights.visit_completed";

/// Hears `VisitCompleted`.
pub struct VisitCompletedConsumer {
    app: App,
    peers: Peers,
}

impl VisitCompletedConsumer {
    /// A consumer over the service's store, with the way to scheduling.
    #[must_use]
    pub const fn new(app: App, peers: Peers) -> Self {
        Self { app, peers }
    }

    async fn school(&self, name: &str) -> Result<School, Fault> {
        let mut scheduling = SchedulingServiceClient::new(self.peers.channel("scheduling"));
        let asked = GetSchoolRequest {
            name: name.to_owned(),
        };
        let answer = scheduling.get_school(asked).await;
        answer
            .map(tonic::Response::into_inner)
            .map_err(|status| from_status(&status))
    }
}

#[async_trait]
impl Consumer for VisitCompletedConsumer {
    fn name(&self) -> &'static str {
        NAME
    }

    fn event_type(&self) -> String {
        <VisitCompleted as prost::Name>::full_name()
    }

    async fn handle(&self, envelope: Arc<Envelope>) -> Result<(), Fault> {
        let event: VisitCompleted = envelope.decode()?;
        let school = self.school(&event.school).await?;
        let command = read(&event, school)?;
        let cause = Cause::Event {
            consumer: NAME,
            envelope,
        };
        self.app.execute(cause, command).await.map(|_| ())
    }
}

fn read(event: &VisitCompleted, school: School) -> Result<Command, Fault> {
    let mut fields = Fields::new();
    let visit: Uuid = fields.name("visit", &event.visit, "visits");
    let urn = fields.urn("school", &event.school);
    let instant = event
        .completed_time
        .as_ref()
        .map(|at| (at.seconds, at.nanos));
    let at = fields.instant("completed_time", instant);
    fields.finish()?;
    let news = News::Completed(Completed {
        at,
        form: event.form_version.clone(),
        facts: facts(&school),
        school_name: school.display_name,
    });
    Ok(Command::Hear { visit, urn, news })
}

/// What the school is counted by; what the register doesn't say is "not known".
fn facts(school: &School) -> SchoolFacts {
    use scheduling::PreviousGrade as Grade;
    let previous_grade = match school.previous_grade() {
        Grade::Outstanding => PreviousGrade::Outstanding,
        Grade::Good => PreviousGrade::Good,
        Grade::RequiresImprovement => PreviousGrade::RequiresImprovement,
        Grade::Inadequate => PreviousGrade::Inadequate,
        Grade::Unspecified | Grade::NotKnown | Grade::NotInspected | Grade::NotJudged => {
            PreviousGrade::NotKnown
        }
    };
    SchoolFacts {
        phase: phase(school),
        region: Region::read(&school.ofsted_region).unwrap_or(Region::NotKnown),
        previous_grade,
    }
}

/// The register has no phase for special schools and pupil referral units; their type tells.
fn phase(school: &School) -> Phase {
    use scheduling::Phase as Register;
    match school.phase() {
        Register::Nursery => Phase::Nursery,
        Register::Primary | Register::MiddleDeemedPrimary => Phase::Primary,
        Register::Secondary | Register::MiddleDeemedSecondary => Phase::Secondary,
        Register::SixteenPlus => Phase::SixteenPlus,
        Register::AllThrough => Phase::AllThrough,
        Register::Unspecified | Register::NotKnown | Register::NotApplicable => {
            let kind = school.school_type.to_lowercase();
            let says = |words: &[&str]| words.iter().any(|word| kind.contains(word));
            if says(&["referral", "alternative provision"]) {
                Phase::PupilReferralUnit
            } else if says(&["special"]) {
                Phase::Special
            } else {
                Phase::NotKnown
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn school(phase: scheduling::Phase, school_type: &str) -> School {
        School {
            phase: phase.into(),
            school_type: school_type.into(),
            ofsted_region: "north-west".into(),
            previous_grade: scheduling::PreviousGrade::Good.into(),
            ..School::default()
        }
    }

    #[test]
    fn m2_a_school_is_counted_by_what_the_register_says() {
        use scheduling::Phase as Register;
        let table = [
            (Register::Primary, "Community school", Phase::Primary),
            (
                Register::MiddleDeemedPrimary,
                "Community school",
                Phase::Primary,
            ),
            (
                Register::MiddleDeemedSecondary,
                "Foundation school",
                Phase::Secondary,
            ),
            (
                Register::SixteenPlus,
                "Further education",
                Phase::SixteenPlus,
            ),
            (Register::AllThrough, "Academy converter", Phase::AllThrough),
            (
                Register::NotApplicable,
                "Community special school",
                Phase::Special,
            ),
            (
                Register::NotApplicable,
                "Pupil referral unit",
                Phase::PupilReferralUnit,
            ),
            (
                Register::NotApplicable,
                "Academy alternative provision converter",
                Phase::PupilReferralUnit,
            ),
            (
                Register::NotKnown,
                "Academy special converter",
                Phase::Special,
            ),
            (Register::NotKnown, "", Phase::NotKnown),
        ];
        for (register, school_type, expected) in table {
            let facts = facts(&school(register, school_type));
            assert_eq!(facts.phase, expected, "{register:?}, {school_type}");
            assert_eq!(facts.region, Region::NorthWest);
            assert_eq!(facts.previous_grade, PreviousGrade::Good);
        }
        assert_eq!(facts(&School::default()), SchoolFacts::UNKNOWN);
    }
}
