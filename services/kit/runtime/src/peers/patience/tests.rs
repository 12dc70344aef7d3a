//! A peer that is unavailable for a while, or for good.

use std::sync::atomic::AtomicU32;

use tower::service_fn;

use super::*;

const READ: &str = "/ofsted.visits.scheduling.v1.SchedulingService/GetSchool";
const CHANGE: &str = "/ofsted.visits.scheduling.v1.SchedulingService/PlanVisit";

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
    let answer = ask(&Care::new("scheduling"), READ, says).await;
    assert_eq!(answer, ("0".to_owned(), 4));
}

#[tokio::test]
async fn a_read_is_given_up_after_its_tries_and_says_unavailable() {
    let answer = ask(&Care::new("scheduling"), READ, &[Says::Broken]).await;
    assert_eq!(answer, ("14".to_owned(), limits::PEER_TRIES_MAX));
}

#[tokio::test]
async fn what_changes_something_is_asked_once() {
    let says = &[Says::Unavailable, Says::Fine];
    let answer = ask(&Care::new("scheduling"), CHANGE, says).await;
    assert_eq!(answer, ("14".to_owned(), 1));
}

#[tokio::test]
async fn a_refusal_is_an_answer() {
    let says = &[Says::Refused, Says::Fine];
    let answer = ask(&Care::new("scheduling"), READ, says).await;
    assert_eq!(answer, ("9".to_owned(), 1));
}

#[tokio::test]
async fn a_spent_budget_ends_retries_until_calls_succeed_again() {
    let care = Care::new("scheduling");
    let mut tries = 0;
    while care.spend() {
        tries += 1;
    }
    assert_eq!(tries, limits::PEER_RETRY_BUDGET);
    assert_eq!(ask(&care, READ, &[Says::Broken]).await.1, 1);
    for _ in 0..TENTHS {
        ask(&care, READ, &[Says::Fine]).await;
    }
    assert_eq!(ask(&care, READ, &[Says::Broken]).await.1, 2);
}

#[tokio::test]
async fn a_peer_that_never_answers_ends_at_the_deadline_and_so_does_the_wait_for_a_place() {
    let care = Care::new("scheduling");
    let stuck = |timeout: &'static str| {
        let request = Request::builder().uri(READ).header("grpc-timeout", timeout);
        request.body(Body::empty()).expect("a request")
    };
    let never = service_fn(|_: Request<Body>| {
        std::future::pending::<Result<Response<Body>, &'static str>>()
    });
    let answer = care.answer(never, stuck("20m")).await;
    assert_eq!(answer.headers()["grpc-status"], "4");
    let all = u32::try_from(limits::PEER_CALLS_MAX).expect("few");
    let _held = care.under_way.acquire_many(all).await.expect("places");
    let answer = care.answer(never, stuck("20m")).await;
    assert_eq!(answer.headers()["grpc-status"], "4");
}

#[test]
fn a_timeout_is_written_in_at_most_eight_digits() {
    assert_eq!(written(Duration::from_millis(1_500)), "1500000u");
    assert_eq!(written(Duration::from_secs(600)), "600000m");
    assert_eq!(written(Duration::from_secs(10_000_000)), "99999999m");
}
