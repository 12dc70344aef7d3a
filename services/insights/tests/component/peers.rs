//! Scheduling and recording as a test wants them: what they know, and when they don't answer.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};

use uuid::Uuid;
use visits_core::Fault;
use visits_proto::recording::v1::{
    Area, DeidentifiedAnswer, ListDeidentifiedAnswersRequest, ListDeidentifiedAnswersResponse,
};
use visits_proto::scheduling::v1::{GetSchoolRequest, School};
use visits_testkit::FakePeers;

/// What the peers know, and whether they answer.
#[derive(Default)]
pub struct Known {
    pub schools: HashMap<String, School>,
    pub answers: HashMap<String, Vec<DeidentifiedAnswer>>,
    /// So many calls for a school fail before one succeeds.
    pub school_failures: u32,
    /// So many calls for answers fail before one succeeds.
    pub answer_failures: u32,
    /// The next call for answers says that it has begun, and waits for the word to go on.
    pub gate: Option<Gate>,
    /// How often answers were asked for.
    pub fetches: u32,
    /// Recording says that the visit isn't complete.
    pub answers_refused: bool,
    /// How many answers a page holds.
    pub page_size: usize,
}

/// Holds a call up: told when it has begun, it answers once it is told to.
pub type Gate = (tokio::sync::oneshot::Sender<()>, mpsc::Receiver<()>);

pub fn record(visit: Uuid) -> String {
    format!("visitRecords/{visit}")
}

pub fn answers() -> Vec<DeidentifiedAnswer> {
    let answer = |question: &str, text: &str, area: Area| DeidentifiedAnswer {
        answer_id: format!("0192-time-of-{question}"),
        question_code: question.into(),
        area: area.into(),
        text: text.into(),
        declined: text.is_empty(),
        ..DeidentifiedAnswer::default()
    };
    vec![
        answer(
            "cu-reading",
            "Mrs Okafor of Abbey Hill leads phonics.",
            Area::Curriculum,
        ),
        answer(
            "at-data",
            "95% of pupils came back.",
            Area::AttendanceAndBehaviour,
        ),
        answer("at-barriers", "", Area::AttendanceAndBehaviour),
    ]
}

pub type Shared = Arc<Mutex<Known>>;

pub fn lock(known: &Shared) -> MutexGuard<'_, Known> {
    known.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Fails as long as failures are left.
fn fail(failures: &mut u32) -> Result<(), Fault> {
    if *failures == 0 {
        return Ok(());
    }
    *failures -= 1;
    Err(Fault::transient("the peer is restarting"))
}

pub fn peers(known: &Shared) -> FakePeers {
    let (schools, records) = (known.clone(), known.clone());
    FakePeers::new()
        .answer(
            "ofsted.visits.scheduling.v1.SchedulingService/GetSchool",
            move |asked: GetSchoolRequest| {
                let mut known = lock(&schools);
                fail(&mut known.school_failures)?;
                let school = known.schools.get(&asked.name).cloned();
                school.ok_or_else(|| Fault::not_found(asked.name))
            },
        )
        .answer(
            "ofsted.visits.recording.v1.RecordingService/ListDeidentifiedAnswers",
            move |asked: ListDeidentifiedAnswersRequest| list(&records, &asked),
        )
}

fn list(
    known: &Shared,
    asked: &ListDeidentifiedAnswersRequest,
) -> Result<ListDeidentifiedAnswersResponse, Fault> {
    let gate = lock(known).gate.take();
    if let Some((begun, go_on)) = gate {
        begun.send(()).expect("the test waits for it");
        go_on.recv().expect("the test gives the word");
    }
    let mut known = lock(known);
    known.fetches += 1;
    fail(&mut known.answer_failures)?;
    if known.answers_refused {
        let kind = visits_core::ErrorKind::WrongState;
        return Err(Fault::new(
            kind,
            "VISIT_NOT_COMPLETE",
            "the visit is not complete",
        ));
    }
    let all = known
        .answers
        .get(&asked.parent)
        .ok_or_else(|| Fault::not_found(&asked.parent))?;
    let from: usize = asked.page_token.parse().unwrap_or(0);
    let until = all.len().min(from + known.page_size);
    let is_last = until == all.len();
    Ok(ListDeidentifiedAnswersResponse {
        answers: all[from..until].to_vec(),
        next_page_token: if is_last {
            String::new()
        } else {
            until.to_string()
        },
        form_version: "2020-09".into(),
    })
}
