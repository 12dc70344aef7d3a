//! The console on a port of its own, as a client of the services of this process.

use tokio::net::TcpListener;
use visits_console::{Config, Console, Deps, Services};
use visits_core::{Fault, RandomIds};

use super::Host;

impl Host {
    /// Serves the console, until the host stops. Its development sign-in is open on a loopback
    /// address only: whoever reaches it is whoever they say.
    ///
    /// # Errors
    /// `Fatal` if the listener has no address.
    pub fn listen_console(&self, listener: TcpListener, config: Config) -> Result<(), Fault> {
        let address = listener
            .local_addr()
            .map_err(|error| Fault::fatal(format!("the console's port: {error}")))?;
        let console = Console::new(Deps {
            services: Services::together(self.channel.clone()),
            issuer: address.ip().is_loopback().then(|| self.issuer.clone()),
            clock: self.clock.clone(),
            // Requests of people: never the services' own sequence.
            ids: std::sync::Arc::new(RandomIds),
            config,
            going_away: self.stop_port.clone(),
        });
        let drain = self.config.drain_time();
        self.tracker.spawn(async move {
            if let Err(fault) = console.serve(listener, drain).await {
                tracing::error!("the console has ended: {fault}");
            }
        });
        Ok(())
    }
}
