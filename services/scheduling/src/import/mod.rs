//! Files of the outside world: schools, inspection outcomes, bank holidays, school calendars.
//!
//! Everything here is pure: bytes in, rows and an account of them out. One bad row never costs the
//! rest, one bad file never gets half in unnoticed, and complaints never get in at all (M17).

pub mod bank_holidays;
pub mod calendar;
pub mod encoding;
pub mod error;
pub mod file;
pub mod gias;
pub mod ofsted_mi;
pub mod records;
pub mod region;
pub mod report;
pub mod row;
pub mod table;

pub use error::ImportError;
pub use file::{ImportFile, RowFormat};
pub use gias::{Phase, SchoolRow, SchoolStatus};
pub use ofsted_mi::{InspectionRow, OverallEffectiveness};
pub use region::OfstedRegion;
pub use report::{Note, RowProblem, Summary};

/// A GIAS file of schools.
pub type SchoolFile = ImportFile<SchoolRow>;
/// A file of Ofsted's management information.
pub type InspectionFile = ImportFile<InspectionRow>;
/// A file of school holidays and closures.
pub type CalendarFile = ImportFile<crate::domain::calendar::CalendarEntry>;
