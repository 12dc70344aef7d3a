//! Concern escalation.

pub mod domain;
