//! Each service in a process of its own, on PostgreSQL and RabbitMQ, as docs/backbone.md has it.

mod deployment;
mod outages;
mod play;
mod replicas;
mod stop;
mod stranger;
mod visit;
