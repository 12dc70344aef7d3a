//! `visits migrate`: the tables of every service, brought up to date.

use std::sync::Arc;

use serde_json::json;
use visits_core::RandomIds;

use super::Context;
use crate::clock;
use crate::config;
use crate::failure::Failure;
use crate::host::{Host, HostOptions};
use crate::output::column;

pub(super) async fn run(context: &Context) -> Result<(), Failure> {
    let settings = config::load(context.global.config.as_deref())?;
    config::check(&settings)?;
    let host = Host::open(HostOptions {
        data: context.global.data.clone(),
        settings,
        clock: clock::open(&context.global.clock)?,
        ids: Arc::new(RandomIds),
    })
    .await?;
    let services = host.services().to_vec();
    host.close().await?;
    let done = json!({ "data": context.global.data, "services": services });
    let columns = [column("DATA", "/data"), column("UP TO DATE", "/services")];
    context.output.show(&done, &columns)
}
