//! A visit from the plan to the NFD's letter, over five processes.

use std::time::{Duration, Instant};

use visits::demo::answered::Answered as _;
use visits::demo::cast::DESK;
use visits::demo::stage::at;
use visits::demo::watch::Watch;
use visits_proto::escalation::v1 as case;
use visits_proto::escalation::v1::case_event::Event;
use visits_proto::letters::v1::DraftLetterRequest;
use visits_proto::letters::v1::draft_letter_request::Ground;
use visits_proto::scheduling::v1 as plan;

use crate::deployment::{Calls as _, Deployment, SERVICES, binary, eventually};
use crate::play::{self, once_heard};

const LEAD: &str = "HMI-001";
/// Time to drain, and to start and end a process on a busy machine.
const STOP_TIME: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_visit_turns_into_an_nfd_over_five_processes_which_then_stop_in_order()
-> anyhow::Result<()> {
    let all = Deployment::new(at(10, 12, 9, 0), binary).await?;
    let mut processes = all.start(&SERVICES)?;
    for process in &processes {
        assert!(process.is_healthy()?, "{}", process.address);
    }
    play::registers(&all).await?;
    let visit = play::planned(&all, "schools/900001", [LEAD, "HMI-002"]).await?;
    all.go_to(at(10, 19, 10, 0))?;
    play::called(&all, &visit, LEAD).await?;
    all.go_to(at(10, 20, 10, 0))?;
    play::arrived(&all, &visit, LEAD).await?;

    let desk = all.caller(DESK, "escalation")?;
    let request = case::GoOnDutyRequest {
        request_id: all.request_id(),
        sound_tested: true,
    };
    desk.escalation().go_on_duty(request).await.granted()?;
    let mut watch = Watch::begin(desk).await?;
    all.go_to(at(10, 20, 11, 20))?;
    let lead = all.caller(LEAD, "escalation")?;
    let concern = play::raised(&all, &lead, &visit).await?;
    let address = processes[2].address.clone();
    let decided = play::decided(&all, &address, &concern, LEAD).await?;
    watch
        .until(|event| matches!(event, Event::NfdDecided(_)))
        .await?;

    play::recording_stopped(&all, &visit, LEAD).await?;
    scheduling_converts(&all, &visit).await?;
    the_visits_letter_is_superseded(&all, &visit).await?;
    play::inspected(&all, &decided, LEAD).await?;
    the_nfds_letter_is_drafted(&all, &decided.name).await?;

    for process in &mut processes {
        let begun = Instant::now();
        let ended = process.terminate()?;
        assert_eq!(ended.code(), Some(0), "{}", process.address);
        assert!(begun.elapsed() <= STOP_TIME, "{:?}", begun.elapsed());
    }
    no_log_has_a_word_of_it(&all)
}

/// R19: what people said and what they are called stays out of the logs.
fn no_log_has_a_word_of_it(all: &Deployment) -> anyhow::Result<()> {
    let logs = all.logs()?;
    assert_eq!(logs.matches("stopping").count(), SERVICES.len(), "{logs}");
    for word in play::WORDS {
        assert!(!logs.contains(word), "{word} is in a log: {logs}");
    }
    Ok(())
}

async fn scheduling_converts(all: &Deployment, visit: &str) -> anyhow::Result<()> {
    let mut scheduling = all.caller(LEAD, "scheduling")?.scheduling();
    eventually("scheduling converts the visit", async || {
        let request = plan::GetVisitRequest {
            name: visit.to_owned(),
        };
        let visit = scheduling.get_visit(request).await.granted()?;
        Ok((visit.state() == plan::visit::State::Converted).then_some(()))
    })
    .await
}

async fn the_visits_letter_is_superseded(all: &Deployment, visit: &str) -> anyhow::Result<()> {
    let mut letters = all.caller(LEAD, "letters")?.letters();
    let request = DraftLetterRequest {
        ground: Some(Ground::Visit(visit.to_owned())),
        request_id: all.request_id(),
    };
    eventually(
        "letters hears that the NFD takes the visit's place",
        async || {
            let refused = letters.draft_letter(request.clone()).await;
            Ok(refused.refused("LETTER_OF_CONVERTED_VISIT").ok())
        },
    )
    .await?;
    Ok(())
}

async fn the_nfds_letter_is_drafted(all: &Deployment, case: &str) -> anyhow::Result<()> {
    let mut letters = all.caller(LEAD, "letters")?.letters();
    let request = DraftLetterRequest {
        ground: Some(Ground::Case(case.to_owned())),
        request_id: all.request_id(),
    };
    let letter = once_heard("letters hears that the NFD is complete", async || {
        letters.draft_letter(request.clone()).await
    })
    .await?;
    assert!(letter.name.starts_with("letters/"));
    Ok(())
}
