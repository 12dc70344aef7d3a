//! The one seam where a right is decided: deny by default.
//!
//! A role opens the door to an action; the resource decides the rest from what the server holds.
//! A later issue puts the full policy behind this function; its callers stay as they are.

use visits_core::{Actor, Fault, Role};

/// Something that a caller may want to do.
#[derive(Clone, Copy, Debug)]
pub struct Action {
    /// Its stable name, `escalation.cases.decide`, as audits and refusals give it.
    pub name: &'static str,
    /// The roles whose holders may ask for it; nobody else.
    pub roles: &'static [Role],
    /// Whether the caller must be one of those whom the server has assigned to the resource.
    pub assigned: bool,
}

/// What it would be done to, as the server knows it.
#[derive(Clone, Copy, Debug)]
pub struct Resource<'a> {
    /// Its resource name.
    pub name: &'a str,
    /// The principals who are assigned to it.
    pub assigned: &'a [String],
    /// Whether the barrier stands between this caller and it (M11).
    pub barred: bool,
}

impl<'a> Resource<'a> {
    /// A resource that nobody is assigned to and nobody is barred from.
    #[must_use]
    pub const fn open(name: &'a str) -> Self {
        Self {
            name,
            assigned: &[],
            barred: false,
        }
    }
}

/// Whether `actor` may do `action` to `resource`.
///
/// A role that does not cover the action is refused before anything is said of the resource. Past
/// that, a resource behind the barrier or of somebody else's visit reads as absent (E3). A service
/// that the action lists acts for no inspector, so neither assignment nor barrier applies to it.
///
/// # Errors
/// `Forbidden` or `NotFound`, as above.
pub fn authorise(actor: &Actor, action: &Action, resource: &Resource<'_>) -> Result<(), Fault> {
    if !actor.has_any(action.roles) {
        return Err(Fault::forbidden(action.name));
    }
    if actor.has(Role::Service) && action.roles.contains(&Role::Service) {
        return Ok(());
    }
    if resource.barred {
        return Err(Fault::not_found(resource.name));
    }
    if action.assigned && !resource.assigned.contains(&actor.principal) {
        return Err(Fault::not_found(resource.name));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use visits_core::ErrorKind;

    const READ: Action = Action {
        name: "recording.visitRecords.get",
        roles: &[Role::Hmi, Role::Service],
        assigned: true,
    };

    fn refusal(actor: &Actor, assigned: &[&str], barred: bool) -> Option<ErrorKind> {
        let assigned: Vec<String> = assigned.iter().map(ToString::to_string).collect();
        let resource = Resource {
            name: "visitRecords/1",
            assigned: &assigned,
            barred,
        };
        authorise(actor, &READ, &resource)
            .err()
            .map(|fault| fault.kind)
    }

    #[test]
    fn what_no_role_covers_is_denied() {
        let desk = Actor::new("desk-2", Role::DutyDesk);
        assert_eq!(
            refusal(&desk, &["desk-2"], false),
            Some(ErrorKind::Forbidden)
        );
        let nobody = Actor {
            principal: "HMI-001".into(),
            roles: Vec::new(),
        };
        assert_eq!(
            refusal(&nobody, &["HMI-001"], false),
            Some(ErrorKind::Forbidden)
        );
    }

    #[test]
    fn an_assigned_inspector_passes_and_another_sees_nothing() {
        let hmi = Actor::new("HMI-001", Role::Hmi);
        assert_eq!(refusal(&hmi, &["HMI-001"], false), None);
        assert_eq!(
            refusal(&hmi, &["HMI-002"], false),
            Some(ErrorKind::NotFound)
        );
    }

    #[test]
    fn m11_a_barred_inspector_reads_not_found_even_when_assigned() {
        let hmi = Actor::new("HMI-001", Role::Hmi);
        assert_eq!(refusal(&hmi, &["HMI-001"], true), Some(ErrorKind::NotFound));
    }

    #[test]
    fn a_service_passes_only_where_the_action_lists_it() {
        let letters = Actor::service("letters");
        assert_eq!(refusal(&letters, &[], false), None);
        let human_only = Action {
            roles: &[Role::Hmi],
            ..READ
        };
        let fault = authorise(&letters, &human_only, &Resource::open("visitRecords/1"))
            .expect_err("not listed");
        assert_eq!(fault.kind, ErrorKind::Forbidden);
    }
}
