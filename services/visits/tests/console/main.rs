//! The console over HTTP, as a browser without script uses it (R-CON-26), before the services
//! themselves.

mod browser;
mod escalation;
mod feed;
mod scene;
mod session;
