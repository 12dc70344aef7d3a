//! A peer that is unavailable for a while, or for good.

use std::sync::atomic::AtomicU32;

use tower::service_fn;

use super::*;

const READ: &str = "/ofsted.visits.scheduling.v1.SchedulingService/GetSchool";
const STREAM: &str = "/ofsted.visits.escalation.v1.EscalationService/WatchCases";
const CHANGE: &str = "/ofsted.visits.scheduling.v1.SchedulingService/PlanVisit";

fn patient(repeats: Repeats) -> Care {
    let patience = Patience {
        repeats,
        ..Patience::default()
    };
    Care::new("scheduling", "peers.scheduling", patience)
}

/// How a peer answers its calls, one after the other; the last answer stays.
#[derive(Clone, Copy)]
enum Says {
    Fine,
    Unavailable,
    UnavailableAtTheEnd,
    Broken,
    Refused,
}

/// Calls `path` on a peer that answers so; the code of the answer, and how often it was called.
async fn ask(care: &Care, path: &str, says: &'static [Says]) -> (String, u32) {
    let calls = Arc::new(AtomicU32::new(0));
    let counted = calls.clone();
    let peer = service_fn(move |_: Request<Body>| {
        let call = counted.fetch_add(1, Ordering::SeqCst) as usize;
        let said = says[call.min(says.len() - 1)];
        std::future::ready(match said {
            Says::Broken => Err("the connection broke"),
            Says::Fine => Ok(with_status("0")),
            Says::Unavailable => Ok(with_status("14")),
            Says::Refused => Ok(with_status("9")),
            Says::UnavailableAtTheEnd => Ok(at_the_end("14")),
        })
    });
    let request = Request::builder()
        .uri(path)
        .header("grpc-timeout", "5S")
        .body(Body::empty())
        .expect("a request");
    let answer = care.answer(peer, request).await;
    let code = answer.headers()["grpc-status"].to_str().expect("text");
    (code.to_owned(), calls.load(Ordering::SeqCst))
}

fn with_status(code: &'static str) -> Response<Body> {
    let mut answer = Response::new(Body::empty());
    let code = HeaderValue::from_static(code);
    answer.headers_mut().insert("grpc-status", code);
    answer
}

fn at_the_end(code: &'static str) -> Response<Body> {
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", HeaderValue::from_static(code));
    let body = Full::new(prost::bytes::Bytes::from_static(b"half"));
    Response::new(Body::new(body.with_trailers(async { Some(Ok(trailers)) })))
}

#[tokio::test]
async fn a_read_is_repeated_until_the_peer_is_there() {
    let says = &[
        Says::Unavailable,
        Says::Broken,
        Says::UnavailableAtTheEnd,
        Says::Fine,
    ];
    let answer = ask(&patient(Repeats::Reads), READ, says).await;
    assert_eq!(answer, ("0".to_owned(), 4));
}

#[tokio::test]
async fn a_read_is_given_up_after_its_tries_and_says_unavailable() {
    let answer = ask(&patient(Repeats::Reads), READ, &[Says::Broken]).await;
    assert_eq!(answer, ("14".to_owned(), limits::TRIES_MAX));
}

#[tokio::test]
async fn what_changes_something_is_asked_once_by_those_who_repeat_reads_only() {
    let says = &[Says::Unavailable, Says::Fine];
    let answer = ask(&patient(Repeats::Reads), CHANGE, says).await;
    assert_eq!(answer, ("14".to_owned(), 1));
    let answer = ask(&patient(Repeats::Unary), CHANGE, says).await;
    assert_eq!(answer, ("0".to_owned(), 2));
    let answer = ask(&patient(Repeats::Nothing), READ, says).await;
    assert_eq!(answer, ("14".to_owned(), 1));
}

#[tokio::test]
async fn a_stream_is_never_begun_twice_and_is_told_no_deadline() {
    let says = &[Says::Unavailable, Says::Fine];
    let answer = ask(&patient(Repeats::Unary), STREAM, says).await;
    assert_eq!(answer, ("14".to_owned(), 1));
    let care = patient(Repeats::Unary);
    for (path, told) in [(STREAM, false), (CHANGE, true)] {
        let peer = service_fn(move |request: Request<Body>| {
            assert_eq!(request.headers().contains_key(timeout::HEADER), told);
            std::future::ready(Ok::<_, &'static str>(with_status("0")))
        });
        let request = Request::builder().uri(path).body(Body::empty());
        care.answer(peer, request.expect("a request")).await;
    }
}

#[tokio::test]
async fn a_refusal_is_an_answer() {
    let says = &[Says::Refused, Says::Fine];
    let answer = ask(&patient(Repeats::Reads), READ, says).await;
    assert_eq!(answer, ("9".to_owned(), 1));
}

#[tokio::test]
async fn a_spent_budget_ends_retries_until_calls_succeed_again() {
    let care = patient(Repeats::Reads);
    let mut tries = 0;
    while care.spend() {
        tries += 1;
    }
    assert_eq!(tries, limits::RETRY_BUDGET);
    assert_eq!(ask(&care, READ, &[Says::Broken]).await.1, 1);
    for _ in 0..TENTHS {
        ask(&care, READ, &[Says::Fine]).await;
    }
    assert_eq!(ask(&care, READ, &[Says::Broken]).await.1, 2);
}

#[tokio::test]
async fn a_peer_that_never_answers_ends_at_the_deadline_and_so_does_the_wait_for_a_place() {
    let care = patient(Repeats::Reads);
    let stuck = |timeout: &'static str| {
        let request = Request::builder().uri(READ).header("grpc-timeout", timeout);
        request.body(Body::empty()).expect("a request")
    };
    let never = service_fn(|_: Request<Body>| {
        std::future::pending::<Result<Response<Body>, &'static str>>()
    });
    let answer = care.answer(never, stuck("20m")).await;
    assert_eq!(answer.headers()["grpc-status"], "4");
    let all = u32::try_from(limits::CALLS_AT_ONCE).expect("few");
    let _held = care.under_way.acquire_many(all).await.expect("places");
    let answer = care.answer(never, stuck("20m")).await;
    assert_eq!(answer.headers()["grpc-status"], "4");
}
