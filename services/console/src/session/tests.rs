use super::*;
use tempfile::TempDir;
use visits_core::ManualClock;

struct Bench {
    clock: ManualClock,
    sessions: Sessions,
    place: TempDir,
}

async fn bench() -> Bench {
    let place = tempfile::tempdir().expect("a folder");
    let clock = ManualClock::new("2020-10-23T12:00:00Z".parse().expect("instant"));
    let sessions = open(&place, &clock, 1).await;
    Bench {
        clock,
        sessions,
        place,
    }
}

/// The sessions of a process with the key `key`.
async fn open(place: &TempDir, clock: &ManualClock, key: u8) -> Sessions {
    let url = format!("sqlite://{}", place.path().join("console.db").display());
    let store = Store::open(&url).await.expect("opened");
    let seal = Arc::new(Seal::new(&[key; 32]));
    let lengths = (
        SignedDuration::from_mins(60),
        SignedDuration::from_hours(12),
    );
    Sessions::new(store, seal, Arc::new(clock.clone()), lengths)
}

impl Bench {
    async fn begin(&self, principal: &str) -> String {
        let granted = Granted {
            actor: Actor::new(principal, Role::DutyDesk),
            access: "the-access-token".to_owned(),
            ends: self.clock.now() + SignedDuration::from_hours(12),
            refresh: None,
            id_token: Some("the-id-token".to_owned()),
        };
        self.sessions.begin(granted).await.expect("begun")
    }

    fn pass(&self, minutes: i64) {
        self.clock.advance(SignedDuration::from_mins(minutes));
    }
}

#[tokio::test]
async fn a_session_ends_after_an_hour_without_a_request_and_a_look_is_none() {
    let bench = bench().await;
    let cookie = bench.begin("duty-desk").await;
    bench.pass(59);
    assert!(matches!(bench.sessions.touch(&cookie).await, Look::Live(_)));
    bench.pass(59);
    assert!(matches!(bench.sessions.peek(&cookie).await, Look::Live(_)));
    bench.pass(1);
    let look = bench.sessions.touch(&cookie).await;
    assert!(matches!(look, Look::Lapsed(_)));
}

#[tokio::test]
async fn a_session_ends_after_twelve_hours_whatever_its_user_does() {
    let bench = bench().await;
    let cookie = bench.begin("duty-desk").await;
    for _ in 0..23 {
        bench.pass(30);
        assert!(matches!(bench.sessions.touch(&cookie).await, Look::Live(_)));
    }
    bench.pass(30);
    let look = bench.sessions.touch(&cookie).await;
    assert!(matches!(look, Look::Lapsed(_)));
    bench.clock.advance(KNOWN_AFTERWARDS);
    assert!(matches!(bench.sessions.touch(&cookie).await, Look::Nobody));
}

#[tokio::test]
async fn a_session_ends_with_its_token_if_none_follows() {
    let bench = bench().await;
    let granted = Granted {
        actor: Actor::new("duty-desk", Role::DutyDesk),
        access: "t".to_owned(),
        ends: bench.clock.now() + SignedDuration::from_mins(10),
        refresh: None,
        id_token: None,
    };
    let cookie = bench.sessions.begin(granted).await.expect("begun");
    bench.pass(9);
    assert!(matches!(bench.sessions.touch(&cookie).await, Look::Live(_)));
    bench.pass(1);
    let look = bench.sessions.touch(&cookie).await;
    assert!(matches!(look, Look::Lapsed(_)));
}

#[tokio::test]
async fn a_session_that_was_ended_and_a_value_that_was_made_up_are_nobodys() {
    let bench = bench().await;
    let cookie = bench.begin("duty-desk").await;
    assert_ne!(cookie, bench.begin("duty-desk").await);
    let id_token = bench.sessions.end(&cookie).await.expect("ended");
    assert_eq!(id_token.as_deref(), Some("the-id-token"));
    assert!(matches!(bench.sessions.touch(&cookie).await, Look::Nobody));
    for made_up in ["", "0", &"0".repeat(64), &"f".repeat(64)] {
        let look = bench.sessions.touch(made_up).await;
        assert!(matches!(look, Look::Nobody), "{made_up}");
    }
}

#[tokio::test]
async fn a_session_outlives_the_process_and_not_the_key() {
    let bench = bench().await;
    let cookie = bench.begin("duty-desk").await;
    let Look::Live(before) = bench.sessions.touch(&cookie).await else {
        panic!("signed in");
    };
    bench.sessions.store.close().await.expect("closed");
    let after = open(&bench.place, &bench.clock, 1).await;
    let Look::Live(session) = after.touch(&cookie).await else {
        panic!("still signed in");
    };
    assert_eq!(session.actor, Actor::new("duty-desk", Role::DutyDesk));
    assert_eq!(session.authorization, "Bearer the-access-token");
    assert_eq!(session.form_token, before.form_token);
    let other_key = open(&bench.place, &bench.clock, 2).await;
    assert!(matches!(other_key.touch(&cookie).await, Look::Nobody));
}

#[tokio::test]
async fn signing_out_everywhere_ends_a_users_sessions_and_nobody_elses() {
    let bench = bench().await;
    let (desk, tablet) = (bench.begin("desk-1").await, bench.begin("desk-1").await);
    let other = bench.begin("desk-2").await;
    let listed = bench.sessions.of("desk-1", &desk).await.expect("listed");
    let this: Vec<_> = listed.iter().map(|listed| listed.is_this).collect();
    assert_eq!(this.iter().filter(|is_this| **is_this).count(), 1);
    assert_eq!(this.len(), 2);
    assert_eq!(bench.sessions.end_all("desk-1").await, Ok(2));
    for cookie in [&desk, &tablet] {
        let look = bench.sessions.touch(cookie).await;
        assert!(matches!(look, Look::Lapsed(_)));
    }
    assert!(matches!(bench.sessions.touch(&other).await, Look::Live(_)));
    assert_eq!(bench.sessions.end_all("desk-1").await, Ok(0));
}

#[tokio::test]
async fn neither_a_cookie_nor_a_token_can_be_read_in_the_database() {
    let bench = bench().await;
    let cookie = bench.begin("duty-desk").await;
    let Look::Live(session) = bench.sessions.touch(&cookie).await else {
        panic!("signed in");
    };
    bench.sessions.store.close().await.expect("closed");
    let mut bytes = Vec::new();
    for file in std::fs::read_dir(bench.place.path()).expect("a folder") {
        bytes.extend(std::fs::read(file.expect("a file").path()).expect("read"));
    }
    let holds = |text: &str| {
        bytes
            .windows(text.len())
            .any(|part| part == text.as_bytes())
    };
    assert!(holds("duty-desk"), "the right file was read");
    for secret in [
        &cookie,
        "the-access-token",
        "the-id-token",
        &session.form_token,
    ] {
        assert!(!holds(secret), "{secret}");
    }
}

#[tokio::test]
async fn what_is_long_over_is_forgotten() {
    let bench = bench().await;
    let old = bench.begin("desk-1").await;
    bench.clock.advance(SignedDuration::from_hours(25));
    bench.begin("desk-2").await;
    let row = bench.sessions.store.session(&id_of(&old)).await;
    assert_eq!(row, Ok(None));
}
