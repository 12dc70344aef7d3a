//! Scheduling as its callers meet it: through gRPC, on both databases, with the clock in the
//! test's hand.

mod arrangements;
mod barrier;
mod call;
mod deferral;
mod imports;
mod lists;
mod plan;
mod stage;
mod twice_and_cut;
