//! Which forms the page of an NFD offers to whom. Offering is a courtesy; the service decides.

use visits_core::Role;
use visits_proto::escalation::v1 as pb;
use visits_proto::escalation::v1::case::State;

use crate::session::Session;
use crate::sheet::Offer;
use crate::words::code;

/// A form of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OfNfd {
    /// When it is to start, and who inspects (M29).
    Plan,
    /// What was found about the concern of this number (M31).
    Finding(usize),
    /// When the inspectors left the site (M35).
    Leave,
    /// It is complete (M32).
    Complete,
    /// A section 5 inspection is recommended (M33).
    Section5,
    /// Its letter is begun (M32).
    Letter,
}

impl Offer for OfNfd {
    const PLAIN: &'static [Self] = &[
        Self::Plan,
        Self::Leave,
        Self::Complete,
        Self::Section5,
        Self::Letter,
    ];

    fn path(&self) -> String {
        let name = match self {
            Self::Plan => "plan",
            Self::Finding(number) => return format!("finding-{number}"),
            Self::Leave => "leave",
            Self::Complete => "complete",
            Self::Section5 => "section-5",
            Self::Letter => "letter",
        };
        name.to_owned()
    }

    fn numbered(path: &str) -> Option<Self> {
        let number = path.strip_prefix("finding-")?;
        number.parse().ok().map(Self::Finding)
    }

    fn done(&self) -> &'static str {
        match self {
            Self::Plan => "The NFD is planned.",
            Self::Finding(_) => "The finding is on record.",
            Self::Leave => "Leaving the site is on record.",
            Self::Complete => "The NFD is complete. Its letter follows.",
            Self::Section5 => "The recommendation is on record.",
            Self::Letter => "The letter is drafted.",
        }
    }
}

impl OfNfd {
    /// What `session`'s user can do about the NFD of `case` now.
    pub(super) fn of(case: &pb::Case, session: &Session) -> Vec<Self> {
        let inspector = session.has(Role::Hmi);
        let director = session.has(Role::RegionalDirector);
        let planner = director || session.has(Role::DutyDesk);
        match case.state() {
            State::NfdRequired if planner => vec![Self::Plan],
            State::NfdUnderWay if inspector => under_way(case),
            State::NfdComplete => complete(case, session, inspector || director),
            _ => Vec::new(),
        }
    }
}

fn under_way(case: &pb::Case) -> Vec<OfNfd> {
    let concerns = case.concerns.iter().enumerate();
    let standing = concerns.filter(|(_, concern)| concern.withdrawn_time.is_none());
    let mut offers: Vec<_> = standing
        .map(|(place, _)| OfNfd::Finding(place + 1))
        .collect();
    let nfd = case.nfd.clone().unwrap_or_default();
    if nfd.left_site_time.is_none() {
        offers.push(OfNfd::Leave);
    }
    offers.push(OfNfd::Complete);
    offers
}

fn complete(case: &pb::Case, session: &Session, may_recommend: bool) -> Vec<OfNfd> {
    let mut offers = Vec::new();
    if may_recommend && case.section5.is_none() {
        offers.push(OfNfd::Section5);
    }
    let lead = case.team.first().map_or("", |name| code(name));
    if session.has(Role::Hmi) && session.actor.principal == lead {
        offers.push(OfNfd::Letter);
    }
    offers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_a_form_and_the_concern_that_it_is_about() {
        for offer in OfNfd::PLAIN {
            assert_eq!(OfNfd::from_path(&offer.path()).as_ref(), Some(offer));
        }
        assert_eq!(OfNfd::from_path("finding-2"), Some(OfNfd::Finding(2)));
        assert_eq!(OfNfd::from_path("finding-"), None);
    }

    #[test]
    fn m31_a_finding_is_offered_for_each_concern_that_stands_and_for_nothing_else() {
        let withdrawn = pb::Concern {
            withdrawn_time: Some(pbjson_types::Timestamp::default()),
            ..pb::Concern::default()
        };
        let case = pb::Case {
            concerns: vec![withdrawn, pb::Concern::default()],
            ..pb::Case::default()
        };
        let offers = under_way(&case);
        assert_eq!(offers, [OfNfd::Finding(2), OfNfd::Leave, OfNfd::Complete]);
    }
}
