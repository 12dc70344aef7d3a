//! `health`: does a server serve? For the health checks of containers, which have no other tool.

use std::process::ExitCode;
use std::time::Duration;

use serde_json::json;
use tonic::transport::Endpoint;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use super::Context;
use crate::cli::HealthArgs;
use crate::config::{self, ServerConfig};
use crate::failure::Failure;
use crate::output::column;

/// Longer than a server that lives ever takes; container engines wait no longer either.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) async fn run(context: &Context, args: &HealthArgs) -> Result<ExitCode, Failure> {
    let server = if args.own {
        own_address(context)?
    } else {
        context.global.client.server.clone()
    };
    let status = ask(&server).await?;
    let shown = json!({ "server": server, "status": status.as_str_name() });
    let columns = [column("SERVER", "/server"), column("STATUS", "/status")];
    context.output.show(&shown, &columns)?;
    Ok(match status {
        ServingStatus::Serving => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

/// Where this binary listens by its own configuration.
fn own_address(context: &Context) -> Result<String, Failure> {
    let settings = config::load(context.global.config.as_deref(), &[])?;
    let server: ServerConfig = settings.section("server")?;
    let listen: std::net::SocketAddr = server
        .listen
        .parse()
        .map_err(|_| Failure::invalid("server.listen", "must be an address and a port"))?;
    let mut reached = listen;
    if listen.ip().is_unspecified() {
        reached.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    Ok(format!("http://{reached}"))
}

async fn ask(server: &str) -> Result<ServingStatus, Failure> {
    let endpoint = Endpoint::from_shared(server.to_owned()).map_err(|_| {
        Failure::invalid(
            "--server",
            "must be an address such as http://127.0.0.1:7400",
        )
    })?;
    let silent = || Failure::NotServing {
        server: server.to_owned(),
    };
    let channel = endpoint.connect_timeout(PATIENCE).timeout(PATIENCE);
    let channel = channel.connect().await.map_err(|_| silent())?;
    let answer = HealthClient::new(channel)
        .check(HealthCheckRequest::default())
        .await
        .map_err(|_| silent())?;
    Ok(answer.into_inner().status())
}
