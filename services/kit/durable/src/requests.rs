//! The mark that every changing request carries: a repeat gets the same answer (R17).

use sea_orm::sea_query::{OnConflict, UpdateStatement};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryTrait,
};
use serde_json::{Value, json};
use uuid::Uuid;
use visits_core::{ErrorKind, Fault, Timestamp};

use crate::cause::Fingerprint;
use crate::entity::requests;
use crate::fault::db_fault;

/// The reason of a fault for one `request_id` with two payloads.
pub(crate) const REQUEST_ID_REUSED: &str = "REQUEST_ID_REUSED";

#[derive(Clone, Copy)]
pub(crate) struct Key<'a> {
    pub(crate) principal: &'a str,
    pub(crate) method: &'a str,
    pub(crate) request_id: Uuid,
}

impl Key<'_> {
    fn columns(self) -> (String, String, Uuid) {
        (
            self.principal.to_owned(),
            self.method.to_owned(),
            self.request_id,
        )
    }
}

/// Takes the mark, or finds what was answered under it.
pub(crate) async fn admit(
    tx: &DatabaseTransaction,
    key: Key<'_>,
    fingerprint: Fingerprint,
    now: Timestamp,
) -> Result<Option<Value>, Fault> {
    let row = requests::ActiveModel {
        principal: Set(key.principal.to_owned()),
        method: Set(key.method.to_owned()),
        request_id: Set(key.request_id),
        fingerprint: Set(fingerprint.hex()),
        answer: Set(None),
        recorded_at: Set(now.as_microsecond()),
    };
    // On PostgreSQL a second run of the same request waits here until the first has ended.
    let taken = requests::Entity::insert(row)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(tx)
        .await
        .map_err(db_fault)?;
    if taken == 1 {
        return Ok(None);
    }
    let earlier = requests::Entity::find_by_id(key.columns())
        .one(tx)
        .await
        .map_err(db_fault)?
        .ok_or_else(|| crate::durable::not_a_row("a request"))?;
    if earlier.fingerprint != fingerprint.hex() {
        return Err(Fault::new(
            ErrorKind::InvalidInput,
            REQUEST_ID_REUSED,
            "this request_id was used for a different request; make a new one for each intent",
        )
        .with("request_id", key.request_id));
    }
    // Wrapped, so that an answer that is JSON's null is told from none.
    Ok(earlier.answer.and_then(|kept| kept.get("answer").cloned()))
}

/// Keeps the answer for repeats.
pub(crate) fn answered(key: &Key<'_>, answer: &Value) -> UpdateStatement {
    requests::Entity::update_many()
        .set(requests::ActiveModel {
            answer: Set(Some(json!({ "answer": answer }))),
            ..Default::default()
        })
        .filter(requests::Column::Principal.eq(key.principal))
        .filter(requests::Column::Method.eq(key.method))
        .filter(requests::Column::RequestId.eq(key.request_id))
        .into_query()
}
