//! Sign-in, sessions, forms from elsewhere, and the headers of every page.

use std::collections::BTreeMap;

use crate::browser::{Browser, encoded};
use crate::scene::{CALL, Scene, begin, page_of};

#[tokio::test(flavor = "multi_thread")]
async fn r_con_31_a_session_that_ends_during_a_decision_loses_no_text() {
    let scene = begin().await;
    let case = scene.raise().await;
    let page = page_of(&case);
    let mut desk = scene.desk("").await;
    desk.open(&page).await;
    desk.submit("/acknowledge", &[]).await;
    scene.go_to(23, 12, 40).await;
    desk.open(&page).await;
    desk.submit("/call", &CALL).await;
    let mut director = scene.director("east-midlands").await;
    director.open(&page).await;
    scene.go_to(23, 13, 45).await;
    let typed = "It took an hour to write this: \"no leader\" & no trustee.";
    director
        .submit("/decision", &[("required", "yes"), ("rationale", typed)])
        .await;
    director.page.says("What you wrote is kept");
    let fields = [("role", "regional-director"), ("region", "east-midlands")];
    director.submit("/sign-in", &fields).await;
    assert_eq!(director.path, page);
    director.page.says("It is not recorded yet.");
    director.page.says(typed);
    director.page.says("Awaiting decision");
    director.submit("/decision", &[]).await;
    director.page.says("NFD required");
    let mut other = scene.desk("").await;
    other.open(&page).await.says(typed);
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_ends_the_session_for_good() {
    let scene = begin().await;
    let mut desk = scene.desk("").await;
    let kept = desk.cookies.clone();
    desk.submit("/sign-out", &[])
        .await
        .says("You have signed out.");
    assert!(desk.cookies.is_empty());
    desk.cookies = kept;
    desk.open("/queue").await.says("Sign in to the duty desk");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cookie_is_out_of_reach_for_scripts_and_forms_of_other_sites() {
    let scene = begin().await;
    let mut browser = Browser::new(scene.console);
    let body = "role=duty-desk&next=https%3A%2F%2Fevil.example";
    let answer = browser.send("POST", "/sign-in", &[], body).await;
    assert_eq!(answer.status, 303);
    assert_eq!(answer.header("location"), "/");
    let cookie = answer.header("set-cookie");
    assert!(
        cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax"),
        "{cookie}"
    );
    let mut made_up = Browser::new(scene.console);
    made_up
        .cookies
        .insert("visits-session".to_owned(), "0".repeat(64));
    made_up
        .open("/queue")
        .await
        .says("Sign in to the duty desk");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_from_elsewhere_or_without_the_sessions_token_changes_nothing() {
    let scene = begin().await;
    let case = scene.raise().await;
    let address = format!("{}/acknowledge", page_of(&case));
    let mut desk = scene.desk("").await;
    desk.open(&page_of(&case)).await;
    let token = token_on(&desk.page.body);
    let other = scene.desk("desk-2").await;
    let of_another = token_on(&other.page.body);
    for (headers, form_token) in [
        (vec![("Sec-Fetch-Site", "cross-site")], token.as_str()),
        (vec![("Sec-Fetch-Site", "same-site")], token.as_str()),
        (vec![("Origin", "https://evil.example")], token.as_str()),
        (vec![("Origin", "null")], token.as_str()),
        (vec![("Host", "evil.example")], token.as_str()),
        (vec![("Sec-Fetch-Site", "same-origin")], ""),
        (vec![("Sec-Fetch-Site", "same-origin")], of_another.as_str()),
    ] {
        let request = scene.stage.request_id();
        let fields = [
            ("form_token", form_token),
            ("request_id", &request),
            ("etag", ""),
        ];
        let fields: BTreeMap<String, String> = fields
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
        let answer = desk
            .send("POST", &address, &headers, &encoded(&fields))
            .await;
        assert_eq!(answer.status, 403, "{headers:?}");
    }
    desk.open(&page_of(&case)).await.says("New concern");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_from_elsewhere_ends_no_session_and_keeps_none_awake() {
    let scene = begin().await;
    let mut desk = scene.desk("").await;
    let token = token_on(&desk.page.body);
    for path in ["/sign-out", "/sign-out-everywhere", "/stay"] {
        for (site, form_token) in [("cross-site", token.as_str()), ("same-origin", "")] {
            let headers = [("Sec-Fetch-Site", site)];
            let body = format!("form_token={form_token}");
            let answer = desk.send("POST", path, &headers, &body).await;
            assert_eq!(answer.status, 403, "{path} {site}");
        }
        desk.open("/queue").await.says("duty-desk");
    }
    let body = format!("form_token={token}");
    let headers = [("Sec-Fetch-Site", "same-origin")];
    let stayed = desk.send("POST", "/stay", &headers, &body).await;
    assert_eq!(stayed.status, 204);
    desk.open("/sessions").await.says("this browser");
    desk.submit("/sign-out-everywhere", &[]).await;
    desk.page.says("You have signed out everywhere.");
}

fn token_on(page: &str) -> String {
    let (_, rest) = page
        .split_once("name=\"form_token\" value=\"")
        .expect("a token");
    rest.split('"').next().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_keeps_scripts_frames_and_caches_out() {
    let scene = begin().await;
    let case = scene.raise().await;
    let mut desk = scene.desk("").await;
    let case = page_of(&case);
    for path in [
        "/sign-in",
        "/sign-in/start",
        "/sign-in/callback",
        "/sessions",
        "/queue",
        &case,
        "/cases/none",
        "/nothing",
        "/assets/another/console.mjs",
    ] {
        let answer = desk.send("GET", path, &[], "").await;
        let policy = answer.header("content-security-policy");
        for part in [
            "default-src 'none'",
            "script-src 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "require-trusted-types-for 'script'",
        ] {
            assert!(
                policy.split("; ").any(|found| found.trim() == part),
                "{path}: {policy}"
            );
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        // What the policy would refuse anyway is not there: neither inline script nor style.
        let has_inline = answer.body.contains(" style=") || answer.body.contains("<style");
        assert!(!has_inline && !answer.body.contains(" onclick="), "{path}");
        for script in answer.body.split("<script").skip(1) {
            let is_file = script.contains("src=\"/assets/") && script.contains("\"></script>");
            assert!(is_file, "{path}: {script}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_not_signed_in_sees_the_sign_in_and_nothing_else() {
    let scene: Scene = begin().await;
    let case = scene.raise().await;
    let mut stranger = Browser::new(scene.console);
    for path in ["/", "/queue", &page_of(&case)] {
        stranger.open(path).await.says("Sign in to the duty desk");
        stranger.page.says_nothing_of("Fosse Lane");
    }
    let answer = stranger
        .send("POST", "/cases/x/decision", &[], "required=yes")
        .await;
    assert_eq!(answer.status, 303);
}
