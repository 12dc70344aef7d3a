//! WatchCases: resumable without gap or repeat (R8, R14).

use tonic::Streaming;
use visits_core::{ErrorKind, Role, SignedDuration};
use visits_proto::escalation::v1 as wire;
use visits_proto::escalation::v1::watch_cases_response::Message;
use visits_runtime::from_status;
use visits_testkit::{Database, on_every_database};

use crate::house::{Client, House, OTHER_VISIT, answer, refusal};

type Stream = Streaming<wire::WatchCasesResponse>;

async fn watch(mut client: Client, filter: &str, resume_token: &str) -> Stream {
    let request = wire::WatchCasesRequest {
        filter: filter.into(),
        resume_token: resume_token.into(),
    };
    answer(client.watch_cases(request).await)
}

async fn next(stream: &mut Stream) -> Message {
    let message = stream
        .message()
        .await
        .map_err(|status| from_status(&status));
    let message = message.expect("the stream goes on").expect("a message");
    message.message.expect("it says something")
}

async fn heartbeat(stream: &mut Stream) -> String {
    match next(stream).await {
        Message::Heartbeat(heartbeat) => heartbeat.resume_token,
        other => panic!("a heartbeat comes first: {other:?}"),
    }
}

async fn event(stream: &mut Stream) -> wire::CaseEvent {
    loop {
        match next(stream).await {
            Message::CaseEvent(event) => return event,
            Message::Heartbeat(_) => {}
            Message::GoingAway(going) => panic!("going away: {going:?}"),
        }
    }
}

async fn a_watch_resumes_without_gap_or_repeat_over_a_restart(database: Database) {
    let house = House::open(database).await;
    let mut stream = watch(house.desk(), "", "").await;
    heartbeat(&mut stream).await;
    let case = house.nfd_required().await;
    house.bench.settle().await;
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.push(event(&mut stream).await);
    }
    let token = seen[2].resume_token.clone();
    drop(stream);
    let house = house.restart().await;
    // The dead process' lease on the feed runs out.
    house.bench.clock.advance(SignedDuration::from_mins(1));
    house.start_nfd(&case).await;
    house.bench.settle().await;
    let mut stream = watch(house.desk(), "", &token).await;
    heartbeat(&mut stream).await;
    for _ in 0..3 {
        seen.push(event(&mut stream).await);
    }
    let said: Vec<String> = house
        .said()
        .await
        .iter()
        .map(|e| e.id.to_string())
        .collect();
    let seen: Vec<String> = seen.into_iter().map(|event| event.event_id).collect();
    assert_eq!(seen, said, "every event once, in order");
}

async fn m11_a_watch_shows_an_inspector_their_own_cases_until_the_barrier_stands(
    database: Database,
) {
    let house = House::open(database).await;
    let mut own = watch(house.hmi("HMI-002"), "", "").await;
    let start = heartbeat(&mut own).await;
    let mut desk = watch(house.desk(), "", "").await;
    heartbeat(&mut desk).await;
    let request = wire::RaiseConcernRequest {
        visit: OTHER_VISIT.into(),
        ..house.raise_request("safeguarding")
    };
    answer(house.hmi("HMI-003").raise_concern(request).await);
    let case = house.raise().await;
    house.bench.settle().await;
    assert_eq!(
        event(&mut own).await.case,
        case.name,
        "the other visit's is not theirs"
    );
    assert_ne!(event(&mut desk).await.case, case.name, "the desk sees both");
    let of = visits_testkit::events::Of {
        aggregate: "scheduling.inspector",
        id: uuid::Uuid::from_u128(77),
        sequence: 1,
    };
    let event_of_scheduling = visits_proto::scheduling::v1::RoutineInspectionAssigned {
        inspector: "inspectors/HMI-002".into(),
        school: "schools/123166".into(),
        start_date: "2021-01-12".into(),
    };
    house.bench.send(of, &event_of_scheduling).await;
    house.bench.settle().await;
    // Rights are checked again on resume: nothing of the past shows either.
    let mut resumed = watch(house.hmi("HMI-002"), "", &start).await;
    heartbeat(&mut resumed).await;
    house.acknowledge(&case).await;
    house.bench.settle().await;
    house.host.going_away.cancel();
    match next(&mut resumed).await {
        Message::GoingAway(_) => {}
        other => panic!("nothing but the end: {other:?}"),
    }
}

async fn a_filter_by_region_and_state_picks_the_events(database: Database) {
    let house = House::open(database).await;
    let filter = "region = \"south-east\" AND state = WITH_DUTY_DESK";
    let mut stream = watch(house.desk(), filter, "").await;
    heartbeat(&mut stream).await;
    let case = house.raise().await;
    house.acknowledge(&case).await;
    house.bench.settle().await;
    let seen = event(&mut stream).await;
    assert_eq!(seen.state(), wire::case::State::WithDutyDesk);
    assert!(matches!(
        seen.event,
        Some(wire::case_event::Event::ConcernAcknowledged(_))
    ));
}

async fn a_stopping_server_says_so_with_a_token_that_resumes(database: Database) {
    let house = House::open(database).await;
    let mut stream = watch(house.desk(), "", "").await;
    heartbeat(&mut stream).await;
    house.host.going_away.cancel();
    let Message::GoingAway(going) = next(&mut stream).await else {
        panic!("the last message says why");
    };
    assert_eq!(going.reason_code, "SHUTTING_DOWN");
    assert!(stream.message().await.expect("a clean end").is_none());
    house.raise().await;
    house.bench.settle().await;
    let house = house.restart().await;
    let mut stream = watch(house.desk(), "", &going.resume_token).await;
    heartbeat(&mut stream).await;
    let seen = event(&mut stream).await;
    assert!(matches!(
        seen.event,
        Some(wire::case_event::Event::ConcernRaised(_))
    ));
}

async fn r16_a_watch_ends_with_the_token_that_opened_it_and_goes_on_with_a_new_one(
    database: Database,
) {
    let house = House::open(database).await;
    let mut stream = watch(house.desk(), "", "").await;
    heartbeat(&mut stream).await;
    // Five minutes, and five seconds for clocks that differ.
    house.bench.clock.advance(SignedDuration::from_secs(304));
    let case = house.raise().await;
    house.bench.settle().await;
    assert_eq!(event(&mut stream).await.case, case.name);
    house.bench.clock.advance(SignedDuration::from_secs(1));
    let going = loop {
        match next(&mut stream).await {
            Message::GoingAway(going) => break going,
            Message::Heartbeat(_) => {}
            Message::CaseEvent(event) => panic!("nothing happened: {event:?}"),
        }
    };
    assert_eq!(going.reason_code, "TOKEN_EXPIRED");
    assert!(stream.message().await.expect("a clean end").is_none());
    house.acknowledge(&case).await;
    house.bench.settle().await;
    let mut stream = watch(house.desk(), "", &going.resume_token).await;
    heartbeat(&mut stream).await;
    let missed = event(&mut stream).await;
    assert_eq!(missed.state(), wire::case::State::WithDutyDesk);
}

async fn a_token_is_its_callers_own_and_bound_to_its_filter(database: Database) {
    let house = House::open(database).await;
    let mut stream = watch(house.desk(), "", "").await;
    let token = heartbeat(&mut stream).await;
    let expected = (ErrorKind::InvalidInput, "RESUME_TOKEN_INVALID");
    for (principal, filter) in [("desk-2", ""), ("desk-1", "state = OPEN")] {
        let mut client = house.client(principal, Role::DutyDesk);
        let request = wire::WatchCasesRequest {
            filter: filter.into(),
            resume_token: token.clone(),
        };
        assert_eq!(refusal(client.watch_cases(request).await), expected);
    }
}

async fn the_shifts_show_whose_watch_is_live(database: Database) {
    let house = House::open(database).await;
    house.on_duty("desk-1").await;
    let mut stream = watch(house.desk(), "", "").await;
    heartbeat(&mut stream).await;
    let request = wire::ListDutyShiftsRequest {
        filter: "state = ON_DUTY".into(),
        ..wire::ListDutyShiftsRequest::default()
    };
    let shifts = answer(house.desk().list_duty_shifts(request).await).duty_shifts;
    assert!(shifts[0].watching);
}

on_every_database!(
    a_watch_resumes_without_gap_or_repeat_over_a_restart,
    m11_a_watch_shows_an_inspector_their_own_cases_until_the_barrier_stands,
    a_filter_by_region_and_state_picks_the_events,
    a_stopping_server_says_so_with_a_token_that_resumes,
    r16_a_watch_ends_with_the_token_that_opened_it_and_goes_on_with_a_new_one,
    a_token_is_its_callers_own_and_bound_to_its_filter,
    the_shifts_show_whose_watch_is_live,
);
