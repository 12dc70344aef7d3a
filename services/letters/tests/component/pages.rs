//! The public pages (M3, M37): valid, escaped, without a script, at a stable address.

use axum::http::{StatusCode, header};
use visits_testkit::{Database, on_every_database};

use crate::html::{assert_valid, form, get, post};
use crate::world::{SCHOOL, URN, World};

const ADDRESS: &str = "/schools/123166/letters/2020-10-13";

async fn m3_m37_a_published_letter_is_a_valid_page_at_a_stable_address(database: Database) {
    let world = World::new(database).await;
    let letter = world.ready_letter().await;
    assert_eq!(
        get(&world.pages, ADDRESS).await.status,
        StatusCode::NOT_FOUND
    );
    let published = world.publish(&letter).await.expect("published");
    assert_eq!(published.public_path, ADDRESS);
    let page = get(&world.pages, ADDRESS).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_valid(&page);
    assert!(page.body.contains("Most pupils are back."));
    assert!(
        page.body
            .contains("Published: <time datetime=\"2020-10-13T14:40:00Z\">13 October 2020")
    );
    assert!(page.body.contains(&published.editions[0].content_sha256));
    for who in ["HMI-", "headteacher", "publisher-"] {
        assert!(!page.body.contains(who), "{who} is nobody's business");
    }
}

async fn the_words_of_users_never_become_markup(database: Database) {
    let world = World::new(database).await;
    world.visit_over().await;
    let letter = world.draft().await.expect("drafted");
    let words = "Pupils <script>alert(1)</script> & \"quotes\" 'read' <b onclick=x>.";
    world.revise(&letter, words).await.expect("revised");
    world.send(&letter).await.expect("sent");
    let check = get(&world.pages, &world.link("invitation")).await;
    world.reply(&letter, &[]).await.expect("replied");
    let ready = world.ready(&letter).await.expect("ready");
    world.publish(&ready).await.expect("published");
    for page in [check, get(&world.pages, ADDRESS).await] {
        assert_valid(&page);
        assert!(
            page.body
                .contains("&#60;script&#62;alert(1)&#60;/script&#62; &#38; "),
            "{}",
            page.body
        );
        assert!(!page.body.contains(SCHOOL));
        assert!(
            page.body
                .contains("Appleby &#38; &#60;b&#62;Good&#60;/b&#62; Primary School")
        );
    }
}

async fn m37_a_correction_is_visible_as_such_and_earlier_editions_stay_as_they_were(
    database: Database,
) {
    let world = World::new(database).await;
    let letter = world.published_letter().await;
    let first = get(&world.pages, &format!("{ADDRESS}/editions/1")).await;
    world
        .correct(&letter, "All pupils are back.", "We put a number right.")
        .await
        .expect("corrected");
    let page = get(&world.pages, ADDRESS).await;
    assert_valid(&page);
    assert!(page.body.contains("All pupils are back."));
    assert!(page.body.contains("This letter was corrected on"));
    assert!(page.body.contains("We put a number right."));
    let earlier = get(&world.pages, &format!("{ADDRESS}/editions/1")).await;
    assert_valid(&earlier);
    assert!(
        earlier.body.contains("Most pupils are back.")
            && first.body.contains("Most pupils are back.")
    );
    assert!(earlier.body.contains("This is an earlier edition."));
    for missing in ["3", "0", "x"] {
        let page = get(&world.pages, &format!("{ADDRESS}/editions/{missing}")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND);
    }
}

async fn m37_the_page_of_a_withdrawn_letter_says_so_and_nothing_else(database: Database) {
    let world = World::new(database).await;
    let letter = world.published_letter().await;
    world
        .withdraw(&letter, "It was about another school.")
        .await
        .expect("withdrawn");
    for path in [ADDRESS.to_owned(), format!("{ADDRESS}/editions/1")] {
        let page = get(&world.pages, &path).await;
        assert_eq!(page.status, StatusCode::GONE);
        assert_valid(&page);
        assert!(page.body.contains("It was about another school."));
        assert!(!page.body.contains("Most pupils"));
    }
    let list = get(&world.pages, "/letters").await;
    assert!(list.body.contains("(withdrawn)"));
}

async fn m3_the_lists_show_published_letters_only(database: Database) {
    let world = World::new(database).await;
    let letter = world.ready_letter().await;
    let school = format!("/schools/{URN}/letters");
    for path in ["/letters", &school] {
        let page = get(&world.pages, path).await;
        assert_valid(&page);
        assert!(page.body.contains("No letter has been published yet."));
    }
    world.publish(&letter).await.expect("published");
    for path in ["/letters", &school] {
        let page = get(&world.pages, path).await;
        assert_valid(&page);
        assert!(page.body.contains(ADDRESS));
    }
    let other = get(&world.pages, "/schools/100000/letters").await;
    assert!(!other.body.contains(ADDRESS));
    let bad = get(&world.pages, "/letters?page=nonsense").await;
    assert_eq!(bad.status, StatusCode::BAD_REQUEST);
    assert_valid(&bad);
}

async fn every_page_has_strict_headers_and_a_page_behind_a_link_is_kept_nowhere(
    database: Database,
) {
    let world = World::new(database).await;
    world.visit_over().await;
    let letter = world.draft().await.expect("drafted");
    world.send(&letter).await.expect("sent");
    let link = world.link("invitation");
    for path in [
        "/letters",
        "/letters.css",
        "/schools/1/x",
        "/letters/x",
        ADDRESS,
        &link,
    ] {
        let page = get(&world.pages, path).await;
        let header = |name| {
            page.headers
                .get(name)
                .map(|v| v.to_str().expect("text"))
                .unwrap_or("")
        };
        let policy = header(header::CONTENT_SECURITY_POLICY);
        assert!(
            policy.starts_with("default-src 'none'; style-src 'self';"),
            "{path}: {policy}"
        );
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("script"));
        assert_eq!(header(header::REFERRER_POLICY), "no-referrer");
        assert_eq!(header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
        let kept = if path == link {
            "no-store"
        } else {
            "public, max-age=60"
        };
        assert_eq!(header(header::CACHE_CONTROL), kept, "{path}");
    }
    let css = get(&world.pages, "/letters.css").await;
    assert_eq!(css.headers[header::CONTENT_TYPE], "text/css; charset=utf-8");
    let wrong = link.replace(|c: char| c.is_ascii_digit(), "0");
    assert_eq!(
        get(&world.pages, &wrong).await.status,
        StatusCode::NOT_FOUND
    );
}

async fn m36_the_school_asks_for_room_for_another_correction_without_replying(database: Database) {
    let world = World::new(database).await;
    world.visit_over().await;
    let letter = world.draft().await.expect("drafted");
    world.send(&letter).await.expect("sent");
    let link = world.link("invitation");
    let page = get(&world.pages, &link).await;
    assert_eq!(page.headers["x-robots-tag"], "noindex, nofollow");
    assert!(!page.body.contains("Correction 4"));
    let mut fields = form(&page.body);
    fields.insert("passage-3".into(), "Most pupils are back.".into());
    fields.insert("more".into(), "1".into());
    let wider = post(&world.pages, &link, &fields).await;
    assert_eq!(wider.status, StatusCode::OK);
    assert_valid(&wider);
    assert!(wider.body.contains("Correction 4") && wider.body.contains("Most pupils are back."));
    assert_eq!(world.get(&letter).await.factual_checks[0].corrections, []);
    let mut fields = form(&wider.body);
    fields.insert("respondent_role".into(), "headteacher".into());
    fields.insert("passage-4".into(), "Most pupils are back.".into());
    fields.insert(
        "correction-4".into(),
        "All pupils are back, by the register.".into(),
    );
    let sent = post(&world.pages, &link, &fields).await;
    assert_eq!(sent.status, StatusCode::OK, "{}", sent.body);
    let corrections = &world.get(&letter).await.factual_checks[0].corrections;
    assert_eq!(
        corrections[0].correction,
        "All pupils are back, by the register."
    );
    assert_eq!(get(&world.pages, &link).await.status, StatusCode::GONE);
}

async fn m36_the_schools_page_is_valid_and_names_what_is_wrong_with_a_reply(database: Database) {
    let world = World::new(database).await;
    world.visit_over().await;
    let letter = world.draft().await.expect("drafted");
    world.send(&letter).await.expect("sent");
    let link = world.link("invitation");
    let page = get(&world.pages, &link).await;
    assert_valid(&page);
    assert!(page.body.contains("Tuesday 20 October 2020 at 5:00pm BST"));
    let mut fields = form(&page.body);
    fields.insert("passage-2".into(), "Most pupils <are> back.".into());
    let again = post(&world.pages, &link, &fields).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_valid(&again);
    assert!(again.body.contains("<title>Error: "));
    let role = "Enter your role at the school, such as headteacher";
    assert_eq!(
        again.body.matches(role).count(),
        2,
        "in the summary and at its field"
    );
    let half = "Correction 2: enter what would be accurate";
    assert_eq!(
        again.body.matches(half).count(),
        2,
        "at the row that was filled in"
    );
    assert!(again.body.contains("href=\"#correction-2\""));
    assert!(
        again
            .body
            .contains("Most pupils &#60;are&#62; back.</textarea>"),
        "what was typed is kept"
    );
    assert_eq!(world.get(&letter).await.factual_checks[0].corrections, []);
    let huge = [("respondent_role".to_owned(), "x".repeat(300_000))].into();
    assert_eq!(
        post(&world.pages, &link, &huge).await.status,
        StatusCode::PAYLOAD_TOO_LARGE
    );
}

on_every_database!(
    m3_m37_a_published_letter_is_a_valid_page_at_a_stable_address,
    the_words_of_users_never_become_markup,
    m37_a_correction_is_visible_as_such_and_earlier_editions_stay_as_they_were,
    m37_the_page_of_a_withdrawn_letter_says_so_and_nothing_else,
    m3_the_lists_show_published_letters_only,
    every_page_has_strict_headers_and_a_page_behind_a_link_is_kept_nowhere,
    m36_the_school_asks_for_room_for_another_correction_without_replying,
    m36_the_schools_page_is_valid_and_names_what_is_wrong_with_a_reply,
);
