//! The stories, in the order of the play. Each is told, and each gives back what it was about, so
//! that whoever wants to can look whether it is so.

pub mod barrier;
pub mod clock_change;
pub mod deferral;
pub mod first_letter;
pub mod first_visit;
pub mod nfd_letter;
pub mod picture;
pub mod registers;
pub mod safeguarding;
pub mod term;
