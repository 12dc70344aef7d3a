//! Insights as a whole: a real service over gRPC, a clock that the test moves, and other services
//! as the test wants them.

mod access;
mod coding;
mod hearing;
mod peers;
mod release;
mod twice_and_cut;
mod world;
