//! A page of a list (R-API-3): in which order, where it goes on, how long it is.
//!
//! A list goes on after the values that its last row had, not after a number of rows: rows that
//! come in while somebody pages neither double nor hide one that was there. The last field of an
//! order is unique, so that no two rows have the same place.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

/// What a row holds in one field of an order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Part {
    /// A number, or an instant in microseconds.
    Number(i64),
    /// A text, a date as `2020-10-13`, or an identifier.
    Text(String),
    /// Nothing: such rows come last, whichever way the others run.
    Nothing,
}

impl Part {
    /// The text of anything that has one.
    pub fn text<T: ToString + ?Sized>(of: &T) -> Self {
        Self::Text(of.to_string())
    }

    /// A number, if there is one.
    pub fn number(of: Option<impl Into<i64>>) -> Self {
        of.map_or(Self::Nothing, |number| Self::Number(number.into()))
    }
}

/// One field of an order, and which way it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SortKey {
    /// The field, as the contract names it.
    pub field: &'static str,
    /// Whether the greatest comes first.
    pub descending: bool,
}

impl SortKey {
    /// The least first.
    #[must_use]
    pub const fn ascending(field: &'static str) -> Self {
        let descending = false;
        Self { field, descending }
    }

    /// The greatest first.
    #[must_use]
    pub const fn descending(field: &'static str) -> Self {
        let descending = true;
        Self { field, descending }
    }
}

/// Which rows of a list are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Rows at most.
    pub limit: u64,
    /// By what they are ordered; the last field is unique.
    pub order: Vec<SortKey>,
    /// What the last row of the page before holds in each field of the order.
    pub after: Option<Vec<Part>>,
}

impl Page {
    /// How many rows to read: one more than the page has, which tells whether there is another.
    #[must_use]
    pub const fn reads(&self) -> u64 {
        self.limit.saturating_add(1)
    }

    /// A row's place in the order, by what it holds in each field.
    pub fn place<T>(&self, row: &T, part: impl Fn(&T, &str) -> Part) -> Vec<Part> {
        let parts = self.order.iter().map(|key| part(row, key.field));
        parts.collect()
    }

    /// The page, and one row more if there is another, of rows that are all at hand.
    pub fn of<T>(&self, rows: Vec<T>, part: impl Fn(&T, &str) -> Part) -> Vec<T> {
        let mut rows: Vec<_> = rows
            .into_iter()
            .map(|row| (self.place(&row, &part), row))
            .filter(|(place, _)| self.is_ahead(place))
            .collect();
        rows.sort_by(|(one, _), (other, _)| self.compare(one, other));
        rows.truncate(usize::try_from(self.reads()).unwrap_or(usize::MAX));
        rows.into_iter().map(|(_, row)| row).collect()
    }

    fn is_ahead(&self, place: &[Part]) -> bool {
        let after = self.after.as_deref();
        after.is_none_or(|after| self.compare(place, after) == Ordering::Greater)
    }

    /// Which of two places comes first.
    #[must_use]
    pub fn compare(&self, one: &[Part], other: &[Part]) -> Ordering {
        let fields = self.order.iter().zip(one.iter().zip(other));
        let mut compared = fields.map(|(key, (one, other))| match (one, other) {
            (Part::Nothing, _) | (_, Part::Nothing) => one.cmp(other),
            _ if key.descending => other.cmp(one),
            _ => one.cmp(other),
        });
        compared
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: [(&str, Option<i64>); 4] =
        [("a", Some(2)), ("b", None), ("c", Some(1)), ("d", Some(2))];

    fn part(row: &(&str, Option<i64>), field: &str) -> Part {
        match field {
            "weight" => Part::number(row.1),
            _ => Part::text(&row.0),
        }
    }

    fn names(order: Vec<SortKey>, after: Option<Vec<Part>>) -> String {
        let limit = 3;
        let page = Page {
            limit,
            order,
            after,
        };
        let rows = page.of(ROWS.to_vec(), part);
        rows.into_iter().map(|row| row.0).collect()
    }

    #[test]
    fn r_api_3_rows_without_a_value_come_last_whichever_way_the_others_run() {
        let up = vec![SortKey::ascending("weight"), SortKey::ascending("name")];
        assert_eq!(names(up, None), "cadb");
        let down = vec![SortKey::descending("weight"), SortKey::descending("name")];
        assert_eq!(names(down, None), "dacb");
    }

    #[test]
    fn r_api_3_a_page_goes_on_after_the_place_of_the_last_row() {
        let up = || vec![SortKey::ascending("weight"), SortKey::ascending("name")];
        let after = vec![Part::Number(2), Part::text("a")];
        assert_eq!(names(up(), Some(after)), "db");
        let after = vec![Part::Nothing, Part::text("b")];
        assert_eq!(names(up(), Some(after)), "");
    }

    #[test]
    fn a_place_reads_back_from_json() {
        let place = vec![Part::Number(7), Part::Nothing, Part::text("7")];
        let json = serde_json::to_string(&place).expect("writes");
        assert_eq!(json, r#"[7,null,"7"]"#);
        let read: Vec<Part> = serde_json::from_str(&json).expect("reads");
        assert_eq!(read, place);
    }
}
