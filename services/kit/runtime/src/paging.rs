//! Paging through lists (R-API-3): a page token says where to go on and carries no authority.
//!
//! A token is bound to the filter and the order of its list. It is no secret and is not signed: each page is
//! authorised and scoped as the first was, so a forged token only moves the starting point.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use visits_core::{Fault, FieldViolation, Page, Part, SortKey};

use crate::order::Orders;

/// The fields that every list request has (R-API-3): `asked!(message)` takes them from one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked<'a> {
    /// `page_size`.
    pub page_size: i32,
    /// `page_token`.
    pub page_token: &'a str,
    /// `filter`.
    pub filter: &'a str,
    /// `order_by`.
    pub order_by: &'a str,
    /// What else chooses the rows: a parent or a day.
    pub within: &'a str,
}

impl<'a> Asked<'a> {
    /// The same where something else than the filter chooses rows, too.
    #[must_use]
    pub const fn within(mut self, what: &'a str) -> Self {
        self.within = what;
        self
    }
}

/// The paging fields of a list request.
#[macro_export]
macro_rules! asked {
    ($message:expr) => {
        $crate::paging::Asked {
            page_size: $message.page_size,
            page_token: &$message.page_token,
            filter: &$message.filter,
            order_by: &$message.order_by,
            within: "",
        }
    };
}

/// What a list offers: its orders and the sizes of its pages.
#[derive(Clone, Copy, Debug)]
pub struct Listing {
    /// Its orders.
    pub orders: Orders,
    /// Rows of a page where no number is asked for.
    pub page_default: u32,
    /// Rows of a page at most.
    pub page_max: u32,
}

/// A list request whose paging fields are right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paging {
    /// Which rows to read.
    pub page: Page,
    bound: String,
}

#[derive(Serialize, Deserialize)]
struct Place {
    #[serde(rename = "b")]
    bound: String,
    #[serde(rename = "a")]
    after: Vec<Part>,
}

impl Paging {
    /// Reads the paging fields of a list request. A size of 0 means the list's default; a larger
    /// size than its largest is cut to it without complaint.
    ///
    /// # Errors
    /// `InvalidInput` that names each field at fault among `page_size`, `page_token`, `order_by`.
    pub fn read(asked: &Asked<'_>, listing: &Listing) -> Result<Self, Fault> {
        let mut violations = Vec::new();
        let mut violate = |field, what: String| violations.push(FieldViolation::new(field, what));
        let limit = match u32::try_from(asked.page_size) {
            Ok(0) => listing.page_default.min(listing.page_max),
            Ok(size) => size.min(listing.page_max),
            Err(_) => {
                violate("page_size", "must not be negative".to_owned());
                listing.page_default
            }
        };
        let order = listing.orders.read(asked.order_by).unwrap_or_else(|what| {
            violate("order_by", what);
            Vec::new()
        });
        let bound = bound(asked, &order);
        let mut after = None;
        // A token cannot be held against an order that is none.
        if !asked.page_token.is_empty() && !order.is_empty() {
            match place(asked.page_token, &bound, order.len()) {
                Ok(place) => after = Some(place),
                Err(what) => violate("page_token", what.to_owned()),
            }
        }
        if !violations.is_empty() {
            return Err(Fault::invalid(violations));
        }
        let limit = u64::from(limit);
        let page = Page {
            limit,
            order,
            after,
        };
        Ok(Self { page, bound })
    }

    /// Cuts `rows`, read with one row more than the page has, to the page, and gives the token of
    /// the next: empty if this is the last. `part` says what a row holds in a field of the order.
    pub fn finish<T>(&self, rows: &mut Vec<T>, part: impl Fn(&T, &str) -> Part) -> String {
        let limit = usize::try_from(self.page.limit).unwrap_or(usize::MAX);
        if rows.len() <= limit {
            return String::new();
        }
        rows.truncate(limit);
        let Some(last) = rows.last() else {
            return String::new();
        };
        let place = Place {
            bound: self.bound.clone(),
            after: self.page.place(last, part),
        };
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(&place).unwrap_or_default())
    }
}

/// What a token belongs to. Orders that differ in spaces only are one, and so are the default and
/// its words.
fn bound(asked: &Asked<'_>, order: &[SortKey]) -> String {
    let mut digest = Sha256::new();
    digest.update(asked.filter.trim());
    for key in order {
        let way = if key.descending { "-" } else { "+" };
        digest.update(["\n", way, key.field].concat());
    }
    digest.update(["\n", asked.within].concat());
    hex::encode(&digest.finalize()[..8])
}

fn place(token: &str, bound: &str, fields: usize) -> Result<Vec<Part>, &'static str> {
    let place: Place = URL_SAFE_NO_PAD
        .decode(token)
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .ok_or("is not a token of this service; leave it empty for the first page")?;
    if place.bound == bound && place.after.len() == fields {
        Ok(place.after)
    } else {
        Err("belongs to another filter or order; repeat those of the first page")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTING: Listing = Listing {
        orders: Orders {
            fields: &["name", "weight"],
            default: &[SortKey::ascending("name")],
            key: "name",
        },
        page_default: 50,
        page_max: 200,
    };

    fn read(page_token: &str, filter: &str, order_by: &str) -> Result<Paging, Fault> {
        let asked = Asked {
            page_size: 2,
            page_token,
            filter,
            order_by,
            within: "",
        };
        Paging::read(&asked, &LISTING)
    }

    fn token(filter: &str, order_by: &str) -> String {
        let paging = read("", filter, order_by).expect("first page");
        let mut rows = vec![("a", Some(1)), ("b", None), ("c", Some(2))];
        let token = paging.finish(&mut rows, |row, field| match field {
            "weight" => Part::number(row.1),
            _ => Part::text(&row.0),
        });
        assert_eq!(rows.len(), 2);
        token
    }

    #[test]
    fn a_size_is_defaulted_clamped_and_never_negative() {
        let limit = |page_size| {
            let asked = Asked {
                page_size,
                ..Asked::default()
            };
            Paging::read(&asked, &LISTING).map(|paging| paging.page.limit)
        };
        assert_eq!(limit(0), Ok(50));
        assert_eq!(limit(9_999), Ok(200));
        assert_eq!(limit(7), Ok(7));
        let fault = limit(-1).expect_err("negative");
        assert_eq!(fault.violations[0].field, "page_size");
    }

    #[test]
    fn r_api_3_a_token_goes_on_after_the_last_row_in_its_own_order() {
        let by_name = read(&token("", ""), "", "").expect("next page");
        assert_eq!(by_name.page.after, Some(vec![Part::text("b")]));
        let by_weight = read(&token("", "weight desc"), "", "weight desc").expect("next page");
        let after = vec![Part::Nothing, Part::text("b")];
        assert_eq!(by_weight.page.after, Some(after));
    }

    #[test]
    fn r_api_3_a_token_belongs_to_its_filter_its_order_and_what_it_is_within() {
        let given = token("state = OPEN", "weight");
        assert!(read(&given, "state = OPEN ", " weight").is_ok());
        for (filter, order_by) in [
            ("state = CLOSED", "weight"),
            ("state = OPEN", "weight desc"),
            ("state = OPEN", "weight, name desc"),
            ("state = OPEN", ""),
        ] {
            let fault = read(&given, filter, order_by).expect_err(order_by);
            assert_eq!(fault.violations[0].field, "page_token");
        }
        let asked = Asked {
            page_token: &given,
            filter: "state = OPEN",
            order_by: "weight",
            ..Asked::default()
        };
        assert!(Paging::read(&asked, &LISTING).is_ok());
        assert!(Paging::read(&asked.within("visits/1"), &LISTING).is_err());
        assert!(read(&token("", "name"), "", "").is_ok(), "the default");
        assert!(read("page-2", "", "").is_err());
    }

    #[test]
    fn r_api_3_every_field_at_fault_is_named_at_once() {
        let asked = Asked {
            page_size: -1,
            order_by: "grade",
            ..Asked::default()
        };
        let fault = Paging::read(&asked, &LISTING).expect_err("two");
        let fields = fault.violations.iter().map(|v| v.field.as_str());
        assert_eq!(fields.collect::<Vec<_>>(), ["page_size", "order_by"]);
    }

    #[test]
    fn the_last_page_has_no_token() {
        let paging = read("", "", "").expect("page");
        let mut rows = vec!["c"];
        assert_eq!(paging.finish(&mut rows, |row, _| Part::text(row)), "");
    }
}
