//! What a letter is about and what it is drafted from, fetched from the other services before the
//! step: visit and school from scheduling, agreed content from recording (M24), findings from
//! escalation (M32).

use jiff::civil::Date;
use visits_core::Fault;
use visits_proto::common::v1::ConcernArea;
use visits_proto::escalation::v1::escalation_service_client::EscalationServiceClient;
use visits_proto::escalation::v1::{GetCaseRequest, GetNfdFindingsRequest};
use visits_proto::recording::v1::recording_service_client::RecordingServiceClient;
use visits_proto::recording::v1::{Area, GetAgreedContentRequest};
use visits_proto::scheduling::v1::scheduling_service_client::SchedulingServiceClient;
use visits_proto::scheduling::v1::{GetSchoolRequest, GetVisitRequest};
use visits_runtime::{Peers, from_status};

use crate::domain::compose::{self, Point};
use crate::domain::letter::{About, CaseId};
use crate::domain::{Kind, Text, VisitId};

/// What a letter is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// An interim visit.
    Visit(VisitId),
    /// The NFD of a case.
    Case(CaseId),
}

/// The other services, as the sources of a draft.
#[derive(Clone, Debug)]
pub struct Sources {
    peers: Peers,
}

impl Sources {
    /// The sources behind `peers`.
    #[must_use]
    pub const fn new(peers: Peers) -> Self {
        Self { peers }
    }

    /// What the letter would be about: the school, the date, the team.
    ///
    /// # Errors
    /// What the other services answer, as `NotFound` for a visit that isn't there.
    pub async fn about(&self, occasion: Occasion) -> Result<About, Fault> {
        let (kind, visit, case, nfd_team) = match occasion {
            Occasion::Visit(visit) => (Kind::Interim, format!("visits/{visit}"), None, Vec::new()),
            Occasion::Case(case) => {
                let (visit, team) = self.nfd_of(case).await?;
                (Kind::Nfd, visit, Some(case), team)
            }
        };
        let mut scheduling = SchedulingServiceClient::new(self.peers.channel("scheduling"));
        let visit = scheduling
            .get_visit(GetVisitRequest { name: visit })
            .await
            .map_err(|status| from_status(&status))?
            .into_inner();
        let school = scheduling
            .get_school(GetSchoolRequest {
                name: visit.school.clone(),
            })
            .await
            .map_err(|status| from_status(&status))?
            .into_inner();
        let team = [visit.inspectors, nfd_team.clone()].concat();
        let mut inspectors: Vec<String> = Vec::new();
        for inspector in &team {
            let code = after(inspector, "inspectors/")?;
            if !inspectors.contains(&code) {
                inspectors.push(code);
            }
        }
        // An NFD that the visit's lead was not on is written up by its own first inspector.
        let lead = match nfd_team.first() {
            Some(first) if !nfd_team.contains(&visit.lead) => first,
            _ => &visit.lead,
        };
        Ok(About {
            kind,
            visit: read(&visit.name, "visits/")?,
            case,
            urn: after(&visit.school, "schools/")?,
            school_name: school.display_name,
            visit_date: visit
                .visit_date
                .parse::<Date>()
                .map_err(|error| unreadable("visit_date", &error))?,
            lead: after(lead, "inspectors/")?,
            inspectors,
        })
    }

    /// The visit of a case, and who was on its NFD.
    async fn nfd_of(&self, case: CaseId) -> Result<(String, Vec<String>), Fault> {
        let mut escalation = EscalationServiceClient::new(self.peers.channel("escalation"));
        let request = GetCaseRequest {
            name: format!("cases/{case}"),
        };
        let case = escalation
            .get_case(request)
            .await
            .map_err(|status| from_status(&status))?
            .into_inner();
        let team = case.nfd.map_or_else(Vec::new, |nfd| nfd.inspectors);
        Ok((case.visit, team))
    }

    /// The first text, from the content agreed with the school or from the findings, and the version
    /// of the agreed content.
    ///
    /// # Errors
    /// What the other services answer.
    pub async fn text(&self, about: &About) -> Result<(Text, u32), Fault> {
        match about.case {
            Some(case) => {
                let points = self.findings(case).await?;
                Ok((
                    compose::nfd_letter(&about.school_name, about.visit_date, &points),
                    0,
                ))
            }
            None => {
                let (points, version) = self.agreed_content(about.visit).await?;
                let text = compose::interim_letter(&about.school_name, about.visit_date, &points);
                Ok((text, version))
            }
        }
    }

    async fn agreed_content(&self, visit: VisitId) -> Result<(Vec<Point>, u32), Fault> {
        let mut recording = RecordingServiceClient::new(self.peers.channel("recording"));
        let request = GetAgreedContentRequest {
            name: format!("visitRecords/{visit}"),
            version: 0,
        };
        let content = recording
            .get_agreed_content(request)
            .await
            .map_err(|status| from_status(&status))?
            .into_inner();
        let points = content
            .points
            .into_iter()
            .map(|point| Point {
                heading: heading(point.area()).to_owned(),
                words: point.text,
            })
            .collect();
        Ok((points, u32::try_from(content.version).unwrap_or(0)))
    }

    async fn findings(&self, case: CaseId) -> Result<Vec<Point>, Fault> {
        let mut escalation = EscalationServiceClient::new(self.peers.channel("escalation"));
        let request = GetNfdFindingsRequest {
            name: format!("cases/{case}"),
        };
        let found = escalation
            .get_nfd_findings(request)
            .await
            .map_err(|status| from_status(&status))?
            .into_inner();
        let points = found.findings.into_iter().map(|finding| Point {
            heading: match finding.area() {
                ConcernArea::LeadershipAndManagement => "Leadership and management",
                ConcernArea::Safeguarding | ConcernArea::Unspecified => "Safeguarding",
            }
            .to_owned(),
            words: finding.text,
        });
        Ok(points.collect())
    }
}

impl Occasion {
    /// The resource name of what the letter is asked for.
    #[must_use]
    pub fn resource(self) -> String {
        match self {
            Self::Visit(visit) => format!("visits/{visit}"),
            Self::Case(case) => format!("cases/{case}"),
        }
    }
}

const fn heading(area: Area) -> &'static str {
    match area {
        Area::AttendanceAndBehaviour => "Attendance and behaviour",
        Area::Safeguarding => "Safeguarding",
        Area::ParticularNeeds => "Particular needs",
        Area::Curriculum => "Curriculum",
        Area::LookingAhead => "Looking ahead",
        Area::Unspecified => "What we talked about",
    }
}

fn after(name: &str, collection: &str) -> Result<String, Fault> {
    name.strip_prefix(collection)
        .filter(|rest| !rest.is_empty())
        .map(str::to_owned)
        .ok_or_else(|| unreadable(collection, &"not such a name"))
}

fn read<I: std::str::FromStr>(name: &str, collection: &str) -> Result<I, Fault> {
    after(name, collection)?
        .parse()
        .map_err(|_| unreadable(collection, &"not a UUID"))
}

fn unreadable(what: &str, why: &dyn std::fmt::Display) -> Fault {
    Fault::fatal(format!(
        "scheduling answered with an unreadable {what}: {why}"
    ))
}
