//! The letters service: drafting, the school's check for factual accuracy, publication.
//!
//! Invariants:
//! 1. No draft before the departure is on record (M35), none of an NFD before it is complete (M32).
//! 2. No text goes out that states a graded judgement, names a person, or has unconfirmed marks (M5).
//! 3. No publication without a round of the school's check: its reply with every correction answered,
//!    or an explicit, audited decision to go on without one (M36).
//! 4. The interim letter of a converted visit is never published (M30).
//! 5. A published edition is never altered; corrections are new editions with a note (M37).
//! 6. Drafts and rounds are the team's and the publishers'; behind the barrier only published letters
//!    exist (M11). Events carry no words (R19).

pub mod app;
pub mod config;
pub mod domain;
pub mod link;
pub mod mailbox;
pub mod publish;
pub mod store;
