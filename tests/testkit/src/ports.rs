//! Ports for processes that are told where to listen.

use std::fs::{self, File};
use std::net::TcpListener;
use std::sync::{Mutex, PoisonError};

use anyhow::bail;
use visits_core::{Clock as _, IdSource as _, RandomIds, SystemClock};

const PORTS: std::ops::Range<u16> = 20_000..32_000;
const TRIES_MAX: u32 = 100;

/// The locks of the ports that this process has given out; they go with it.
static GIVEN: Mutex<Vec<File>> = Mutex::new(Vec::new());

/// A port that nobody has, below those that the system gives to outgoing connections: none of
/// them takes it before the process does, nor does another test, here or in a process beside.
///
/// # Errors
/// If none is found.
pub fn free() -> anyhow::Result<u16> {
    for _ in 0..TRIES_MAX {
        let chance = RandomIds.next(SystemClock::new().now()).as_u128();
        let port = PORTS.start + u16::try_from(chance % PORTS.len() as u128)?;
        if is_mine(port)? && TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    bail!("no free port in {PORTS:?}")
}

fn is_mine(port: u16) -> anyhow::Result<bool> {
    let folder = std::env::temp_dir().join("interim-visits-ports");
    fs::create_dir_all(&folder)?;
    let file = File::create(folder.join(port.to_string()))?;
    let is_free = file.try_lock().is_ok();
    if is_free {
        let mut given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
        given.push(file);
    }
    Ok(is_free)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_given_to_one_only_although_nobody_listens_at_it_yet() {
        let port = free().expect("a port");
        assert!(!is_mine(port).expect("looked at"));
    }
}
