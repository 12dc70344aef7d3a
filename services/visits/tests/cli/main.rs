//! The command line as its users meet it: exit codes, stdout and stderr, a server that starts and
//! stops, an operator's day.

mod alone;
mod checkpoints;
mod console;
mod desk;
mod operator;
mod parked;
mod served;
mod split;
