//! Each service in a process of its own, on PostgreSQL and RabbitMQ, as docs/backbone.md has it.

mod deployment;
mod play;
mod replicas;
mod visit;
