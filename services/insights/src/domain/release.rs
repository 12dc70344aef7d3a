//! A release: a dated national picture that never changes (M2, M38).
//!
//! There is one command, *create*, and it makes a new release; none changes one. The first release
//! supersedes nothing; each later one supersedes the one with the number before its own. That a
//! release was superseded is looked up from the later one, never written to the earlier.

use serde::{Deserialize, Serialize};
use visits_core::civil::Date;
use visits_core::{ErrorKind, Refusal, Timestamp, london};

use super::Context;
use super::conversion::ConversionCounts;
use super::picture::Picture;
use super::table::Table;

visits_core::typed_id!(
    /// Identifies a release.
    ReleaseId
);

/// A dated national picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// 1 for the first, then counting up without gaps.
    pub number: u32,
    /// What it is called.
    pub title: String,
    /// The last day whose completed visits are in it.
    pub through_date: Date,
    /// The version of the frame whose codes are counted.
    pub frame: String,
    /// Schools with a visit that counts.
    pub schools_visited: u64,
    /// How many of those have been coded with the frame.
    pub schools_coded: u64,
    /// How often visits were converted, when the release was made (M34).
    pub conversion: ConversionCounts,
    /// The tables as they were drawn.
    pub tables: Vec<Table>,
    /// The release that this one supersedes.
    pub supersedes: Option<ReleaseId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it.
    pub creator: String,
}

impl Release {
    /// One of its tables.
    #[must_use]
    pub fn table(&self, slug: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.slug == slug)
    }
}

/// Asks for a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateRelease {
    /// What it is called.
    pub title: String,
    /// The last day whose completed visits are in it.
    pub through_date: Date,
    /// The version of the frame whose codes are counted.
    pub frame: String,
}

/// The latest release, as far as a new one needs to know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Latest {
    /// Which one.
    pub id: ReleaseId,
    /// Its number.
    pub number: u32,
    /// The last day of its picture.
    pub through_date: Date,
}

/// Why a release is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReleaseRefusal {
    /// The last day has not come.
    #[error("{date} has not come; a picture can't go beyond today, {today}")]
    ThroughDateInFuture {
        /// The day asked for.
        date: Date,
        /// Today in England.
        today: Date,
    },
    /// The release before reaches further.
    #[error("release {number} already goes through {date}; a later release can't go less far")]
    ThroughDateBeforeLatest {
        /// The latest release's number.
        number: u32,
        /// The last day of its picture.
        date: Date,
    },
}

impl Refusal for ReleaseRefusal {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::ThroughDateInFuture { .. } => ErrorKind::InvalidInput,
            Self::ThroughDateBeforeLatest { .. } => ErrorKind::WrongState,
        }
    }
    fn reason(&self) -> &'static str {
        match self {
            Self::ThroughDateInFuture { .. } => "RELEASE_DATE_IN_FUTURE",
            Self::ThroughDateBeforeLatest { .. } => "RELEASE_DATE_BEFORE_LATEST",
        }
    }
    fn metadata(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::ThroughDateInFuture { date, today } => {
                vec![
                    ("through_date", date.to_string()),
                    ("today", today.to_string()),
                ]
            }
            Self::ThroughDateBeforeLatest { number, date } => {
                vec![
                    ("latest_number", number.to_string()),
                    ("latest_date", date.to_string()),
                ]
            }
        }
    }
}

/// Decides a release: what it will say for ever.
pub fn decide(
    latest: Option<Latest>,
    command: &CreateRelease,
    picture: Picture,
    conversion: ConversionCounts,
    context: &Context,
) -> Result<Release, ReleaseRefusal> {
    let today = london::date(context.now);
    if command.through_date > today {
        return Err(ReleaseRefusal::ThroughDateInFuture {
            date: command.through_date,
            today,
        });
    }
    if let Some(latest) = latest.filter(|latest| latest.through_date > command.through_date) {
        return Err(ReleaseRefusal::ThroughDateBeforeLatest {
            number: latest.number,
            date: latest.through_date,
        });
    }
    Ok(Release {
        number: latest.map_or(1, |latest| latest.number + 1),
        title: command.title.clone(),
        through_date: command.through_date,
        frame: command.frame.clone(),
        schools_visited: picture.schools_visited,
        schools_coded: picture.schools_coded,
        conversion,
        tables: picture.tables,
        supersedes: latest.map(|latest| latest.id),
        created_at: context.now,
        creator: context.actor.principal.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::policy::ConversionPolicy;
    use visits_core::{Actor, Role, civil};

    fn create(day: i8, latest: Option<Latest>) -> Result<Release, ReleaseRefusal> {
        // Half past eleven at night in London, which is the same day in UTC only in winter.
        let context = Context {
            now: "2020-10-16T22:30:00Z".parse().expect("instant"),
            actor: Actor::new("researcher-1", Role::Researcher),
        };
        let command = CreateRelease {
            title: "October".into(),
            through_date: civil::date(2020, 10, day),
            frame: "2020-09".into(),
        };
        let picture = Picture {
            schools_visited: 3,
            schools_coded: 2,
            tables: Vec::new(),
        };
        let counts = ConversionCounts::of([], ConversionPolicy::default(), context.now);
        decide(latest, &command, picture, counts, &context)
    }

    fn latest(number: u32, day: i8) -> Latest {
        Latest {
            id: ReleaseId(visits_core::ids::__Uuid::from_u128(7)),
            number,
            through_date: civil::date(2020, 10, day),
        }
    }

    #[test]
    fn m2_a_release_supersedes_the_one_before_or_is_refused() {
        // latest release, last day asked for → number, or reason
        let table = [
            (None, 16, Ok((1, None))),
            (None, 17, Err("RELEASE_DATE_IN_FUTURE")),
            (Some(latest(4, 15)), 16, Ok((5, Some(latest(4, 15).id)))),
            (Some(latest(4, 16)), 16, Ok((5, Some(latest(4, 16).id)))),
            (Some(latest(4, 16)), 15, Err("RELEASE_DATE_BEFORE_LATEST")),
        ];
        for (latest, day, expected) in table {
            let made = create(day, latest)
                .map(|release| (release.number, release.supersedes))
                .map_err(|refusal| refusal.reason());
            assert_eq!(made, expected, "{latest:?}, {day} October");
        }
    }

    #[test]
    fn today_is_today_in_england_and_not_in_greenwich() {
        let context = Context {
            now: "2020-10-16T23:30:00Z".parse().expect("instant"),
            actor: Actor::new("researcher-1", Role::Researcher),
        };
        assert_eq!(london::date(context.now), civil::date(2020, 10, 17));
    }
}
