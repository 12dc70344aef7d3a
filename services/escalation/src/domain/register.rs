//! The dated register of Regional Directors and deputies (M28): escalation's own data. A role in
//! a token opens the door; who decides about a school is who stands here on that day.

use serde::{Deserialize, Serialize};
use thiserror::Error;
use visits_core::civil::Date;
use visits_core::{Actor, ErrorKind, Refusal, Role, Timestamp, typed_id};

use super::region::Region;

typed_id!(
    /// An entry of the register, `regionalDirectors/{uuid}`.
    DirectorshipId
);

/// An entry: who directs a region, or stands in for its director, from when until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Directorship {
    /// Its identifier.
    pub id: DirectorshipId,
    /// The region.
    pub region: Region,
    /// The principal, as in the token.
    pub principal: String,
    /// The first day.
    pub from: Date,
    /// The last day; none = no end yet.
    pub to: Option<Date>,
    /// Whether this is a deputy while the director is absent.
    pub deputy: bool,
    /// When the entry was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub changed_at: Timestamp,
}

impl Directorship {
    /// Whether the entry is in force on this day.
    #[must_use]
    pub fn covers(&self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }

    fn overlaps(&self, other: &Self) -> bool {
        self.to.is_none_or(|to| other.from <= to) && other.to.is_none_or(|to| self.from <= to)
    }
}

/// As what a principal stands on the register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The region's director.
    Director,
    /// A deputy while the director is absent.
    Deputy,
}

/// The entries that matter to a question.
#[derive(Clone, Debug, Default)]
pub struct Register(pub Vec<Directorship>);

/// Why an entry is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RegisterRefusal {
    /// The last day lies before the first.
    #[error("the last day {to} lies before the first, {from}")]
    PeriodReversed {
        /// The first day.
        from: Date,
        /// The last day.
        to: Date,
    },
    /// A deputy stands in while the director is absent: that has an end.
    #[error("a deputyship needs a last day")]
    DeputyshipWithoutEnd,
    /// Two directors of one region at a time.
    #[error("{region} has a director in that time, {principal}: end that entry first")]
    RegionHasADirector {
        /// The region.
        region: Region,
        /// Its director.
        principal: String,
    },
    /// Nobody makes themselves a decider.
    #[error("nobody enters themselves on the register")]
    EntersThemselves,
    /// Whoever keeps the plan writes the register; a director names their own deputy, no more.
    #[error("only the director of {region} names a deputy for it, from today on")]
    OnlyADeputyOfTheirOwn {
        /// The region.
        region: Region,
    },
    /// What an entry says about the past is evidence.
    #[error("only the last day of an entry can change: end it and make a new one")]
    EntryFixed,
}

impl Refusal for RegisterRefusal {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::PeriodReversed { .. } | Self::DeputyshipWithoutEnd => ErrorKind::InvalidInput,
            Self::EntersThemselves | Self::OnlyADeputyOfTheirOwn { .. } => ErrorKind::Forbidden,
            Self::RegionHasADirector { .. } | Self::EntryFixed => ErrorKind::WrongState,
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::PeriodReversed { .. } => "REGISTER_PERIOD_REVERSED",
            Self::DeputyshipWithoutEnd => "DEPUTYSHIP_WITHOUT_END",
            Self::RegionHasADirector { .. } => "REGION_HAS_A_DIRECTOR",
            Self::EntersThemselves => "REGISTER_SELF_ENTRY",
            Self::OnlyADeputyOfTheirOwn { .. } => "DEPUTY_NOT_YOURS_TO_NAME",
            Self::EntryFixed => "REGISTER_ENTRY_FIXED",
        }
    }

    fn metadata(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::RegionHasADirector { region, principal } => vec![
                ("region", region.to_string()),
                ("principal", principal.clone()),
            ],
            Self::OnlyADeputyOfTheirOwn { region } => vec![("region", region.to_string())],
            Self::PeriodReversed { from, to } => {
                vec![("from", from.to_string()), ("to", to.to_string())]
            }
            _ => Vec::new(),
        }
    }
}

impl Register {
    /// As what `principal` stands for `region` on `day`; a director before a deputy.
    #[must_use]
    pub fn standing(&self, principal: &str, region: Region, day: Date) -> Option<Standing> {
        self.0
            .iter()
            .filter(|entry| {
                entry.principal == principal && entry.region == region && entry.covers(day)
            })
            .map(|entry| entry.deputy)
            .min()
            .map(|deputy| {
                if deputy {
                    Standing::Deputy
                } else {
                    Standing::Director
                }
            })
    }

    /// Whether `actor` may name this deputy: as the region's director of `today`, who can't make
    /// somebody a decider of days that are over.
    fn delegates(&self, entry: &Directorship, actor: &Actor, today: Date) -> bool {
        let is_new = self.0.iter().all(|present| present.id != entry.id);
        entry.deputy
            && (entry.from >= today || !is_new)
            && self.standing(&actor.principal, entry.region, today) == Some(Standing::Director)
    }

    /// Whether `entry` may be written by `actor`: anew, or in place of the one with its id.
    pub fn check(
        &self,
        entry: &Directorship,
        actor: &Actor,
        today: Date,
    ) -> Result<(), RegisterRefusal> {
        if entry.principal == actor.principal {
            return Err(RegisterRefusal::EntersThemselves);
        }
        if !actor.has(Role::Scheduler) && !self.delegates(entry, actor, today) {
            let region = entry.region;
            return Err(RegisterRefusal::OnlyADeputyOfTheirOwn { region });
        }
        if let Some(to) = entry.to.filter(|to| *to < entry.from) {
            return Err(RegisterRefusal::PeriodReversed {
                from: entry.from,
                to,
            });
        }
        if entry.deputy && entry.to.is_none() {
            return Err(RegisterRefusal::DeputyshipWithoutEnd);
        }
        let present = self.0.iter().find(|present| present.id == entry.id);
        if present.is_some_and(|present| {
            (
                &present.principal,
                present.region,
                present.from,
                present.deputy,
            ) != (&entry.principal, entry.region, entry.from, entry.deputy)
        }) {
            return Err(RegisterRefusal::EntryFixed);
        }
        let rival = self.0.iter().find(|other| {
            other.id != entry.id
                && other.region == entry.region
                && !other.deputy
                && !entry.deputy
                && other.overlaps(entry)
        });
        match rival {
            Some(rival) => Err(RegisterRefusal::RegionHasADirector {
                region: rival.region,
                principal: rival.principal.clone(),
            }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;
    use visits_core::civil::date;

    const TODAY: Date = date(2020, 10, 1);

    fn entry(id: u128, principal: &str, from: Date, to: Option<Date>) -> Directorship {
        Directorship {
            id: DirectorshipId(Uuid::from_u128(id)),
            region: Region::SouthEast,
            principal: principal.into(),
            from,
            to,
            deputy: false,
            created_at: Timestamp::UNIX_EPOCH,
            changed_at: Timestamp::UNIX_EPOCH,
        }
    }

    fn refused(register: &Register, entry: &Directorship) -> &'static str {
        refused_to(&Actor::new("planner-1", Role::Scheduler), register, entry)
    }

    fn refused_to(actor: &Actor, register: &Register, entry: &Directorship) -> &'static str {
        let outcome = register.check(entry, actor, TODAY);
        outcome.map_or_else(|refusal| refusal.reason(), |()| "accepted")
    }

    #[test]
    fn m28_a_region_has_one_director_at_a_time() {
        let autumn = entry(1, "RD-1", date(2020, 9, 1), Some(date(2020, 10, 31)));
        let register = Register(vec![autumn]);
        let overlap = entry(2, "RD-2", date(2020, 10, 31), None);
        assert_eq!(refused(&register, &overlap), "REGION_HAS_A_DIRECTOR");
        let successor = entry(2, "RD-2", date(2020, 11, 1), None);
        assert_eq!(refused(&register, &successor), "accepted");
        let elsewhere = Directorship {
            region: Region::London,
            ..overlap
        };
        assert_eq!(refused(&register, &elsewhere), "accepted");
    }

    #[test]
    fn m28_a_deputyship_has_an_end_and_stands_beside_the_director() {
        let register = Register(vec![entry(1, "RD-1", date(2020, 9, 1), None)]);
        let endless = Directorship {
            deputy: true,
            ..entry(2, "HMI-900", date(2020, 10, 1), None)
        };
        assert_eq!(refused(&register, &endless), "DEPUTYSHIP_WITHOUT_END");
        let fortnight = Directorship {
            to: Some(date(2020, 10, 14)),
            ..endless
        };
        assert_eq!(refused(&register, &fortnight), "accepted");
        let backwards = Directorship {
            to: Some(date(2020, 9, 30)),
            ..fortnight
        };
        assert_eq!(refused(&register, &backwards), "REGISTER_PERIOD_REVERSED");
    }

    #[test]
    fn m28_a_director_names_a_deputy_of_their_own_from_today_on_and_nobody_else() {
        let of = |id, principal| entry(id, principal, date(2020, 9, 1), None);
        let deputy = Directorship {
            deputy: true,
            ..entry(3, "RD-3", TODAY, Some(date(2020, 10, 14)))
        };
        let standing_in = Directorship {
            id: DirectorshipId(Uuid::from_u128(4)),
            principal: "RD-4".into(),
            ..deputy
        };
        let elsewhere = Directorship {
            region: Region::London,
            ..of(2, "RD-2")
        };
        let mut register = Register(vec![of(1, "RD-1"), elsewhere, standing_in]);
        let director = |principal: &str| Actor::new(principal, Role::RegionalDirector);
        let named = |by: &str, entry: &Directorship| refused_to(&director(by), &register, entry);
        assert_eq!(named("RD-1", &deputy), "accepted");
        for (by, what) in [
            ("RD-2", "another region's"),
            ("RD-4", "a deputy"),
            ("RD-5", "nobody"),
        ] {
            assert_eq!(named(by, &deputy), "DEPUTY_NOT_YOURS_TO_NAME", "{what}");
        }
        let past = Directorship {
            from: date(2020, 9, 30),
            ..deputy.clone()
        };
        assert_eq!(named("RD-1", &past), "DEPUTY_NOT_YOURS_TO_NAME");
        let director_too = Directorship {
            deputy: false,
            ..deputy
        };
        assert_eq!(named("RD-1", &director_too), "DEPUTY_NOT_YOURS_TO_NAME");
        // One that has begun is ended by whoever directs the region.
        register.0.push(past.clone());
        let ended = Directorship {
            to: Some(TODAY),
            ..past
        };
        assert_eq!(refused_to(&director("RD-1"), &register, &ended), "accepted");
    }

    #[test]
    fn m28_nobody_enters_themselves_and_the_past_is_not_rewritten() {
        let present = entry(1, "RD-1", date(2020, 9, 1), None);
        let register = Register(vec![present.clone()]);
        let oneself = entry(2, "planner-1", date(2020, 9, 1), None);
        assert_eq!(refused(&register, &oneself), "REGISTER_SELF_ENTRY");
        let renamed = Directorship {
            principal: "RD-2".into(),
            ..present
        };
        assert_eq!(refused(&register, &renamed), "REGISTER_ENTRY_FIXED");
        let ended = Directorship {
            to: Some(date(2020, 10, 31)),
            ..present
        };
        assert_eq!(refused(&register, &ended), "accepted");
    }
}
