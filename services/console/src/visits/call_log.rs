//! What the lead logs of the call, beside its script: that nobody answered, that it began, the steps
//! that were gone through, its end, and that the school asks for deferral, on the call or after it
//! (M13, M14, M28). Others see it, and log nothing.

use axum::extract::{Path, State};
use axum::response::Response;
use tonic::Status;
use visits_components::{Button, Content, Html};
use visits_core::{Role, Timestamp};
use visits_proto::instant;
use visits_proto::scheduling::v1 as pb;
use visits_proto::scheduling::v1::call::State as CallState;
use visits_proto::scheduling::v1::deferral::Reason;
use visits_proto::scheduling::v1::visit::State as VisitState;

use super::{call_sheet, words};
use crate::form::{Filled, Posted};
use crate::prose;
use crate::session::Session;
use crate::sheet::{self as page, Called, Desk, Fields, Offer, explained, settle};
use crate::state::{App, Shared};
use crate::words::code;

/// Steps that were gone through: `step-02-confirm_visit` says `on`, the second of the script.
const STEP: &str = "step-";
const NOTE_MOST: u32 = 1_000;
const CALLED: [Called; 3] = [
    Called {
        field: "step_codes",
        id: "step",
        missing: "Select the steps that you have gone through",
        name: "",
    },
    Called {
        field: "reason",
        id: "reason",
        missing: "Select why the school asks",
        name: "",
    },
    Called {
        field: "note",
        id: "note",
        missing: "Enter the school’s reason in its words",
        name: "In the school’s words: this text",
    },
];
/// Why a school may ask for deferral, as the form names it.
const REASONS: [(&str, Reason); 4] = [
    ("covid-closure", Reason::CovidClosure),
    ("local-restrictions", Reason::LocalRestrictions),
    ("staff-absence", Reason::StaffAbsence),
    ("other", Reason::Other),
];

/// A form of the call sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OfCall {
    /// Somebody of the school is on the line.
    Begin,
    /// Nobody answered.
    NoAnswer,
    /// Steps of the script were gone through.
    Steps,
    /// The call is over.
    End,
    /// The school asks for the visit to be deferred.
    Deferral,
}

impl Offer for OfCall {
    const PLAIN: &'static [Self] = &[
        Self::Begin,
        Self::NoAnswer,
        Self::Steps,
        Self::End,
        Self::Deferral,
    ];

    fn path(&self) -> String {
        let path = match self {
            Self::Begin => "begin",
            Self::NoAnswer => "no-answer",
            Self::Steps => "steps",
            Self::End => "end",
            Self::Deferral => "deferral",
        };
        path.to_owned()
    }

    fn done(&self) -> &'static str {
        match self {
            Self::Begin => "The call has begun.",
            Self::NoAnswer => "That nobody answered is on record.",
            Self::Steps => "The steps are on record.",
            Self::End => "The call is on record.",
            Self::Deferral => "The request for deferral is on record. The region decides.",
        }
    }
}

impl OfCall {
    /// What `session`'s user can log about the call of `visit` now.
    pub(super) fn of(
        visit: &pb::Visit,
        sheet: &pb::CallSheet,
        session: &Session,
        now: Timestamp,
    ) -> Vec<Self> {
        let is_lead = session.has(Role::Hmi) && session.actor.principal == code(&visit.lead);
        let Some(call) = visit.call.as_ref().filter(|_| is_lead) else {
            return Vec::new();
        };
        let opens = instant(call.window_start_time.as_ref());
        match call.state() {
            CallState::Scheduled | CallState::Due if opens.is_some_and(|at| now >= at) => {
                vec![Self::Begin, Self::NoAnswer]
            }
            CallState::InProgress => {
                let is_open = |step: &&pb::CallStep| step.recorded_time.is_none();
                let open: Vec<_> = sheet.steps.iter().filter(is_open).collect();
                let is_required = |step: &&pb::CallStep| step_of(step).required;
                let mut offers = Vec::new();
                if !open.is_empty() {
                    offers.push(Self::Steps);
                }
                if !open.iter().any(is_required) {
                    offers.push(Self::End);
                }
                offers.push(Self::Deferral);
                offers
            }
            CallState::Done if matches!(visit.state(), VisitState::Called | VisitState::Ready) => {
                vec![Self::Deferral]
            }
            _ => Vec::new(),
        }
    }
}

fn step_of(step: &pb::CallStep) -> pb::ScriptStep {
    step.step.clone().unwrap_or_default()
}

/// A form of the call sheet.
pub(crate) async fn act(
    State(app): State<Shared>,
    Path((id, action)): Path<(String, String)>,
    posted: Posted,
) -> Response {
    let Posted { session, filled } = posted;
    let Some(offer) = OfCall::from_path(&action).filter(|_| page::is_uuid(&id)) else {
        return page::nowhere().await;
    };
    let path = format!("/visits/{id}/call");
    let outcome = send(&app, &session, offer, &format!("visits/{id}"), &filled).await;
    let outcome = outcome.map_err(|status| explained(&status, &CALLED));
    let sent = (format!("{path}/{action}"), filled);
    match settle(&app, &session, &path, &action, sent, outcome).await {
        Ok(answer) => answer,
        Err(tried) => call_sheet::one(&app, &session, &id, None, Some(tried)).await,
    }
}

async fn send(
    app: &App,
    session: &Session,
    offer: OfCall,
    visit: &str,
    filled: &Filled,
) -> Result<(), Status> {
    let mut client = app.scheduling(session);
    let name = visit.to_owned();
    let etag = filled.get("etag").to_owned();
    let request_id = filled.get("request_id").to_owned();
    match offer {
        OfCall::Begin => {
            let request = pb::StartCallRequest {
                name,
                etag,
                request_id,
            };
            client.start_call(request).await?;
        }
        OfCall::NoAnswer => {
            let request = pb::RecordCallAttemptRequest {
                name,
                etag,
                request_id,
            };
            client.record_call_attempt(request).await?;
        }
        OfCall::Steps => {
            let steps = filled.all().filter(|(_, value)| *value == "on");
            let steps = steps.filter_map(|(name, _)| name.strip_prefix(STEP)?.split_once('-'));
            let request = pb::RecordCallStepRequest {
                // In the order of the script: the fields are sorted by their names.
                step_codes: steps.map(|(_, code)| code.to_owned()).collect(),
                name,
                etag,
                request_id,
            };
            client.record_call_step(request).await?;
        }
        OfCall::End => {
            let request = pb::CompleteCallRequest {
                name,
                etag,
                request_id,
            };
            client.complete_call(request).await?;
        }
        OfCall::Deferral => {
            let known = REASONS
                .iter()
                .find(|(name, _)| *name == filled.get("reason"));
            let request = pb::RequestDeferralRequest {
                name,
                etag,
                reason: known
                    .map_or(Reason::Unspecified, |(_, reason)| *reason)
                    .into(),
                note: filled.get("note").to_owned(),
                request_id,
            };
            client.request_deferral(request).await?;
        }
    }
    Ok(())
}

/// The form for `offer`, about the visit as it was read.
pub(super) async fn form(
    desk: &Desk<'_>,
    visit: &pb::Visit,
    sheet: &pb::CallSheet,
    offer: OfCall,
) -> Html {
    let action = format!("/{}/call/{}", visit.name, offer.path());
    let begun = desk.begin(action, Filled::default()).await;
    let (heading, fields, button) = match offer {
        OfCall::Begin => (
            "Make the call",
            Vec::new(),
            Button::new("The school has answered"),
        ),
        OfCall::NoAnswer => ("", Vec::new(), Button::secondary("Nobody answered")),
        OfCall::Steps => {
            let steps = sheet.steps.iter().enumerate();
            let open = steps.filter(|(_, step)| step.recorded_time.is_none());
            let choices: Vec<_> = open
                .map(|(place, step)| {
                    let step = step_of(step);
                    let name = format!("{:02}-{}", place + 1, step.code);
                    let title = Html::of(&Content::from(step.title));
                    let wording = prose::quiet(&step.wording);
                    (name, page::stack::<Content>([title.into(), wording.into()]))
                })
                .collect();
            let name = STEP.trim_end_matches('-');
            let fields = vec![begun.fields().checks(
                name,
                "Which steps have you gone through?",
                "",
                &choices,
            )];
            ("", fields, Button::new("Record the steps"))
        }
        OfCall::End => ("End the call", Vec::new(), Button::new("The call is over")),
        OfCall::Deferral => {
            let button = Button::secondary("Record what the school asks for");
            (
                "If the school asks for deferral",
                asks_for_deferral(begun.fields()),
                button,
            )
        }
    };
    begun.carrying(heading, fields, vec![("etag", visit.etag.clone())], button)
}

fn asks_for_deferral(fields: Fields<'_>) -> Vec<Html> {
    let choices = REASONS.map(|(name, reason)| (name, words::deferral_reason(reason)));
    let hint =
        "You must fill this in for another reason. Recording it ends a call that is under way.";
    vec![
        fields.radios("reason", "Why does the school ask?", &choices),
        fields.text("note", "In the school’s words", hint, NOTE_MOST),
    ]
}
