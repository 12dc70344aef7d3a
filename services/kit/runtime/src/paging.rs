//! Paging through lists (R-API-3): a page token says where to go on and carries no authority.
//!
//! A token is bound to the filter of its list. It is no secret and is not signed: each page is
//! authorised and scoped as the first was, so a forged token only moves the starting point.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use visits_core::{Fault, FieldViolation};

/// Where a page starts and how long it is at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// Rows at most. To know whether there is a further page, read one more.
    pub limit: u64,
    /// Only rows after this key.
    pub after: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Token {
    #[serde(rename = "f")]
    filter: String,
    #[serde(rename = "a")]
    after: String,
}

fn bind(filter: &str) -> String {
    hex::encode(&Sha256::digest(filter.trim().as_bytes())[..8])
}

impl PageRequest {
    /// Reads the paging fields of a list request. A size of 0 means `default`; a larger size than
    /// `max` is cut to it without complaint.
    ///
    /// # Errors
    /// `InvalidInput` that names `page_size`, `page_token` or both.
    pub fn read(
        page_size: i32,
        page_token: &str,
        filter: &str,
        default: u32,
        max: u32,
    ) -> Result<Self, Fault> {
        let mut violations = Vec::new();
        let limit = match u32::try_from(page_size) {
            Ok(0) => default.min(max),
            Ok(size) => size.min(max),
            Err(_) => {
                violations.push(FieldViolation::new("page_size", "must not be negative"));
                default
            }
        };
        let after = (!page_token.is_empty()).then(|| position(page_token, filter));
        let after = match after.transpose() {
            Ok(after) => after,
            Err(description) => {
                violations.push(FieldViolation::new("page_token", description));
                None
            }
        };
        if violations.is_empty() {
            Ok(Self {
                limit: u64::from(limit),
                after,
            })
        } else {
            Err(Fault::invalid(violations))
        }
    }

    /// Cuts `rows`, read with one row more than the limit, to the page, and gives the token of the
    /// next page: empty if this is the last.
    pub fn finish<T>(&self, rows: &mut Vec<T>, filter: &str, key: impl Fn(&T) -> String) -> String {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        if rows.len() <= limit {
            return String::new();
        }
        rows.truncate(limit);
        rows.last()
            .map_or_else(String::new, |row| next_token(filter, &key(row)))
    }
}

fn position(token: &str, filter: &str) -> Result<String, &'static str> {
    let token: Token = URL_SAFE_NO_PAD
        .decode(token)
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .ok_or("is not a token of this service; leave it empty for the first page")?;
    if token.filter == bind(filter) {
        Ok(token.after)
    } else {
        Err("belongs to another filter; repeat the filter of the first page")
    }
}

/// The token of the page after the row with `last_key`.
#[must_use]
pub fn next_token(filter: &str, last_key: &str) -> String {
    let token = Token {
        filter: bind(filter),
        after: last_key.to_owned(),
    };
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(&token).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_defaulted_clamped_and_never_negative() {
        let limit = |size| PageRequest::read(size, "", "", 50, 200).map(|page| page.limit);
        assert_eq!(limit(0), Ok(50));
        assert_eq!(limit(9_999), Ok(200));
        assert_eq!(limit(7), Ok(7));
        let fault = limit(-1).expect_err("negative");
        assert_eq!(fault.violations[0].field, "page_size");
    }

    #[test]
    fn a_token_goes_on_after_its_key_and_only_under_its_filter() {
        let token = next_token("state = OPEN", "0192");
        let read = |filter| PageRequest::read(0, &token, filter, 50, 200);
        assert_eq!(
            read("state = OPEN ").expect("same filter").after.as_deref(),
            Some("0192")
        );
        let fault = read("state = CLOSED").expect_err("other filter");
        assert_eq!(fault.violations[0].field, "page_token");
        assert!(PageRequest::read(0, "page-2", "", 50, 200).is_err());
    }

    #[test]
    fn a_page_is_cut_and_the_last_page_has_no_token() {
        let page = PageRequest::read(2, "", "", 50, 200).expect("page");
        let mut rows = vec!["a", "b", "c"];
        let token = page.finish(&mut rows, "", ToString::to_string);
        assert_eq!(rows, ["a", "b"]);
        let next = PageRequest::read(2, &token, "", 50, 200).expect("next");
        assert_eq!(next.after.as_deref(), Some("b"));
        let mut rest = vec!["c"];
        assert_eq!(next.finish(&mut rest, "", ToString::to_string), "");
    }
}
