//! The tables, without behaviour.

pub(super) mod barriers;
pub(super) mod case_readers;
pub(super) mod cases;
pub(super) mod consoles;
pub(super) mod directorships;
pub(super) mod shifts;
pub(super) mod visits_begun;
