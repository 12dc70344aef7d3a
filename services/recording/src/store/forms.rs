//! Versions of the visit form: written once, never altered (M8).

use jiff::civil::Date;
use visits_core::{Fault, Page, Timestamp, clock};
use visits_durable::db_fault;
use visits_durable::keyset::{self, Sorted};
use visits_durable::sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Set,
};
use visits_durable::store::{from_body, is_duplicate, to_body};

use super::entity::form;
use crate::domain::VisitForm;
use crate::name;

/// A version as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredForm {
    /// The version itself.
    pub form: VisitForm,
    /// SHA-256 of its content, in hex.
    pub digest: String,
    /// When it was imported.
    pub imported_at: Timestamp,
}

fn stored(row: form::Model) -> Result<StoredForm, Fault> {
    Ok(StoredForm {
        form: from_body(row.body)?,
        digest: row.digest,
        imported_at: clock::from_micros(row.imported_at),
    })
}

/// The version with that name.
pub async fn load(db: &impl ConnectionTrait, version: &str) -> Result<Option<StoredForm>, Fault> {
    let row = form::Entity::find_by_id(version)
        .one(db)
        .await
        .map_err(db_fault)?;
    row.map(stored).transpose()
}

/// The version with which visits of `date` begin: the one that came into effect last.
pub async fn in_force(db: &impl ConnectionTrait, date: Date) -> Result<Option<StoredForm>, Fault> {
    let row = form::Entity::find()
        .filter(form::Column::EffectiveFrom.lte(date.to_string()))
        .order_by_desc(form::Column::EffectiveFrom)
        .one(db)
        .await
        .map_err(db_fault)?;
    row.map(stored).transpose()
}

/// The version that comes into effect on exactly `date`.
pub async fn effective_on(
    db: &impl ConnectionTrait,
    date: Date,
) -> Result<Option<StoredForm>, Fault> {
    let row = form::Entity::find()
        .filter(form::Column::EffectiveFrom.eq(date.to_string()))
        .one(db)
        .await
        .map_err(db_fault)?;
    row.map(stored).transpose()
}

/// A page of versions.
pub async fn list(db: &impl ConnectionTrait, page: &Page) -> Result<Vec<StoredForm>, Fault> {
    let query = keyset::page(form::Entity::find(), page, |_| {
        Sorted::text(form::Column::EffectiveFrom)
    })?;
    let rows = query.all(db).await.map_err(db_fault)?;
    rows.into_iter().map(stored).collect()
}

/// Adds a version.
pub async fn insert(db: &impl ConnectionTrait, new: &StoredForm) -> Result<(), Fault> {
    let row = form::ActiveModel {
        version: Set(new.form.version.clone()),
        effective_from: Set(new.form.effective_from.to_string()),
        digest: Set(new.digest.clone()),
        imported_at: Set(new.imported_at.as_microsecond()),
        body: Set(to_body(&new.form)?),
    };
    form::Entity::insert(row)
        .exec_without_returning(db)
        .await
        .map_err(|error| {
            if is_duplicate(&error) {
                Fault::conflict(name::form(&new.form.version))
            } else {
                db_fault(error)
            }
        })?;
    Ok(())
}
