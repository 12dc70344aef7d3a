//! Our cookies: no script reads them, no other site sends them along with a form.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::config::Config;

/// What a cookie is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Stands for a session.
    Session,
    /// Holds a sign-in that has begun, sealed.
    Attempt,
}

impl Kind {
    /// Over TLS the prefix makes browsers refuse a cookie that another host or a plain connection
    /// set. Over a plain loopback connection browsers keep no `Secure` cookie everywhere.
    const fn name(self, is_secure: bool) -> &'static str {
        match (self, is_secure) {
            (Self::Session, true) => "__Host-visits-session",
            (Self::Session, false) => "visits-session",
            (Self::Attempt, true) => "__Host-visits-sign-in",
            (Self::Attempt, false) => "visits-sign-in",
        }
    }
}

/// The value of the session's cookie; empty if there is none.
pub(crate) fn read<'a>(headers: &'a HeaderMap, config: &Config) -> &'a str {
    value(headers, Kind::Session.name(config.is_secure()))
}

/// The sign-in that this browser has begun; empty if there is none.
pub(crate) fn read_attempt<'a>(headers: &'a HeaderMap, config: &Config) -> &'a str {
    value(headers, Kind::Attempt.name(config.is_secure()))
}

fn value<'a>(headers: &'a HeaderMap, wanted: &str) -> &'a str {
    let all = headers.get_all(header::COOKIE).into_iter();
    let pairs = all
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'));
    let mut values = pairs.filter_map(|pair| pair.trim().split_once('='));
    values
        .find(|(name, _)| *name == wanted)
        .map_or("", |(_, value)| value)
}

/// The header that sets it to `value`; without one it is taken away.
pub(crate) fn set(config: &Config, kind: Kind, value: Option<&str>) -> HeaderValue {
    let is_secure = config.is_secure();
    let secure = if is_secure { "; Secure" } else { "" };
    let gone = if value.is_none() { "; Max-Age=0" } else { "" };
    let text = format!(
        "{}={}; Path=/; HttpOnly; SameSite=Lax{secure}{gone}",
        kind.name(is_secure),
        value.unwrap_or_default()
    );
    // Our own names and hexadecimal digits are always a header's value.
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(address: &str) -> Config {
        Config {
            address: address.to_owned(),
            ..Config::default()
        }
    }

    #[test]
    fn over_tls_the_cookie_has_the_host_prefix_and_is_secure() {
        let set = set(
            &config("https://desk.example.org"),
            Kind::Session,
            Some("ab"),
        );
        let expected = "__Host-visits-session=ab; Path=/; HttpOnly; SameSite=Lax; Secure";
        assert_eq!(set, expected);
    }

    #[test]
    fn the_cookie_is_found_among_others_under_its_whole_name() {
        let mut headers = HeaderMap::new();
        let sent = "a=1; x-visits-session=no; visits-session=ab; b=2";
        headers.insert(header::COOKIE, HeaderValue::from_static(sent));
        assert_eq!(read(&headers, &config("")), "ab");
        assert_eq!(read(&headers, &config("https://desk.example.org")), "");
    }
}
