//! The forms that a page offers, by the addresses that they are sent to. Offering is a courtesy; the
//! service decides.

use visits_components::Html;

use super::Tried;

/// One form of a page.
pub(crate) trait Offer: Clone + PartialEq + 'static {
    /// Those that the page has once.
    const PLAIN: &'static [Self];

    /// The last part of the address that the form is sent to.
    fn path(&self) -> String;

    /// What the page says once it is recorded.
    fn done(&self) -> &'static str;

    /// Of those that the page has several times: the one that `path` names by its number.
    fn numbered(_path: &str) -> Option<Self> {
        None
    }

    /// The form that is sent to `path`.
    fn from_path(path: &str) -> Option<Self> {
        let plain = || Self::PLAIN.iter().find(|offer| offer.path() == path);
        Self::numbered(path).or_else(|| plain().cloned())
    }
}

/// What was recorded a moment ago, as the page's address says.
pub(crate) fn done<O: Offer>(asked: &[(String, String)]) -> Option<&'static str> {
    let (_, path) = asked.iter().find(|(name, _)| name == "done")?;
    O::from_path(path).map(|offer| offer.done())
}

/// What was typed into a form that is offered no more.
pub(crate) fn leftover<O: Offer>(tried: Option<&Tried>, offers: &[O]) -> Option<Html> {
    let tried = tried?;
    let is_it = |offer: &O| tried.action.ends_with(&format!("/{}", offer.path()));
    if offers.iter().any(is_it) {
        return None;
    }
    tried.leftover()
}
