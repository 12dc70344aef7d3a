//! A page of a table (R-API-3), in any order that its list has, the same on both databases.
//!
//! What holds no value comes last, whichever way the others run: SQLite and PostgreSQL differ where
//! nothing is said, so it is said.

use sea_orm::sea_query::{ExprTrait as _, Func, NullOrdering, SimpleExpr};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, IntoSimpleExpr as _, Order, QueryFilter, QueryOrder,
    QuerySelect, Select,
};
use uuid::Uuid;
use visits_core::{Fault, FieldViolation, Page, Part, SortKey};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holds {
    Number,
    Text,
    Id,
}

/// A column that a list is ordered by, and what it holds.
#[derive(Clone, Debug)]
pub struct Sorted {
    column: SimpleExpr,
    holds: Holds,
    nullable: bool,
}

impl Sorted {
    fn new(column: impl ColumnTrait, holds: Holds) -> Self {
        Self {
            column: column.into_simple_expr(),
            holds,
            nullable: false,
        }
    }

    /// A column of numbers.
    #[must_use]
    pub fn number(column: impl ColumnTrait) -> Self {
        Self::new(column, Holds::Number)
    }

    /// A column of texts.
    #[must_use]
    pub fn text(column: impl ColumnTrait) -> Self {
        Self::new(column, Holds::Text)
    }

    /// A column of identifiers.
    #[must_use]
    pub fn id(column: impl ColumnTrait) -> Self {
        Self::new(column, Holds::Id)
    }

    /// The same where it may hold nothing.
    #[must_use]
    pub fn or_nothing(mut self) -> Self {
        self.nullable = true;
        self
    }

    /// The same where an empty text stands for nothing.
    #[must_use]
    pub fn or_empty(mut self) -> Self {
        self.column = Func::cust("NULLIF").arg(self.column).arg("").into();
        self.or_nothing()
    }

    /// The rows that come after `part`; none where nothing can.
    fn beyond(&self, part: &Part, key: SortKey) -> Result<Option<Condition>, Fault> {
        if self.nothing(part) {
            return Ok(None);
        }
        let value = self.value(part)?;
        let beyond = if key.descending {
            self.column.clone().lt(value)
        } else {
            self.column.clone().gt(value)
        };
        let nothing = self.nullable.then(|| self.column.clone().is_null());
        Ok(Some(Condition::any().add(beyond).add_option(nothing)))
    }

    /// The rows that hold the same as `part`.
    fn same(&self, part: &Part) -> Result<SimpleExpr, Fault> {
        if self.nothing(part) {
            return Ok(self.column.clone().is_null());
        }
        Ok(self.column.clone().eq(self.value(part)?))
    }

    fn nothing(&self, part: &Part) -> bool {
        self.nullable && *part == Part::Nothing
    }

    /// A page token is no secret: what it says is held against what the column holds.
    fn value(&self, part: &Part) -> Result<sea_orm::Value, Fault> {
        let value = match (self.holds, part) {
            (Holds::Number, Part::Number(number)) => Some((*number).into()),
            (Holds::Text, Part::Text(text)) => Some(text.as_str().into()),
            (Holds::Id, Part::Text(id)) => Uuid::parse_str(id).ok().map(Into::into),
            _ => None,
        };
        value.ok_or_else(|| {
            let what = "is not a token of this list; leave it empty for the first page";
            Fault::invalid(vec![FieldViolation::new("page_token", what)])
        })
    }
}

/// The rows of `query` that make the page, and one more if there is another page. `column` says
/// where a field of the order stands.
///
/// # Errors
/// `InvalidInput` on `page_token` if it does not fit the columns.
pub fn page<E: EntityTrait>(
    query: Select<E>,
    page: &Page,
    column: impl Fn(&str) -> Sorted,
) -> Result<Select<E>, Fault> {
    let mut query = query.limit(page.reads());
    if let Some(after) = &page.after {
        query = query.filter(ahead(&page.order, after, &column)?);
    }
    for key in &page.order {
        let Sorted {
            column, nullable, ..
        } = column(key.field);
        let way = if key.descending {
            Order::Desc
        } else {
            Order::Asc
        };
        query = if nullable {
            query.order_by_with_nulls(column, way, NullOrdering::Last)
        } else {
            query.order_by(column, way)
        };
    }
    Ok(query)
}

/// Beyond in the first field; or the same there and beyond in the second; and so on.
fn ahead(
    order: &[SortKey],
    after: &[Part],
    column: impl Fn(&str) -> Sorted,
) -> Result<Condition, Fault> {
    let (mut ahead, mut same) = (Condition::any(), Condition::all());
    for (key, part) in order.iter().zip(after) {
        let sorted = column(key.field);
        if let Some(beyond) = sorted.beyond(part, *key)? {
            ahead = ahead.add(same.clone().add(beyond));
        }
        same = same.add(sorted.same(part)?);
    }
    Ok(ahead)
}
