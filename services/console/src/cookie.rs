//! The session's cookie: no script reads it, no other site sends it along with a form.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::config::Config;

/// Over TLS the prefix makes browsers refuse a cookie that another host or a plain connection set.
const SECURE: &str = "__Host-visits-session";
/// Over a plain loopback connection browsers keep no `Secure` cookie everywhere.
const PLAIN: &str = "visits-session";

const fn name(is_secure: bool) -> &'static str {
    if is_secure { SECURE } else { PLAIN }
}

/// The cookie's value; empty if there is none.
pub(crate) fn read<'a>(headers: &'a HeaderMap, config: &Config) -> &'a str {
    let wanted = name(config.is_secure());
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
pub(crate) fn set(config: &Config, value: Option<&str>) -> HeaderValue {
    let is_secure = config.is_secure();
    let secure = if is_secure { "; Secure" } else { "" };
    let gone = if value.is_none() { "; Max-Age=0" } else { "" };
    let text = format!(
        "{}={}; Path=/; HttpOnly; SameSite=Lax{secure}{gone}",
        name(is_secure),
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
            listen: String::new(),
            address: address.to_owned(),
            idle_minutes: 60,
            session_hours: 12,
        }
    }

    #[test]
    fn over_tls_the_cookie_has_the_host_prefix_and_is_secure() {
        let set = set(&config("https://desk.example.org"), Some("ab"));
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
