//! What a case's page says of the desk: who holds it, when the desk is alerted again, the notes; and
//! the form for a note in the list (R-CON-14).

use askama::Template;
use visits_components::{Content, SummaryList};
use visits_core::Role;
use visits_proto::escalation::v1 as pb;
use visits_proto::escalation::v1::case::State;
use visits_proto::instant;

use super::is_on_hands;
use crate::session::Session;
use crate::sheet;
use crate::state::App;
use crate::words::{code, moment};

/// The part of the page.
#[derive(Template)]
#[template(path = "desk_panel.html")]
pub(crate) struct Panel {
    facts: SummaryList,
    /// What can be done, besides the step.
    ways: Vec<(String, &'static str)>,
    notes: Vec<Note>,
}
impl askama::filters::HtmlSafe for Panel {}

impl Panel {
    /// Whether there is nothing to say and nothing to do.
    const fn is_empty(&self) -> bool {
        self.facts.rows.is_empty() && self.ways.is_empty() && self.notes.is_empty()
    }
}

struct Note {
    text: String,
    by: String,
    when: String,
}

/// A form for a note, below a row of the list.
#[derive(Template)]
#[template(path = "note_form.html")]
pub(crate) struct NoteForm {
    id: String,
    school: String,
    form_token: String,
    request_id: String,
}
impl askama::filters::HtmlSafe for NoteForm {}

impl NoteForm {
    /// The form, for those who may add a note to `case`.
    pub(crate) fn offer(app: &App, session: &Session, case: &pb::Case) -> Option<Self> {
        may_note(session, case.state()).then(|| Self {
            id: code(&case.name).to_owned(),
            school: case.school_display_name.clone(),
            form_token: session.form_token.clone(),
            request_id: app.request_id(),
        })
    }
}

/// The panel for `session`'s user.
pub(crate) fn panel(case: &pb::Case, session: &Session) -> Panel {
    let state = case.state();
    let path = |way: &str| format!("/{}/{way}", case.name);
    let is_desk = session.has(Role::DutyDesk);
    let mut ways = Vec::new();
    if may_note(session, state) {
        ways.push((path("note"), "Add a note"));
    }
    if is_desk && is_on_hands(state) {
        ways.push((path("hold"), "Hand over, take or release"));
    }
    if is_desk && alert(case).is_some() {
        ways.push((path("alert"), "Change when the desk is alerted again"));
    }
    Panel {
        facts: sheet::facts([
            ("With", holder(case).into()),
            ("Alerted again", alert(case).unwrap_or_default().into()),
            ("Why then", reason(case)),
        ]),
        ways,
        notes: case.notes.iter().rev().map(note).collect(),
    }
}

fn holder(case: &pb::Case) -> String {
    let state = case.state();
    match (is_on_hands(state), case.holder.as_str()) {
        (true, "") => "Nobody: released to the whole desk".to_owned(),
        (true, holder) => holder.to_owned(),
        (false, _) if state == State::Open => "Nobody yet: not acknowledged".to_owned(),
        (false, _) => String::new(),
    }
}

/// When the desk is alerted again, while it waits for the call.
fn alert(case: &pb::Case) -> Option<String> {
    let alert = case.next_step_alert.as_ref()?;
    let next = instant(alert.next_time.as_ref())?;
    let minutes = crate::words::counted(alert.after_minutes.into(), "minute");
    Some(format!(
        "{}, if the inspector’s call is not logged by then; every {minutes}",
        moment(next)
    ))
}

fn reason(case: &pb::Case) -> Content {
    let alert = case.next_step_alert.as_ref();
    match alert.filter(|alert| alert.next_time.is_some() && !alert.set_by.is_empty()) {
        Some(alert) => format!("{} ({})", alert.reason, alert.set_by).into(),
        None => Content::default(),
    }
}

fn note(note: &pb::CaseNote) -> Note {
    Note {
        text: note.note.clone(),
        by: note.written_by.clone(),
        when: instant(note.written_time.as_ref()).map_or_else(String::new, moment),
    }
}

fn may_note(session: &Session, state: State) -> bool {
    let is_closed = matches!(
        state,
        State::NfdNotRequired | State::NfdComplete | State::Withdrawn
    );
    !is_closed && (session.has(Role::DutyDesk) || session.has(Role::RegionalDirector))
}
