//! Pages that are made of components alone: a heading, facts, lists and forms, one below the other.
//!
//! The pages of visits, calls, letters, deferrals, parked items and the audit are such. What a page
//! says stands in its own module; how it is laid out, and how its forms are sent and refused, here.

mod called;
mod fields;
mod form;
mod offer;
mod parts;
mod search;
mod sent;

use askama::Template;
use askama::filters::HtmlSafe;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use tonic::{Code, Status};
use visits_components::{Html, NotificationBanner};

use crate::form::see;
use crate::page::{self, Page};
use crate::problem::Problem;
use crate::session::Session;
use crate::shell::{Place, Shell};
use crate::{front, sign_in};

pub(crate) use called::{Called, OF_A_LIST, explained, found};
pub(crate) use fields::Fields;
pub(crate) use form::Desk;
pub(crate) use offer::{Offer, done, leftover};
pub(crate) use parts::{
    facts, heading, link, list, next, paragraph, quiet, stack, state, subheading, table,
};
pub(crate) use search::{Search, term};
pub(crate) use sent::{Tried, settle};

/// A page under construction.
#[derive(Template)]
#[template(path = "sheet.html")]
pub(crate) struct Sheet {
    shell: Shell,
    heading: String,
    caption: String,
    back: Option<(String, String)>,
    styles: Vec<&'static str>,
    done: Option<NotificationBanner>,
    problem: Option<Problem>,
    parts: Vec<Html>,
}

impl Sheet {
    /// A page at `place` with nothing on it yet but its heading.
    pub(crate) fn new(session: &Session, place: Place, heading: impl Into<String>) -> Self {
        Self {
            shell: Shell::of(session, place),
            heading: heading.into(),
            caption: String::new(),
            back: None,
            styles: Vec::new(),
            done: None,
            problem: None,
            parts: Vec::new(),
        }
    }

    /// What stands above the heading.
    pub(crate) fn caption(mut self, words: impl Into<String>) -> Self {
        self.caption = words.into();
        self
    }

    /// The way back to the page above.
    pub(crate) fn back(mut self, href: impl Into<String>, words: &str) -> Self {
        self.back = Some((href.into(), words.to_owned()));
        self
    }

    /// A stylesheet of the page's own, one of the embedded files.
    pub(crate) fn style(mut self, name: &'static str) -> Self {
        self.styles.push(name);
        self
    }

    /// What was recorded a moment ago; nothing if something was refused, so that there is never a
    /// banner with an error summary (R-CON-24).
    pub(crate) fn done(mut self, words: Option<&'static str>) -> Self {
        let words = words.filter(|_| self.problem.is_none());
        self.done = words.map(NotificationBanner::success);
        self
    }

    /// What was tried and refused.
    pub(crate) fn refused(mut self, tried: Option<&Tried>) -> Self {
        self.problem = tried.map(|tried| tried.problem.clone());
        if self.problem.is_some() {
            self.done = None;
        }
        self
    }

    /// The page with this below what it has.
    pub(crate) fn and(mut self, part: &impl HtmlSafe) -> Self {
        self.parts.push(Html::of(part));
        self
    }

    /// The page with this below, if there is something.
    pub(crate) fn and_if<P: HtmlSafe>(self, part: Option<P>) -> Self {
        match part {
            Some(part) => self.and(&part),
            None => self,
        }
    }

    /// The page with all these below.
    pub(crate) fn and_all(mut self, parts: impl IntoIterator<Item = Html>) -> Self {
        self.parts.extend(parts);
        self
    }

    /// The page as an answer.
    pub(crate) fn answer(self) -> Response {
        let problem = self.problem.as_ref();
        let status = problem.map_or(StatusCode::OK, |problem| problem.status);
        Page::of(status, &self).into_response()
    }
}

/// What a reader is shown when a service refuses to show something at `path`.
pub(crate) fn refused(session: &Session, status: &Status, path: &str) -> Response {
    if status.code() == Code::Unauthenticated {
        return sign_in::first(path, sign_in::Note::Lapsed);
    }
    page::failed(session, &Problem::of(status)).into_response()
}

/// The address that a form was sent to, opened again: the page that it is on.
pub(crate) async fn above(uri: Uri) -> Response {
    let path = uri.path();
    let page = path.rsplit_once('/').map_or("/", |(page, _)| page);
    see(sign_in::within(page))
}

/// An address that names nothing.
pub(crate) async fn nowhere() -> Response {
    front::nothing().await.into_response()
}

/// Whether the part of an address can be the id of something: what can't be is a page not found,
/// and is asked of no service.
pub(crate) fn is_uuid(id: &str) -> bool {
    let fits = |(place, byte): (usize, u8)| match place {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    id.len() == 36 && id.bytes().enumerate().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_the_form_of_a_uuid() {
        assert!(is_uuid("0192f0c1-0000-7000-8000-00000000000a"));
        for wrong in [
            "",
            "0192f0c1",
            "0192f0c1-0000-7000-8000-00000000000",
            "../../etc/passwd",
        ] {
            assert!(!is_uuid(wrong), "{wrong}");
        }
    }
}
