//! The console on a port of its own, as a client of the services of this process.

use tokio::net::TcpListener;
use visits_console::{Config, Console, Deps, Services, SignIn};
use visits_core::{Fault, RandomIds};

use super::Host;
use crate::console::{DATABASE, SESSION_KEY_FILE, base_address, sqlite};

impl Host {
    /// Serves the console, until the host stops. Where no issuer of people's tokens is configured
    /// its development sign-in is open, on a loopback address only: whoever reaches it is whoever
    /// they say.
    ///
    /// # Errors
    /// `Fatal` if the listener has no address or the console can't be opened.
    pub async fn listen_console(&self, listener: TcpListener, config: Config) -> Result<(), Fault> {
        let address = listener
            .local_addr()
            .map_err(|error| Fault::fatal(format!("the console's port: {error}")))?;
        let sign_in = if self.identity.is_given() {
            SignIn::At(Box::new(self.identity.clone()))
        } else if address.ip().is_loopback() {
            SignIn::Development(self.issuer.clone())
        } else {
            SignIn::Closed
        };
        let kept = self.data.join(SESSION_KEY_FILE);
        let console = Console::open(Deps {
            services: Services::together(self.channel.clone()),
            sign_in,
            database: self
                .console_database
                .clone()
                .unwrap_or_else(|| sqlite(&self.data, DATABASE)),
            session_key: config.session_key.key_or_kept(&kept)?,
            address: base_address(&config, address),
            clock: self.clock.clone(),
            // Requests of people: never the services' own sequence.
            ids: std::sync::Arc::new(RandomIds),
            config,
            going_away: self.stop_port.clone(),
        })
        .await?;
        let drain = self.config.drain_time();
        self.tracker.spawn(async move {
            if let Err(fault) = console.serve(listener, drain).await {
                tracing::error!("the console has ended: {fault}");
            }
        });
        Ok(())
    }
}
