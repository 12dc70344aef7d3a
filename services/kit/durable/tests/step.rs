//! The unit of work: once for each request, whole or not at all, beyond its caller's reach.

mod tally;

use std::sync::Arc;

use tally::{count, count_up, request, start};
use tokio::sync::Semaphore;
use visits_core::ErrorKind;
use visits_durable::{CUT_REASON, Cause};
use visits_testkit::{Database, at_every_cut, on_every_database};

/// Counts up, again and again while somebody else was first.
async fn count_up_at_last(durable: &visits_durable::Durable, number: u128) -> i64 {
    loop {
        match count_up(durable, request(number, "a"), false).await {
            Ok(count) => return count,
            Err(fault) if fault.kind == ErrorKind::Conflict => {}
            Err(fault) => panic!("{fault:?}"),
        }
    }
}

async fn a_repeated_request_gets_the_first_answer_and_changes_nothing(database: Database) {
    let mut bench = database.bench("2020-10-23T09:00:00Z");
    let durable = start(&mut bench, "one", false).await;
    assert_eq!(count_up(&durable, request(1, "a"), false).await, Ok(1));
    assert_eq!(count_up(&durable, request(2, "a"), false).await, Ok(2));
    assert_eq!(count_up(&durable, request(1, "a"), false).await, Ok(1));
    assert_eq!(count(&durable).await, 2);
}

async fn a_request_id_reused_for_another_request_is_refused_and_audited(database: Database) {
    let mut bench = database.bench("2020-10-23T09:00:00Z");
    let durable = start(&mut bench, "one", false).await;
    count_up(&durable, request(1, "a"), false)
        .await
        .expect("counted");
    let fault = count_up(&durable, request(1, "b"), false)
        .await
        .expect_err("refused");
    assert_eq!(
        (fault.kind, fault.reason),
        (ErrorKind::InvalidInput, "REQUEST_ID_REUSED")
    );
    assert_eq!(count(&durable).await, 1);

    bench.settle().await;
    let audit = durable.audit_page(None, 0).await.expect("the audit");
    let outcomes: Vec<_> = audit
        .iter()
        .map(|row| {
            (
                row.actor.as_str(),
                row.outcome.as_str(),
                row.reason.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        outcomes,
        [
            ("desk-1", "done", None),
            ("desk-1", "refused", Some("REQUEST_ID_REUSED")),
        ]
    );
}

async fn a_step_cut_anywhere_and_repeated_counts_once(database: Database) {
    let places = at_every_cut(|place| async move {
        let mut bench = database.bench("2020-10-23T09:00:00Z");
        let durable = start(&mut bench, "one", false).await;
        durable.cuts().after(place);
        let first = count_up(&durable, request(1, "a"), true).await;
        let reached = !durable.cuts().clear();
        assert_eq!(first.is_err(), reached);
        if let Err(fault) = first {
            assert_eq!(fault.reason, CUT_REASON);
        }
        assert_eq!(count_up(&durable, request(1, "a"), true).await, Ok(1));
        bench.settle().await;
        assert_eq!(count(&durable).await, 1);
        assert_eq!(durable.feed().after(0, "one").await.expect("feed").len(), 1);
        assert_eq!(durable.audit_page(None, 0).await.expect("audit").len(), 1);
        let armed = durable
            .pending_jobs(&format!("tallies/{}", tally::TALLY))
            .await;
        assert_eq!(armed.expect("jobs"), [tally::REMINDER]);
        reached
    })
    .await;
    assert!(
        places >= 7,
        "begin, admit, publish, jobs, audit, before and after the commit"
    );
}

async fn a_caller_who_gives_up_leaves_no_transaction_open_and_no_half_step(database: Database) {
    let mut bench = database.bench("2020-10-23T09:00:00Z");
    let durable = start(&mut bench, "one", false).await;
    for number in 0..200 {
        let work = count_up(&durable, request(number, "a"), false);
        // The work is polled up to three times, then its caller gives up.
        let patience = async {
            for _ in 0..number % 3 {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            biased;
            _ = work => {}
            () = patience => {}
        }
    }
    // Every request again, with the same mark: those that were begun are not done twice.
    for number in 0..200 {
        count_up_at_last(&durable, number).await;
    }
    assert_eq!(count(&durable).await, 200);
    bench.settle().await;
    assert_eq!(durable.feed().latest().await, Ok(200));
}

async fn a_request_whose_caller_has_gone_before_it_began_is_let_go(database: Database) {
    let mut bench = database.bench("2020-10-23T09:00:00Z");
    let durable = start(&mut bench, "one", false).await;
    let gate = Arc::new(Semaphore::new(0));
    // More than there are connections: who comes after them waits for one.
    let mut before = tokio::task::JoinSet::new();
    for number in 100..130 {
        let (durable, gate) = (durable.clone(), gate.clone());
        before.spawn(async move {
            durable
                .unit_of_work(request(number, "a"), move |_| {
                    Box::pin(async move {
                        let _ = gate.acquire().await;
                        Ok(())
                    })
                })
                .await
        });
    }
    let patience = async {
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        biased;
        _ = count_up(&durable, request(1, "a"), false) => panic!("there was a connection"),
        () = patience => {}
    }
    gate.add_permits(before.len());
    while let Some(done) = before.join_next().await {
        assert_eq!(done.expect("no panic"), Ok(()));
    }
    assert_eq!(count_up(&durable, request(2, "a"), false).await, Ok(1));
    // Nothing is remembered of it: asked again, it is done.
    assert_eq!(count_up(&durable, request(1, "a"), false).await, Ok(2));
}

async fn many_writers_at_once_lose_nothing(database: Database) {
    let mut bench = database.bench("2020-10-23T09:00:00Z");
    let durable = start(&mut bench, "one", false).await;
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..64_u128 {
        let durable = durable.clone();
        tasks.spawn(async move { count_up_at_last(&durable, number).await });
    }
    while let Some(done) = tasks.join_next().await {
        done.expect("no panic");
    }
    assert_eq!(count(&durable).await, 64);
}

async fn a_panic_inside_a_step_is_a_fault_and_changes_nothing(database: Database) {
    let mut bench = database.bench("2020-10-23T09:00:00Z");
    let durable = start(&mut bench, "one", false).await;
    let outcome = durable
        .unit_of_work::<(), _>(request(1, "a"), |_| Box::pin(async { panic!("a bug") }))
        .await;
    assert_eq!(outcome.expect_err("a fault").kind, ErrorKind::Fatal);
    assert_eq!(count_up(&durable, Cause::System, false).await, Ok(1));
}

async fn the_audit_chain_shows_a_row_that_was_changed_and_one_that_was_cut_off(database: Database) {
    use visits_durable::sea_orm::ConnectionTrait as _;
    let mut bench = database.bench("2020-10-23T09:00:00Z");
    let durable = start(&mut bench, "one", false).await;
    for number in 0..5 {
        count_up(&durable, request(number, "a"), false)
            .await
            .expect("counted");
    }
    bench.settle().await;
    let verdict = durable.verify_audit().await.expect("read");
    assert_eq!((verdict.rows, verdict.broken_at), (5, None));

    let write = |sql: &'static str| durable.reads().execute_unprepared(sql);
    write("UPDATE audit SET actor = 'somebody' WHERE position = 3")
        .await
        .expect("tampered");
    assert_eq!(
        durable.verify_audit().await.expect("read").broken_at,
        Some(3)
    );
    write("UPDATE audit SET actor = 'desk-1' WHERE position = 3")
        .await
        .expect("mended");
    write("DELETE FROM audit WHERE position = 5")
        .await
        .expect("cut off");
    assert_eq!(
        durable.verify_audit().await.expect("read").broken_at,
        Some(5)
    );
}

on_every_database!(
    a_repeated_request_gets_the_first_answer_and_changes_nothing,
    a_request_id_reused_for_another_request_is_refused_and_audited,
    a_step_cut_anywhere_and_repeated_counts_once,
    a_caller_who_gives_up_leaves_no_transaction_open_and_no_half_step,
    a_request_whose_caller_has_gone_before_it_began_is_let_go,
    many_writers_at_once_lose_nothing,
    a_panic_inside_a_step_is_a_fault_and_changes_nothing,
    the_audit_chain_shows_a_row_that_was_changed_and_one_that_was_cut_off,
);
