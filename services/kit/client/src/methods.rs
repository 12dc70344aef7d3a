//! Which methods of the contracts stream: a stream has no deadline and is never sent twice.

use std::collections::HashSet;
use std::sync::LazyLock;

use prost::{DecodeError, Message as _};
use prost_types::{FileDescriptorSet, MethodDescriptorProto};

/// What grpc.health.v1 answers at once.
const HEALTH_CHECK: &str = "/grpc.health.v1.Health/Check";
/// What methods that change nothing begin with.
const READS: [&str; 3] = ["Get", "List", "Check"];

static UNARY: LazyLock<HashSet<String>> = LazyLock::new(|| {
    // Generated with the contracts; were it unreadable, nothing would be sent twice.
    let known = paths(visits_proto::DESCRIPTORS, |method| !streams(method));
    let mut known = known.unwrap_or_default();
    known.insert(HEALTH_CHECK.to_owned());
    known
});

/// The paths of the methods in an encoded descriptor set that stream in either direction.
///
/// # Errors
/// If it is no descriptor set.
pub fn streaming(descriptors: &[u8]) -> Result<HashSet<String>, DecodeError> {
    paths(descriptors, streams)
}

/// Whether the method at `path` is known to have one request and one answer.
pub(crate) fn is_unary(path: &str) -> bool {
    UNARY.contains(path)
}

/// Whether the method at `path` changes nothing.
pub(crate) fn is_read(path: &str) -> bool {
    let method = path.rsplit('/').next().unwrap_or_default();
    READS.iter().any(|verb| method.starts_with(verb))
}

fn streams(method: &MethodDescriptorProto) -> bool {
    method.client_streaming() || method.server_streaming()
}

fn paths(
    descriptors: &[u8],
    wanted: fn(&MethodDescriptorProto) -> bool,
) -> Result<HashSet<String>, DecodeError> {
    let set = FileDescriptorSet::decode(descriptors)?;
    let mut paths = HashSet::new();
    for file in &set.file {
        for service in &file.service {
            for method in service.method.iter().filter(|method| wanted(method)) {
                let (package, service) = (file.package(), service.name());
                paths.insert(format!("/{package}.{service}/{}", method.name()));
            }
        }
    }
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_known_to_be_unary_counts_as_such() {
        let escalation = "/ofsted.visits.escalation.v1.EscalationService";
        assert!(is_unary(&format!("{escalation}/RaiseConcern")));
        assert!(is_unary(HEALTH_CHECK));
        assert!(!is_unary(&format!("{escalation}/WatchCases")));
        assert!(!is_unary("/grpc.health.v1.Health/Watch"));
        let streaming = streaming(visits_proto::DESCRIPTORS).expect("descriptors");
        assert!(streaming.contains(&format!("{escalation}/WatchCases")));
    }
}
