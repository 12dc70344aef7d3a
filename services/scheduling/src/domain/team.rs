//! Who goes: two inspectors as a rule, one of whom leads (M4), none of whom is barred (M11), away,
//! in conflict or engaged elsewhere.

use serde::{Deserialize, Serialize};
use visits_core::civil::Date;

use super::command::Facts;
use super::refusal::Refusal;
use super::visit::{Engagement, VisitId};

/// How many inspectors go as a rule (M4).
const USUAL: usize = 2;
/// How many go at most (M4).
const MOST: usize = 3;

/// A visit's team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Team {
    /// The codes of the inspectors, the lead first.
    members: Vec<String>,
    /// Why the team is one or three.
    pub size_reason: Option<String>,
}

impl Team {
    /// A team of the lead and others: two, or one or three with a reason (M4).
    pub fn form(lead: &str, others: &[String], reason: Option<&str>) -> Result<Self, Refusal> {
        let mut members = vec![lead.to_owned()];
        for other in others {
            if !members.contains(other) {
                members.push(other.clone());
            }
        }
        let size = members.len();
        if size > MOST {
            return Err(Refusal::TeamTooLarge { size });
        }
        let reason = reason.map(str::trim).filter(|reason| !reason.is_empty());
        if size != USUAL && reason.is_none() {
            return Err(Refusal::TeamSizeNeedsReason { size });
        }
        Ok(Self {
            members,
            size_reason: reason.filter(|_| size != USUAL).map(str::to_owned),
        })
    }

    /// The inspector who leads: makes the call, completes the visit and writes the letter.
    #[must_use]
    pub fn lead(&self) -> &str {
        self.members.first().map_or("", String::as_str)
    }

    /// The codes of the whole team, the lead first.
    #[must_use]
    pub fn members(&self) -> &[String] {
        &self.members
    }

    /// Whether an inspector is on the team.
    #[must_use]
    pub fn has(&self, inspector: &str) -> bool {
        self.members.iter().any(|member| member == inspector)
    }

    /// Refuses a team of which somebody can't go: everybody on the visit's day, the lead on the
    /// call day too unless the call was made already.
    pub fn check(
        &self,
        visit: VisitId,
        visit_date: Date,
        call_date: Option<Date>,
        facts: &Facts,
    ) -> Result<(), Refusal> {
        let mut days: Vec<_> = self
            .members
            .iter()
            .map(|m| (m.as_str(), visit_date))
            .collect();
        days.extend(call_date.map(|date| (self.lead(), date)));
        for (code, date) in days {
            let known = facts.inspectors.iter().find(|known| known.code == code);
            let Some(inspector) = known else {
                return Err(Refusal::InspectorUnknown {
                    inspector: code.to_owned(),
                });
            };
            inspector.check(&facts.school.urn, date)?;
            let elsewhere =
                |day: &Engagement| day.inspector == code && day.date == date && day.visit != visit;
            if facts.diary.iter().any(elsewhere) {
                return Err(Refusal::InspectorEngaged {
                    inspector: code.to_owned(),
                    date,
                });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m4_two_inspectors_go_and_one_or_three_with_a_reason() {
        let others = |codes: &[&str]| codes.iter().map(|c| (*c).to_owned()).collect::<Vec<_>>();
        let two = Team::form("HMI-001", &others(&["HMI-002", "HMI-001"]), None).expect("usual");
        assert_eq!(two.members(), ["HMI-001", "HMI-002"]);
        assert_eq!(two.lead(), "HMI-001");
        assert_eq!(
            Team::form("HMI-001", &[], Some("  ")),
            Err(Refusal::TeamSizeNeedsReason { size: 1 })
        );
        let one = Team::form("HMI-001", &[], Some("a small school")).expect("one with a reason");
        assert_eq!(one.size_reason.as_deref(), Some("a small school"));
        let three = others(&["HMI-002", "HMI-003"]);
        assert_eq!(
            Team::form("HMI-001", &three, None),
            Err(Refusal::TeamSizeNeedsReason { size: 3 })
        );
        assert!(Team::form("HMI-001", &three, Some("two sites")).is_ok());
        let four = others(&["HMI-002", "HMI-003", "HMI-004"]);
        assert_eq!(
            Team::form("HMI-001", &four, Some("many sites")),
            Err(Refusal::TeamTooLarge { size: 4 })
        );
    }
}
