//! Reference data: bank holidays, calendars, and the versions of the call's script.

use visits_core::civil::Date;
use visits_core::{Fault, Page, Timestamp, clock::from_micros};
use visits_durable::db_fault;
use visits_durable::keyset::{self, Sorted};
use visits_durable::sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
};
use visits_durable::store::{self, from_body, to_body};

use super::entity::{bank_holidays, calendars, scripts};
use crate::domain::calendar::{BankHolidays, CalendarEntry, Calendars, Scope};
use crate::domain::school::School;
use crate::domain::script::CallScript;

/// A calendar with how often it was set.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct StoredCalendar {
    /// Whose it is.
    pub scope: Scope,
    /// Its entries, by date.
    pub entries: Vec<CalendarEntry>,
    /// 1 after the first time.
    pub version: i64,
    /// When it was first set.
    pub created_at: Timestamp,
    /// When it was last set.
    pub updated_at: Timestamp,
}

/// What happened to the rows of an import.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Counts {
    /// New.
    pub imported: u64,
    /// Changed.
    pub updated: u64,
    /// The same as before.
    pub unchanged: u64,
}

impl Counts {
    /// Both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            imported: self.imported + other.imported,
            updated: self.updated + other.updated,
            unchanged: self.unchanged + other.unchanged,
        }
    }
}

/// Every bank holiday that was imported.
pub async fn bank_holidays(db: &impl ConnectionTrait) -> Result<BankHolidays, Fault> {
    let rows = bank_holidays::Entity::find()
        .all(db)
        .await
        .map_err(db_fault)?;
    let days: Vec<(Date, String)> = rows
        .into_iter()
        .map(|row| {
            let date = row.date.parse();
            Ok((
                date.map_err(|_| Fault::fatal("a stored date that is none"))?,
                row.title,
            ))
        })
        .collect::<Result<_, Fault>>()?;
    Ok(BankHolidays::new(days))
}

/// Saves bank holidays. A day that the file no longer has stays: holidays are history.
pub async fn save_bank_holidays(
    db: &impl ConnectionTrait,
    holidays: &BankHolidays,
) -> Result<Counts, Fault> {
    let known = bank_holidays(db).await?;
    let mut counts = Counts::default();
    for (date, title) in holidays.between(Date::MIN, Date::MAX) {
        let row = bank_holidays::ActiveModel {
            date: Set(date.to_string()),
            title: Set(title.to_owned()),
        };
        match known.title_on(date) {
            Some(before) if before == title => counts.unchanged += 1,
            Some(_) => {
                counts.updated += 1;
                bank_holidays::Entity::update(row)
                    .exec(db)
                    .await
                    .map_err(db_fault)?;
            }
            None => {
                counts.imported += 1;
                bank_holidays::Entity::insert(row)
                    .exec_without_returning(db)
                    .await
                    .map_err(db_fault)?;
            }
        }
    }
    Ok(counts)
}

/// The calendars that apply to a school, in their order of precedence, with the bank holidays.
pub async fn calendars_of(db: &impl ConnectionTrait, school: &School) -> Result<Calendars, Fault> {
    let mut scopes = vec![
        Scope::School(school.urn.clone()).to_string(),
        Scope::England.to_string(),
    ];
    if let Some(code) = &school.local_authority_code {
        scopes.push(Scope::LocalAuthority(code.clone()).to_string());
    }
    let rows = calendars::Entity::find()
        .filter(calendars::Column::Scope.is_in(scopes))
        .all(db)
        .await
        .map_err(db_fault)?;
    let mut entries: Vec<CalendarEntry> = Vec::new();
    for row in rows {
        entries.append(&mut from_body(row.body)?);
    }
    Ok(Calendars::new(bank_holidays(db).await?, entries))
}

/// A calendar, if it was set.
pub async fn calendar(
    db: &impl ConnectionTrait,
    scope: &Scope,
) -> Result<Option<StoredCalendar>, Fault> {
    let row = calendars::Entity::find_by_id(scope.to_string())
        .one(db)
        .await
        .map_err(db_fault)?;
    row.map(|row| {
        Ok(StoredCalendar {
            scope: scope.clone(),
            entries: from_body(row.body)?,
            version: row.version,
            created_at: from_micros(row.created_at),
            updated_at: from_micros(row.updated_at),
        })
    })
    .transpose()
}

/// Sets a calendar.
pub async fn save_calendar(
    db: &impl ConnectionTrait,
    scope: Scope,
    mut entries: Vec<CalendarEntry>,
    now: Timestamp,
) -> Result<StoredCalendar, Fault> {
    entries.sort_by_key(|entry| (entry.from, entry.to));
    let before = calendar(db, &scope).await?;
    let next = StoredCalendar {
        version: before.as_ref().map_or(0, |before| before.version) + 1,
        created_at: before.as_ref().map_or(now, |before| before.created_at),
        updated_at: now,
        scope,
        entries,
    };
    let row = calendars::ActiveModel {
        scope: Set(next.scope.to_string()),
        version: Set(next.version),
        body: Set(to_body(&next.entries)?),
        created_at: Set(next.created_at.as_microsecond()),
        updated_at: Set(next.updated_at.as_microsecond()),
    };
    if before.is_some() {
        let saved = calendars::Entity::update_many()
            .set(row)
            .filter(calendars::Column::Scope.eq(next.scope.to_string()))
            .filter(calendars::Column::Version.eq(next.version - 1))
            .exec(db)
            .await
            .map_err(db_fault)?;
        store::saved_or_conflict(&saved, &next.scope.to_string())?;
    } else {
        calendars::Entity::insert(row)
            .exec_without_returning(db)
            .await
            .map_err(db_fault)?;
    }
    Ok(next)
}

/// A version of the call's script, if it was imported.
pub async fn script(db: &impl ConnectionTrait, version: &str) -> Result<Option<CallScript>, Fault> {
    let row = scripts::Entity::find_by_id(version.to_owned())
        .one(db)
        .await
        .map_err(db_fault)?;
    row.map(|row| from_body(row.body)).transpose()
}

/// The version of the call's script that is in force on a day, if one is (M8).
pub async fn script_on(db: &impl ConnectionTrait, date: Date) -> Result<Option<CallScript>, Fault> {
    let row = scripts::Entity::find()
        .filter(scripts::Column::EffectiveDate.lte(date.to_string()))
        .order_by_desc(scripts::Column::EffectiveDate)
        .order_by_desc(scripts::Column::Version)
        .one(db)
        .await
        .map_err(db_fault)?;
    row.map(|row| from_body(row.body)).transpose()
}

/// Saves a new version of the call's script.
pub async fn save_script(db: &impl ConnectionTrait, script: &CallScript) -> Result<(), Fault> {
    let row = scripts::ActiveModel {
        version: Set(script.version.clone()),
        effective_date: Set(script.effective_date.to_string()),
        body: Set(to_body(script)?),
    };
    scripts::Entity::insert(row)
        .exec_without_returning(db)
        .await
        .map_err(db_fault)?;
    Ok(())
}

/// A page of the versions of the call's script.
pub async fn scripts(db: &impl ConnectionTrait, page: &Page) -> Result<Vec<CallScript>, Fault> {
    let query = keyset::page(scripts::Entity::find(), page, |field| match field {
        "effective_date" => Sorted::text(scripts::Column::EffectiveDate),
        _ => Sorted::text(scripts::Column::Version),
    })?;
    let rows = query.all(db).await.map_err(db_fault)?;
    rows.into_iter().map(|row| from_body(row.body)).collect()
}
