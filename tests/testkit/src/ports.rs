//! Ports for processes that are told where to listen.

use std::net::TcpListener;

use anyhow::bail;
use visits_core::{Clock as _, IdSource as _, RandomIds, SystemClock};

const PORTS: std::ops::Range<u16> = 20_000..32_000;
const TRIES_MAX: u32 = 100;

/// A port that nobody has, below those that the system gives to outgoing connections: none of
/// them takes it before the process does.
///
/// # Errors
/// If none is found.
pub fn free() -> anyhow::Result<u16> {
    for _ in 0..TRIES_MAX {
        let chance = RandomIds.next(SystemClock::new().now()).as_u128();
        let port = PORTS.start + u16::try_from(chance % PORTS.len() as u128)?;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    bail!("no free port in {PORTS:?}")
}
