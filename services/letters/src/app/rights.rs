//! Who may do what to a letter: rests on what this service holds, the team and the barrier (M11).

use visits_core::{Actor, Fault, Role};
use visits_durable::sea_orm::ConnectionTrait;
use visits_runtime::{Action, Resource, authorise};

use crate::domain::Letter;
use crate::domain::letter::About;
use crate::store::barrier;

/// Reading a letter with its draft and rounds.
pub const READ_AS_TEAM: Action = Action {
    name: "letters.letters.get",
    roles: &[Role::Hmi],
    assigned: true,
};
/// The same, for those who need no assignment.
pub const READ_AS_OFFICE: Action = Action {
    name: "letters.letters.get",
    roles: &[Role::Publisher, Role::Service],
    assigned: false,
};
/// Writing: draft, revise, confirm, answer.
pub const WRITE: Action = Action {
    name: "letters.letters.write",
    roles: &[Role::Hmi],
    assigned: true,
};
/// Bringing a letter through the school's check.
pub const BRING_THROUGH: Action = Action {
    name: "letters.letters.check",
    roles: &[Role::Hmi],
    assigned: true,
};
/// Deciding without the school, publishing, correcting, withdrawing.
pub const PUBLISH: Action = Action {
    name: "letters.letters.publish",
    roles: &[Role::Publisher],
    assigned: false,
};

/// What the one who asks must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// The lead HMI, who writes the letter.
    Writer,
    /// The lead HMI, or a publisher.
    WriterOrPublisher,
    /// A publisher.
    Publisher,
    /// Nothing: an event, a timer, or a link that proves itself.
    Nothing,
}

/// Whether `actor` may change this letter.
///
/// # Errors
/// `Forbidden` for the wrong role, `NotFound` for a letter that isn't theirs to know.
pub async fn may_change(
    db: &impl ConnectionTrait,
    actor: &Actor,
    needs: Needs,
    letter: &Letter,
) -> Result<(), Fault> {
    let action = match needs {
        Needs::Nothing => return Ok(()),
        Needs::Writer => WRITE,
        Needs::WriterOrPublisher if !actor.has(Role::Publisher) => BRING_THROUGH,
        Needs::WriterOrPublisher | Needs::Publisher => PUBLISH,
    };
    let name = letter.name();
    let lead = [letter.about.lead.clone()];
    let barred = barrier::stands(db, &actor.principal, &letter.about.urn).await?;
    authorise(
        actor,
        &action,
        &Resource {
            name: &name,
            assigned: &lead,
            barred,
        },
    )
}

/// Whether `actor` may begin a letter: the lead HMI of its visit.
///
/// # Errors
/// `Forbidden` for the wrong role, `NotFound` for somebody else's visit or behind the barrier.
pub async fn may_begin(
    db: &impl ConnectionTrait,
    actor: &Actor,
    about: &About,
) -> Result<(), Fault> {
    let name = format!("visits/{}", about.visit);
    let lead = [about.lead.clone()];
    let barred = barrier::stands(db, &actor.principal, &about.urn).await?;
    authorise(
        actor,
        &WRITE,
        &Resource {
            name: &name,
            assigned: &lead,
            barred,
        },
    )
}

/// Whether the role alone shuts the door, before anything is said of the letter.
///
/// # Errors
/// `Forbidden` for the wrong role.
pub fn may_ask(actor: &Actor, needs: Needs) -> Result<(), Fault> {
    let (action, other) = match needs {
        Needs::Nothing => return Ok(()),
        Needs::Writer => (WRITE, None),
        Needs::WriterOrPublisher => (BRING_THROUGH, Some(Role::Publisher)),
        Needs::Publisher => (PUBLISH, None),
    };
    if actor.has_any(action.roles) || other.is_some_and(|role| actor.has(role)) {
        Ok(())
    } else {
        Err(Fault::forbidden(action.name))
    }
}
