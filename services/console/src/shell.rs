//! What stands around the main part of every page (`templates/base.html`): who is signed in, and
//! the places that they may go to.

use visits_components::{NavigationItem, ServiceNavigation};
use visits_core::{Role, Timestamp};

use crate::assets;
use crate::session::{Left, Session};

/// A place of the console that its navigation leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The open cases.
    Queue,
    /// The closed cases.
    Closed,
    /// Who is on duty.
    Duty,
    /// The calls of a day.
    Calls,
    /// Visits.
    Visits,
    /// Letters.
    Letters,
    /// The deferrals that the region decides.
    Deferrals,
    /// Who decides while a director is absent.
    Deputies,
    /// What could not be handled.
    Parked,
    /// The audit.
    Audit,
    /// Nowhere that the navigation leads to.
    Elsewhere,
}

/// Who is offered a place.
struct Offer {
    place: Place,
    path: &'static str,
    words: &'static str,
    roles: &'static [Role],
}

/// Every place, in the order of the navigation. It is a courtesy: the services decide who may see
/// what is there.
const OFFERS: &[Offer] = &[
    Offer {
        place: Place::Queue,
        path: "/queue",
        words: "Open cases",
        roles: &[Role::DutyDesk, Role::RegionalDirector, Role::Hmi],
    },
    Offer {
        place: Place::Closed,
        path: "/queue?show=closed",
        words: "Closed cases",
        roles: &[Role::DutyDesk, Role::RegionalDirector, Role::Hmi],
    },
    Offer {
        place: Place::Duty,
        path: crate::duty::PATH,
        words: "On duty",
        roles: &[Role::DutyDesk, Role::RegionalDirector, Role::Auditor],
    },
    Offer {
        place: Place::Deferrals,
        path: "/deferrals",
        words: "Deferrals",
        roles: &[Role::RegionalDirector],
    },
    Offer {
        place: Place::Deputies,
        path: crate::deputies::PATH,
        words: "Deputies",
        roles: &[Role::RegionalDirector],
    },
    Offer {
        place: Place::Calls,
        path: "/calls",
        words: "Today’s calls",
        roles: &[
            Role::DutyDesk,
            Role::RegionalDirector,
            Role::Hmi,
            Role::Scheduler,
        ],
    },
    Offer {
        place: Place::Letters,
        path: "/letters",
        words: "Letters",
        roles: &[Role::Hmi, Role::Publisher],
    },
    Offer {
        place: Place::Visits,
        path: "/visits",
        words: "Visits",
        roles: &[
            Role::DutyDesk,
            Role::RegionalDirector,
            Role::Hmi,
            Role::Scheduler,
            Role::Publisher,
        ],
    },
    Offer {
        place: Place::Audit,
        path: "/audit",
        words: "Audit",
        roles: &[Role::Auditor],
    },
    Offer {
        place: Place::Parked,
        path: "/parked",
        words: "Parked items",
        roles: &[Role::Operator, Role::Auditor],
    },
];

/// The first place that somebody is offered: where they begin.
pub(crate) fn first(session: &Session) -> &'static str {
    let mut offers = OFFERS.iter();
    let offered = offers.find(|offer| session.actor.has_any(offer.roles));
    offered.map_or("/queue", |offer| offer.path)
}

/// What stands around a page.
pub(crate) struct Shell {
    pub(crate) user: Option<User>,
    place: Place,
}

/// Who is signed in.
pub(crate) struct User {
    pub(crate) principal: String,
    pub(crate) role: &'static str,
    pub(crate) form_token: String,
    pub(crate) left: Left,
    pub(crate) now: Timestamp,
    roles: Vec<Role>,
}

impl Shell {
    /// Around a page at `place`, or one that belongs to it.
    pub(crate) fn of(session: &Session, place: Place) -> Self {
        let roles = &session.actor.roles;
        let user = User {
            principal: session.actor.principal.clone(),
            role: roles.first().copied().map_or("", role_words),
            form_token: session.form_token.clone(),
            left: session.left,
            now: session.now,
            roles: roles.clone(),
        };
        Self {
            user: Some(user),
            place,
        }
    }

    /// Around a page for somebody who is not signed in, or of whom it isn't known.
    pub(crate) const fn of_nobody() -> Self {
        Self {
            user: None,
            place: Place::Elsewhere,
        }
    }

    pub(crate) fn navigation(&self) -> ServiceNavigation {
        let roles = self.user.as_ref().map_or(&[][..], |user| &user.roles);
        let is_offered = |offer: &&Offer| offer.roles.iter().any(|role| roles.contains(role));
        let items = OFFERS
            .iter()
            .filter(is_offered)
            .map(|offer| NavigationItem {
                active: offer.place == self.place,
                ..NavigationItem::new(offer.path, offer.words)
            });
        ServiceNavigation {
            navigation: items.collect(),
            navigation_label: "Places".to_owned(),
            ..ServiceNavigation::default()
        }
    }

    /// Whether the live feed has something to say to the user: it is about cases.
    pub(crate) fn has_feed(&self) -> bool {
        let told = [Role::DutyDesk, Role::RegionalDirector, Role::Hmi];
        let user = self.user.as_ref();
        user.is_some_and(|user| user.roles.iter().any(|role| told.contains(role)))
    }

    /// The address of an embedded file.
    pub(crate) fn asset(&self, name: &str) -> String {
        assets::address(name)
    }

    /// Whether GOV.UK's script is there to be used.
    pub(crate) const fn has_script(&self) -> bool {
        assets::IS_GOVUK
    }
}

/// A role in words.
pub(crate) const fn role_words(role: Role) -> &'static str {
    match role {
        Role::Hmi => "Inspector",
        Role::DutyDesk => "Duty desk",
        Role::RegionalDirector => "Regional Director",
        Role::Scheduler => "Scheduler",
        Role::Publisher => "Publisher",
        Role::Researcher => "Researcher",
        Role::Auditor => "Auditor",
        Role::Operator => "Operator",
        Role::Service => "Service",
    }
}
