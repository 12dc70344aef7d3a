//! What holds for every request and every answer, whatever the page: who may send us a form, and
//! what a browser may do with what we send.
//!
//! Forms: `Sec-Fetch-Site` decides where a browser sends it, else `Origin` must be our own host. A
//! token of the session stands in each form besides ([`crate::form`]). On a loopback address the
//! host must be named as such, or a page elsewhere could have its own name lead here.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::page;
use crate::state::Shared;

const SEC_FETCH_SITE: &str = "sec-fetch-site";

/// No inline script or style, nothing from elsewhere, no frame, and no text that becomes markup.
pub(crate) const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
    img-src 'self'; font-src 'self'; connect-src 'self'; media-src 'self'; form-action 'self'; \
    frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; \
    trusted-types 'none'";

const HEADERS: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    // Not `no-referrer`: with it browsers send forms with `Origin: null`.
    (header::REFERRER_POLICY, "same-origin"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=()",
    ),
];

/// Lets a request in.
pub(crate) async fn admit(State(app): State<Shared>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let is_named = app.config.is_secure() || is_loopback(host(headers));
    let is_admitted = is_named && (request.method().is_safe() || is_from_here(headers));
    if is_admitted {
        next.run(request).await
    } else {
        tracing::warn!(
            path = request.uri().path(),
            "a form from elsewhere was refused"
        );
        page::forged().into_response()
    }
}

/// Puts the headers on an answer.
pub(crate) async fn harden(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // Of a page nothing is kept; an embedded file says itself how long it may be.
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap_or("?"))
}

fn host(headers: &HeaderMap) -> &str {
    text(headers, "host").unwrap_or_default()
}

fn is_from_here(headers: &HeaderMap) -> bool {
    if let Some(site) = text(headers, SEC_FETCH_SITE) {
        return matches!(site, "same-origin" | "none");
    }
    match text(headers, "origin") {
        Some(origin) => origin
            .split_once("://")
            .is_some_and(|(_, origin)| origin == host(headers)),
        // No browser: it has no cookie that another site could ride on.
        None => true,
    }
}

fn is_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    matches!(name, "localhost" | "127.0.0.1" | "[::1]")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pairs = pairs.iter().map(|(name, value)| {
            let name = HeaderName::from_static(name);
            (name, HeaderValue::from_static(value))
        });
        pairs.collect()
    }

    #[test]
    fn a_form_from_another_site_is_refused_whatever_its_origin_says() {
        let here = ("host", "127.0.0.1:7480");
        for site in ["cross-site", "same-site"] {
            let sent = [
                here,
                ("sec-fetch-site", site),
                ("origin", "http://127.0.0.1:7480"),
            ];
            assert!(!is_from_here(&headers(&sent)), "{site}");
        }
        for site in ["same-origin", "none"] {
            assert!(is_from_here(&headers(&[here, ("sec-fetch-site", site)])));
        }
        assert!(is_from_here(&headers(&[
            here,
            ("origin", "http://127.0.0.1:7480")
        ])));
        for origin in ["http://127.0.0.1:80", "https://evil.example", "null"] {
            assert!(
                !is_from_here(&headers(&[here, ("origin", origin)])),
                "{origin}"
            );
        }
    }

    #[test]
    fn a_name_that_was_led_to_a_loopback_address_is_none_of_ours() {
        for host in [
            "localhost",
            "localhost:7480",
            "127.0.0.1:1",
            "[::1]:7480",
            "[::1]",
        ] {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "127.0.0.1.evil.example:7480",
            "localhost.evil:80",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
