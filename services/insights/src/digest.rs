//! The digest of a release: two reads of it can be compared (M2).

use sha2::{Digest as _, Sha256};
use visits_core::Fault;

use crate::domain::release::Release;

/// SHA-256 of a release's content as JSON, in hex.
pub fn of(release: &Release) -> Result<String, Fault> {
    let content = serde_json::to_vec(release)
        .map_err(|error| Fault::fatal(format!("a release can't be written as JSON: {error}")))?;
    Ok(hex::encode(Sha256::digest(content)))
}
