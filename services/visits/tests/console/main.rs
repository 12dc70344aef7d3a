//! The console over HTTP, as a browser without script uses it (R-CON-26), before the services
//! themselves.

mod apart;
mod at_issuer;
mod browser;
mod calls;
mod deputies;
mod duty;
mod escalation;
mod feed;
mod issuer;
mod letters;
mod nfd;
mod office;
mod scene;
mod session;
