//! Orders of lists: `order_by` as AIP-132 has it (R-API-3).
//!
//! ```text
//! order_by = [ key { "," key } ]
//! key      = field [ "desc" ]      one of the fields that the list names, each once
//! ```
//!
//! `deadline_time desc, create_time`. Rows that hold nothing in a field come last, whichever way
//! the others run. Rows alike in every field asked for are told apart by the list's own unique key,
//! which runs as the last field does.

use visits_core::SortKey;

use crate::limits;

/// The orders that a list has.
#[derive(Clone, Copy, Debug)]
pub struct Orders {
    /// The fields that may be asked for; none where the order is not the caller's to choose.
    pub fields: &'static [&'static str],
    /// The order that no words ask for.
    pub default: &'static [SortKey],
    /// The field that is unique.
    pub key: &'static str,
}

impl Orders {
    /// Reads `order_by`; what comes back ends in the unique key.
    ///
    /// # Errors
    /// What is wrong with it, and what would be right.
    pub(crate) fn read(&self, text: &str) -> Result<Vec<SortKey>, String> {
        if text.len() > limits::MAX_FILTER_BYTES {
            let most = limits::MAX_FILTER_BYTES;
            return Err(format!("has more than {most} bytes"));
        }
        if text.trim().is_empty() {
            return Ok(self.unique(self.default.to_vec()));
        }
        if self.fields.is_empty() {
            return Err(
                "this list has one order, which can't be chosen; leave it empty".to_owned(),
            );
        }
        let mut order: Vec<SortKey> = Vec::new();
        for part in text.split(',') {
            let key = self.key(part)?;
            if order.iter().any(|before| before.field == key.field) {
                return Err(format!("names `{}` twice; {}", key.field, self.allowed()));
            }
            order.push(key);
        }
        Ok(self.unique(order))
    }

    fn key(&self, part: &str) -> Result<SortKey, String> {
        let mut words = part.split_whitespace();
        let name = words.next().unwrap_or_default();
        let field = self.fields.iter().find(|field| **field == name);
        let field = field.ok_or_else(|| format!("`{name}` is not known; {}", self.allowed()))?;
        let descending = match (words.next(), words.next()) {
            (None, _) => false,
            (Some("desc"), None) => true,
            _ => {
                let part = part.trim();
                return Err(format!("`{part}` is not understood; {}", self.allowed()));
            }
        };
        Ok(SortKey { field, descending })
    }

    fn allowed(&self) -> String {
        let fields = self.fields.join(", ");
        format!("allowed are {fields}, each once, separated by commas, each with desc or without")
    }

    fn unique(&self, mut order: Vec<SortKey>) -> Vec<SortKey> {
        if order.iter().all(|key| key.field != self.key) {
            let descending = order.last().is_some_and(|last| last.descending);
            let field = self.key;
            order.push(SortKey { field, descending });
        }
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CASES: Orders = Orders {
        fields: &["name", "create_time", "deadline_time"],
        default: &[SortKey::descending("create_time")],
        key: "name",
    };

    fn order(text: &str) -> Vec<(&'static str, bool)> {
        let order = CASES.read(text).expect(text);
        let order = order.into_iter().map(|key| (key.field, key.descending));
        order.collect()
    }

    fn complaint(text: &str) -> String {
        CASES.read(text).expect_err(text)
    }

    #[test]
    fn r_api_3_fields_are_read_in_turn_and_the_unique_one_ends_the_order() {
        let up = [("deadline_time", false), ("name", false)];
        assert_eq!(order("deadline_time"), up);
        let both = [
            ("deadline_time", false),
            ("create_time", true),
            ("name", true),
        ];
        assert_eq!(order(" deadline_time ,create_time  desc "), both);
        assert_eq!(order("name desc"), [("name", true)]);
        let first = [("name", false), ("create_time", true)];
        assert_eq!(order("name, create_time desc"), first);
    }

    #[test]
    fn r_api_3_without_words_the_default_holds() {
        let default = [("create_time", true), ("name", true)];
        assert_eq!(order(""), default);
        assert_eq!(order("  "), default);
    }

    #[test]
    fn r_api_3_what_is_unknown_doubled_or_misspelt_is_refused_with_what_is_allowed() {
        for text in [
            "grade",
            "create_time, create_time desc",
            "create_time DESC",
            "create_time asc",
            "create_time desc desc",
            "create_time,",
            ",",
            "create_time deadline_time",
            "Create_time",
            "create_time;--",
        ] {
            let complaint = complaint(text);
            let allowed = "allowed are name, create_time, deadline_time";
            assert!(complaint.contains(allowed), "{text}: {complaint}");
        }
        assert!(complaint(&"x".repeat(2_000)).contains("1024"));
    }

    #[test]
    fn r_api_3_an_order_that_is_fixed_takes_no_words() {
        let fixed = Orders {
            fields: &[],
            default: &[],
            key: "name",
        };
        assert_eq!(fixed.read(""), Ok(vec![SortKey::ascending("name")]));
        assert!(
            fixed
                .read("name")
                .is_err_and(|what| what.contains("one order"))
        );
    }
}
