//! Signing in at a real OpenID Connect issuer.

use visits_core::SignedDuration;

use crate::issuer::{Person, TOKEN_SECONDS, begin};

/// `address` with another value for one of its parameters.
fn with(address: &str, name: &str, value: &str) -> String {
    let (path, query) = address.split_once('?').expect("a query");
    let pairs = query.split('&').map(|pair| match pair.split_once('=') {
        Some((known, _)) if known == name => format!("{name}={value}"),
        _ => pair.to_owned(),
    });
    let query = pairs.collect::<Vec<_>>().join("&");
    assert!(query.contains(&format!("{name}={value}")), "{address}");
    format!("{path}?{query}")
}

#[tokio::test(flavor = "multi_thread")]
async fn r_con_29_somebody_signs_in_at_the_issuer_in_their_role_and_gets_the_page_they_asked_for() {
    let mut place = begin().await;
    place.expect("HMI-001", &["staff", "inspector"]);
    let mut person = place.somebody();
    let to = person.sent_to_issuer("/queue?show=closed").await;
    for part in [
        "response_type=code",
        "code_challenge_method=S256",
        "code_challenge=",
        "nonce=",
        "state=",
        "scope=openid",
        "client_id=visits-console",
    ] {
        assert!(to.contains(part), "{part} is not in {to}");
    }
    assert!(!to.contains("secret"), "{to}");
    let back = person.through_issuer(&to).await;
    person.here.open(&back).await;
    assert_eq!(person.here.path, "/queue?show=closed");
    person.here.page.says("Inspector HMI-001");
    let mut desk = place.signed_in("desk-2", &["desk"]).await;
    desk.here.page.says("Duty desk desk-2");
    assert!(!desk.here.cookies.contains_key("visits-sign-in"));
    // The services believe the same token: the page is theirs.
    desk.here.open("/queue").await.says("Duty desk desk-2");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_role_of_ours_or_a_code_nobody_gets_in() {
    let mut place = begin().await;
    for (sub, roles) in [
        ("HMI-001", &["staff"][..]),
        ("HMI-001", &[][..]),
        ("HMI-001", &["service"][..]),
        ("jane@example.org", &["inspector"][..]),
    ] {
        place.expect(sub, roles);
        let mut person = place.somebody();
        person.sign_in("/queue").await;
        assert_eq!(person.here.page.status, 403, "{sub} {roles:?}");
        person.here.page.says("You have no place here");
        assert!(!person.here.cookies.contains_key("visits-session"));
    }
    place.expect_a_refusal();
    let mut person = place.somebody();
    person.sign_in("/queue").await.says("You are not signed in");
}

/// What comes back from the issuer, tampered with on its way there or back, signs nobody in.
async fn is_refused(person: &mut Person, back: &str, what: &str) {
    person.here.open(back).await;
    let page = &person.here.page;
    assert_eq!(page.status, 400, "{what}: {}", page.text());
    page.says("That sign-in can’t be used");
    assert!(
        !person.here.cookies.contains_key("visits-session"),
        "{what}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_with_another_state_nonce_challenge_or_issuer_is_refused() {
    let place = begin().await;
    for (name, value) in [
        ("state", "0".repeat(64)),
        ("state", String::new()),
        ("iss", "https%3A%2F%2Fevil.example".to_owned()),
        ("iss", String::new()),
        ("code", "made-up".to_owned()),
    ] {
        let mut person = place.somebody();
        let to = person.sent_to_issuer("/queue").await;
        let back = person.through_issuer(&to).await;
        is_refused(&mut person, &with(&back, name, &value), name).await;
    }
    for (name, value) in [
        ("nonce", "0".repeat(64)),
        (
            "code_challenge",
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".to_owned(),
        ),
    ] {
        let mut person = place.somebody();
        let to = person.sent_to_issuer("/queue").await;
        let back = person.through_issuer(&with(&to, name, &value)).await;
        is_refused(&mut person, &back, name).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_good_once_and_in_the_browser_that_asked() {
    let place = begin().await;
    let mut person = place.somebody();
    let to = person.sent_to_issuer("/queue").await;
    let attempt = person.here.cookies.clone();
    let back = person.through_issuer(&to).await;
    // Somebody else's browser, led to the answer (login CSRF).
    let mut victim = place.somebody();
    is_refused(&mut victim, &back, "without an attempt").await;
    let mut other = place.somebody();
    other.sent_to_issuer("/queue").await;
    is_refused(&mut other, &back, "with an attempt of its own").await;
    person.here.open(&back).await.says("HMI-001");
    let mut replayed = place.somebody();
    replayed.here.cookies = attempt.clone();
    is_refused(&mut replayed, &back, "replayed").await;
    // An attempt that is too old is none, whatever the issuer says.
    let mut late = place.somebody();
    let to = late.sent_to_issuer("/queue").await;
    let back = late.through_issuer(&to).await;
    place.clock.advance(SignedDuration::from_mins(15));
    is_refused(&mut late, &back, "too late").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_goes_on_with_a_new_token_and_ends_when_there_is_none_that_is_good() {
    let mut place = begin().await;
    let mut person = place.signed_in("HMI-001", &["inspector"]).await;
    // Half a minute before its end: the issuer gives another.
    place
        .clock
        .advance(SignedDuration::from_secs(TOKEN_SECONDS - 30));
    let pages = ["/queue", "/queue?show=closed"];
    let mut two = person.here.twin();
    let both = tokio::join!(person.here.open(pages[0]), two.open(pages[1]));
    both.0.says("HMI-001");
    both.1.says("HMI-001");
    // By the clock of the services every token of the issuer has expired by now.
    place.clock.advance(SignedDuration::from_mins(20));
    person
        .here
        .open("/queue")
        .await
        .says("Your session has ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_outlives_a_restart_and_no_sign_out_everywhere() {
    let mut place = begin().await;
    let mut desk = place.signed_in("desk-1", &["desk"]).await;
    let mut tablet = place.signed_in("desk-1", &["desk"]).await;
    let mut other = place.signed_in("desk-2", &["desk"]).await;
    place.start_again().await;
    desk.here.open("/sessions").await.says("this browser");
    desk.here.submit("/sign-out-everywhere", &[]).await;
    desk.here.page.says("You have signed out of the duty desk");
    tablet
        .here
        .open("/queue")
        .await
        .says("Your session has ended");
    other.here.open("/queue").await.says("desk-2");
    desk.here.open("/sign-in?note=out").await;
    desk.here.page.says("You have signed out.");
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_goes_on_to_the_issuer() {
    let mut place = begin().await;
    let mut person = place.signed_in("HMI-001", &["inspector"]).await;
    person.here.submit("/sign-out", &[]).await;
    let page = &person.here.page;
    assert_eq!(page.status, 200);
    page.says("You have signed out of the duty desk");
    let refresh = page.header("refresh").to_owned();
    let there = refresh.strip_prefix("0; url=").expect("sent on");
    let there = there.replace(&format!("http://{}", person.there.address), "");
    assert!(there.contains("id_token_hint="), "{there}");
    assert!(there.contains("post_logout_redirect_uri="), "{there}");
    let asked = person.there.send("GET", &there, &[], "").await;
    assert_eq!(asked.status, 200, "{}", asked.text());
    assert!(person.here.cookies.is_empty());
    // What was signed out can't be used again.
    let policy = page.header("content-security-policy");
    assert!(policy.contains("form-action 'self'"), "{policy}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ends_at_the_issuer_ends_here_and_nothing_else_does() {
    let mut place = begin().await;
    let mut desk = place.signed_in("desk-1", &["desk"]).await;
    let mut tablet = place.signed_in("desk-1", &["desk"]).await;
    let mut other = place.signed_in("desk-2", &["desk"]).await;
    // At the issuer itself: the console hears of it from there alone.
    let asked = desk.there.send("GET", "/session/end", &[], "").await;
    let secret = asked.body.split("name=\"xsrf\" value=\"").nth(1);
    let secret = secret.and_then(|rest| rest.split('"').next());
    let body = format!("xsrf={}&logout=yes", secret.expect("a form"));
    let ended = desk.there.send("POST", "/session/end/confirm", &[], &body);
    assert_eq!(ended.await.status, 303);
    desk.here
        .open("/queue")
        .await
        .says("Your session has ended");
    tablet.here.open("/queue").await.says("desk-1");
    other.here.open("/queue").await.says("desk-2");
    // Nobody else says so: neither with nothing nor with a token of another kind.
    for sent in ["", "logout_token=", "logout_token=a.b.c"] {
        let refused = tablet.here.send("POST", "/sign-in/back-channel", &[], sent);
        let status = refused.await.status;
        assert!(matches!(status, 400 | 422), "{sent}: {status}");
    }
    tablet.here.open("/queue").await.says("desk-1");
}

#[tokio::test(flavor = "multi_thread")]
async fn beside_an_issuer_there_is_no_development_sign_in() {
    let place = begin().await;
    let mut person = place.somebody();
    let body = "role=duty-desk&next=%2Fqueue";
    let answer = person.here.send("POST", "/sign-in", &[], body).await;
    assert_eq!(answer.status, 404);
    answer.says("Nobody can sign in here");
    let page = person.here.open("/sign-in?note=lapsed").await;
    page.says("You sign in with the account of your organisation.");
    page.says_nothing_of("Who are you?");
}
