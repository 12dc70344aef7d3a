//! Drafting (M24, M32, M35): what the letter is drafted from is fetched only for the lead HMI, and only
//! once a letter may be drafted; the step then decides, and refuses in everybody else's case.

use visits_core::{Actor, ErrorKind, Fault};
use visits_durable::Cause;
use visits_durable::store::Versioned;

use crate::app::App;
use crate::domain::command::Draft;
use crate::domain::letter::About;
use crate::domain::{Letter, LetterId, Text};
use crate::sources::{Occasion, Sources};

/// Drafts the letter about `occasion`.
pub(super) async fn draft(
    app: &App,
    sources: &Sources,
    actor: &Actor,
    cause: Cause,
    occasion: Occasion,
) -> Result<Versioned<Letter>, Fault> {
    app.may_ask_for_a_draft(actor, &occasion.resource()).await?;
    let about = sources.about(occasion).await?;
    let wanted = actor.principal == about.lead && app.may_draft(&about).await?;
    let first = attempt(app, sources, cause.clone(), about.clone(), wanted).await;
    match first {
        // Between the look and the step came what makes the letter due: now there is something to
        // fetch. It never goes away again, so that one more attempt is enough.
        Err(fault) if fault.kind == ErrorKind::Transient && !wanted => {
            let wanted = actor.principal == about.lead && app.may_draft(&about).await?;
            attempt(app, sources, cause, about, wanted).await
        }
        outcome => outcome,
    }
}

async fn attempt(
    app: &App,
    sources: &Sources,
    cause: Cause,
    about: About,
    wanted: bool,
) -> Result<Versioned<Letter>, Fault> {
    let (text, content_version) = if wanted {
        sources.text(&about).await?
    } else {
        (Text::default(), 0)
    };
    let id = LetterId(app.durable.new_id());
    let draft = Draft {
        id,
        about,
        text,
        content_version,
    };
    app.begin(cause, draft, wanted).await
}
