//! A process that is told to stop while many watch it, and some say nothing.

use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use visits::demo::answered::Answered as _;
use visits::demo::cast;
use visits::demo::stage::at;
use visits_proto::escalation::v1::WatchCasesRequest;
use visits_proto::escalation::v1::watch_cases_response::Message;

use crate::deployment::{Calls as _, Deployment, binary};

const STREAMS: u32 = 100;
/// One person may hold a few at once only.
const STREAMS_EACH: u32 = 10;
const SILENT_PEERS: usize = 5;
/// R12, and what a busy machine needs to notice the end of a process.
const STOP_TIME: Duration = Duration::from_millis(10_500);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_watches_get_a_token_each_and_silent_peers_hold_nobody() -> anyhow::Result<()> {
    // Takes connections, as the kernel does that for it, and never says a word.
    let collector = TcpListener::bind("127.0.0.1:0")?;
    let all = Deployment::on_bus(at(10, 20, 9, 0), binary, "amqp://127.0.0.1:1".to_owned())
        .await?
        .collected_at(format!("http://{}", collector.local_addr()?));
    let mut escalation = all.start(&["escalation"])?;
    let mut streams = Vec::new();
    for number in 0..STREAMS {
        let inspector = cast::hmi(number / STREAMS_EACH + 1);
        let mut escalation = all.caller(&inspector, "escalation")?.escalation();
        let request = WatchCasesRequest::default();
        let mut stream = escalation.watch_cases(request).await.granted()?;
        stream.message().await?;
        streams.push(stream);
    }
    let address = escalation[0].address.trim_start_matches("http://");
    let _silent = (0..SILENT_PEERS)
        .map(|_| TcpStream::connect(address))
        .collect::<Result<Vec<_>, _>>()?;

    let begun = Instant::now();
    escalation[0].tell_to_stop()?;
    for stream in &mut streams {
        let mut token = String::new();
        while let Some(answer) = stream.message().await? {
            if let Some(Message::GoingAway(away)) = answer.message {
                token = away.resume_token;
            }
        }
        assert!(!token.is_empty(), "a stream ended without its token");
    }
    let ended = tokio::task::block_in_place(|| escalation[0].ended())?;
    assert_eq!(ended.code(), Some(0));
    assert!(begun.elapsed() <= STOP_TIME, "{:?}", begun.elapsed());
    let gave_up = all
        .logs()?
        .contains("the collector did not take the last spans");
    assert!(gave_up, "nothing was sent to the collector at the end");
    Ok(())
}
