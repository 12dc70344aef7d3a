//! What a list is narrowed down by: a form that asks for the same page with other words, and the
//! filter that they become.

use askama::Template;
use visits_components::{Button, Html};

use super::fields::Fields;
use crate::form::Filled;

/// What was asked of a list, as its address says it.
#[derive(Debug, Default)]
pub(crate) struct Search {
    filled: Filled,
    page: String,
    /// Whether anything was asked at all.
    is_narrowed: bool,
}

#[derive(Template)]
#[template(path = "sheet_filter.html")]
struct Filter<'a> {
    summary: &'a str,
    action: &'a str,
    is_open: bool,
    fields: Vec<Html>,
    button: Button,
}
impl askama::filters::HtmlSafe for Filter<'_> {}

impl Search {
    /// What the address says of these names; the rest is passed over.
    pub(crate) fn of(asked: &[(String, String)], names: &[&str]) -> Self {
        let mut search = Self::default();
        for (name, value) in asked {
            if name == "page" {
                search.page.clone_from(value);
            } else if names.contains(&name.as_str()) {
                search.filled.set(name, value.trim());
                search.is_narrowed |= !value.trim().is_empty();
            }
        }
        search
    }

    /// Where the page before ended.
    pub(crate) fn page(&self) -> String {
        self.page.clone()
    }

    /// What was asked under this name.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.filled.get(name)
    }

    /// If nothing was asked under this name, this is.
    pub(crate) fn or(mut self, name: &str, value: &str) -> Self {
        if self.get(name).is_empty() {
            self.filled.set(name, value);
        }
        self
    }

    /// All that was asked, for the address of the next page.
    pub(crate) fn pairs(&self) -> Vec<(&str, &str)> {
        self.filled.all().collect()
    }

    /// Its fields.
    pub(crate) const fn fields(&self) -> Fields<'_> {
        Fields::of(&self.filled)
    }

    /// The form that asks anew.
    pub(crate) fn form(&self, summary: &str, action: &str, fields: Vec<Html>) -> Html {
        Html::of(&Filter {
            summary,
            action,
            is_open: self.is_narrowed,
            fields,
            button: Button::secondary("Show these"),
        })
    }

    /// The terms that were asked for, joined as lists take them: the name under which it was asked,
    /// the field of the filter with its operator, and what stands before the value.
    pub(crate) fn filter(&self, terms: &[(&str, &str, &str)]) -> String {
        let terms = terms.iter().filter_map(|(name, field, before)| {
            let value = self.get(name);
            (!value.is_empty()).then(|| term(field, &format!("{before}{value}")))
        });
        terms.collect::<Vec<_>>().join(" AND ")
    }
}

/// `state = "READY"`: the value quoted, so that it is nothing but a value.
pub(crate) fn term(field: &str, value: &str) -> String {
    let value = value.replace('\\', "\\\\").replace('"', "\\\"");
    format!("{field} \"{value}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_becomes_a_filter_and_can_become_nothing_else() {
        let asked = [
            ("state", "READY"),
            ("school", "1\" OR state = \"PLANNED"),
            ("from", ""),
            ("evil", "x"),
            ("page", "token"),
        ];
        let asked = asked.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let search = Search::of(&asked, &["state", "school", "from"]);
        assert_eq!(search.page(), "token");
        let filter = search.filter(&[
            ("state", "state =", ""),
            ("school", "school =", "schools/"),
            ("from", "visit_date >=", ""),
        ]);
        let expected = r#"state = "READY" AND school = "schools/1\" OR state = \"PLANNED""#;
        assert_eq!(filter, expected);
        assert_eq!(search.get("evil"), "");
    }
}
