//! Which days a school is closed, as far as is known.
//!
//! | what | whose | how it applies |
//! |---|---|---|
//! | weekends, bank holidays | England's | close every school |
//! | closures, INSET days | school's, local authority's, England's | add up |
//! | holidays | the first of school, local authority, England that lists any for that term | one calendar alone |
//!
//! Term dates differ from school to school, so a school's own holidays stand in the place of the
//! default's and not beside them: its half term may be England's term time (M13).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Fewer bank holidays than this and a year's list is not complete: England has had eight a year
/// since 1978, and more in some.
const BANK_HOLIDAYS_IN_A_YEAR: usize = 8;

/// Whose calendar an entry belongs to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Scope {
    /// One school's, by URN.
    School(String),
    /// A local authority's, by its code of three digits.
    LocalAuthority(String),
    /// The default for England.
    England,
}

impl Scope {
    /// How particular it is.
    #[must_use]
    pub const fn level(&self) -> Level {
        match self {
            Self::School(_) => Level::School,
            Self::LocalAuthority(_) => Level::LocalAuthority,
            Self::England => Level::England,
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::School(urn) => write!(f, "schools/{urn}"),
            Self::LocalAuthority(code) => write!(f, "localAuthorities/{code}"),
            Self::England => f.write_str("england"),
        }
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.to_string()
    }
}

/// The text names nobody's calendar.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a calendar is england's, localAuthorities/{{code}}'s or schools/{{urn}}'s, not `{0}`'s")]
pub struct UnknownScope(pub String);

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = |code: &str, count: usize| {
            (code.len() == count && code.bytes().all(|b| b.is_ascii_digit()))
                .then(|| code.to_owned())
        };
        let scope = match text.split_once('/') {
            None => (text == "england").then_some(Self::England),
            Some(("schools", urn)) => digits(urn, 6).map(Self::School),
            Some(("localAuthorities", code)) => digits(code, 3).map(Self::LocalAuthority),
            Some(_) => None,
        };
        scope.ok_or_else(|| UnknownScope(text.to_owned()))
    }
}

impl TryFrom<String> for Scope {
    type Error = UnknownScope;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

/// How particular a calendar is; the most particular comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// The school's own.
    School,
    /// Its local authority's.
    LocalAuthority,
    /// England's default.
    England,
}

/// Which calendar an answer rests on; the most particular comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CalendarUsed {
    /// The school's own.
    School,
    /// Its local authority's.
    LocalAuthority,
    /// England's default.
    England,
    /// Nobody's: for that term only weekends and bank holidays are known.
    BankHolidaysOnly,
}

impl CalendarUsed {
    /// For a person.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::School => "the school's own calendar",
            Self::LocalAuthority => "the local authority's calendar",
            Self::England => "England's default calendar",
            Self::BankHolidaysOnly => "weekends and bank holidays only",
        }
    }
}

impl From<Level> for CalendarUsed {
    fn from(level: Level) -> Self {
        match level {
            Level::School => Self::School,
            Level::LocalAuthority => Self::LocalAuthority,
            Level::England => Self::England,
        }
    }
}

/// Why a school is closed over an entry's days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// Half term, the end of term, any day outside of the terms.
    Holiday,
    /// Closed for another reason.
    Closure,
    /// In-service training: staff are there, pupils are not.
    Inset,
}

impl EntryKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Holiday, Self::Closure, Self::Inset];

    /// The name in calendar files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Holiday => "holiday",
            Self::Closure => "closure",
            Self::Inset => "inset",
        }
    }
}

/// The text is no kind of entry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an entry is a holiday, a closure or an inset day, not `{0}`")]
pub struct UnknownKind(pub String);

impl FromStr for EntryKind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.name() == text)
            .ok_or_else(|| UnknownKind(text.to_owned()))
    }
}

/// Days on which the schools of a scope are closed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CalendarEntry {
    /// Whose calendar.
    pub scope: Scope,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
    /// Why.
    pub kind: EntryKind,
}

impl CalendarEntry {
    /// Whether `date` is one of its days.
    #[must_use]
    pub fn includes(&self, date: Date) -> bool {
        self.from <= date && date <= self.to
    }
}

/// The bank holidays of England and Wales, and the years for which they are known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BankHolidays {
    days: BTreeMap<Date, String>,
}

impl BankHolidays {
    /// From days and their titles.
    pub fn new(days: impl IntoIterator<Item = (Date, String)>) -> Self {
        Self {
            days: days.into_iter().collect(),
        }
    }

    /// Whether the year's bank holidays are known, all of them. If not, nothing can be planned in
    /// it: an unknown year is never a year without holidays.
    #[must_use]
    pub fn covers(&self, year: i16) -> bool {
        let (Ok(first), Ok(last)) = (Date::new(year, 1, 1), Date::new(year, 12, 31)) else {
            return false;
        };
        self.between(first, last).count() >= BANK_HOLIDAYS_IN_A_YEAR
    }

    /// Every year that is covered.
    #[must_use]
    pub fn years(&self) -> BTreeSet<i16> {
        let years: BTreeSet<i16> = self.days.keys().map(|date| date.year()).collect();
        years
            .into_iter()
            .filter(|year| self.covers(*year))
            .collect()
    }

    /// What bank holiday `date` is.
    #[must_use]
    pub fn title_on(&self, date: Date) -> Option<&str> {
        self.days.get(&date).map(String::as_str)
    }

    /// The bank holidays from `first` to `last`, both included.
    pub fn between(&self, first: Date, last: Date) -> impl Iterator<Item = (Date, &str)> {
        let days = (first <= last).then(|| self.days.range(first..=last));
        days.into_iter()
            .flatten()
            .map(|(d, title)| (*d, title.as_str()))
    }
}

/// Everybody's calendars.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendars {
    bank_holidays: BankHolidays,
    entries: BTreeMap<Scope, Vec<CalendarEntry>>,
}

impl Calendars {
    /// From the bank holidays and the entries of every calendar, in any order.
    pub fn new(
        bank_holidays: BankHolidays,
        entries: impl IntoIterator<Item = CalendarEntry>,
    ) -> Self {
        let mut by_scope: BTreeMap<Scope, Vec<CalendarEntry>> = BTreeMap::new();
        for entry in entries {
            by_scope.entry(entry.scope.clone()).or_default().push(entry);
        }
        Self {
            bank_holidays,
            entries: by_scope,
        }
    }

    /// What holds for one school.
    #[must_use]
    pub fn of(&self, urn: &str, local_authority_code: Option<&str>) -> SchoolCalendar<'_> {
        let scopes = [
            Some(Scope::School(urn.to_owned())),
            local_authority_code.map(|code| Scope::LocalAuthority(code.to_owned())),
            Some(Scope::England),
        ];
        SchoolCalendar {
            bank_holidays: &self.bank_holidays,
            entries: scopes
                .into_iter()
                .flatten()
                .filter_map(|scope| self.entries.get(&scope))
                .flatten()
                .collect(),
        }
    }
}

/// What holds for one school: bank holidays, and the entries of its own calendar, its local
/// authority's and England's, in that order.
#[derive(Clone, Debug)]
pub struct SchoolCalendar<'a> {
    bank_holidays: &'a BankHolidays,
    entries: Vec<&'a CalendarEntry>,
}

impl<'a> SchoolCalendar<'a> {
    /// The bank holidays of England.
    #[must_use]
    pub const fn bank_holidays(&self) -> &'a BankHolidays {
        self.bank_holidays
    }

    /// Whose holidays hold in the term of `date`.
    #[must_use]
    pub fn used_on(&self, date: Date) -> CalendarUsed {
        let level = self.holidays_of(term(date));
        level.map_or(CalendarUsed::BankHolidaysOnly, CalendarUsed::from)
    }

    /// The entry that closes the school on `date`, the most particular one.
    #[must_use]
    pub fn entry_on(&self, date: Date) -> Option<&'a CalendarEntry> {
        self.entries
            .iter()
            .copied()
            .find(|entry| entry.includes(date) && self.holds(entry))
    }

    fn holds(&self, entry: &CalendarEntry) -> bool {
        entry.kind != EntryKind::Holiday
            || self.holidays_of(term(entry.from)) == Some(entry.scope.level())
    }

    fn holidays_of(&self, wanted: (i16, i8)) -> Option<Level> {
        self.entries
            .iter()
            .find(|e| e.kind == EntryKind::Holiday && term(e.from) == wanted)
            .map(|entry| entry.scope.level())
    }
}

/// A term: the year and which of its three, autumn from September, spring from January, summer from
/// May. A holiday belongs to the term in which it begins: Christmas to autumn, Easter to spring, the
/// summer holiday to summer, although it ends in September.
fn term(date: Date) -> (i16, i8) {
    (date.year(), (date.month() - 1) / 4)
}
