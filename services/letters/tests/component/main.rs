//! Letters as a whole: a real service over gRPC and HTTP, a clock that the test moves, and other
//! services as the test wants them.

mod barrier;
mod conversion;
mod drafting;
mod html;
mod pages;
mod publication;
mod round;
mod timers;
mod twice_and_cut;
mod world;
