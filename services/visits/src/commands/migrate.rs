//! `migrate`: the tables of the services of this process, brought up to date.

use serde_json::json;

use super::Context;
use crate::cli::OnlyArgs;
use crate::config;
use crate::deployment::{Deployment, is_postgres};
use crate::failure::Failure;
use crate::output::column;
use crate::{folder, services};

pub(super) async fn run(context: &Context, only: &OnlyArgs) -> Result<(), Failure> {
    let settings = config::load(context.global.config.as_deref(), &only.services)?;
    // Only the databases matter here: a migration needs no broker, no peers and no keys.
    let deployment = Deployment::databases(&settings)?;
    let data = &context.global.data;
    let in_folder = |service: &&str| !is_postgres(&deployment.database(service, data));
    // A file has one owner at a time; PostgreSQL lets migrators wait for each other.
    let _lock = if deployment.held.iter().any(in_folder) {
        Some(folder::lock(&folder::make(data)?)?)
    } else {
        None
    };
    services::migrate(&deployment, data).await?;
    let done = json!({ "data": data, "services": deployment.held });
    let columns = [column("DATA", "/data"), column("UP TO DATE", "/services")];
    context.output.show(&done, &columns)
}
