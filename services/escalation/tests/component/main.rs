//! Escalation as a real service in one process: SQLite files, the in-process bus, gRPC with
//! tokens, a clock that the test moves, and scheduling played by the test.

mod cuts;
mod deadline;
mod desk;
mod house;
mod life;
mod lists;
mod paged;
mod rights;
mod says;
mod watch;
