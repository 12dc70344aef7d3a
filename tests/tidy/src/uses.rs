//! Which names may stand in which folder of a service: the edges inside a room.

use anyhow::Result;

use crate::Finding;
use crate::code::{self, Ident};
use crate::tree::{self, File};

/// What the pure core knows nothing of.
const IMPURE: &[&str] = &[
    "tokio",
    "sea_orm",
    "sea_orm_migration",
    "tonic",
    "visits_durable",
    "visits_bus",
    "visits_runtime",
    "visits_proto",
    "async_trait",
    "SystemTime",
];

/// Identifiers that stand where the rules of a service's folders don't allow them.
///
/// # Errors
/// When a file isn't Rust.
pub fn check(files: &[File]) -> Result<Vec<Finding>> {
    let tests = code::test_files(files)?;
    let mut findings = Vec::new();
    for file in tree::rust(files) {
        let Some(folder) = folder_of_a_service(&file.path) else {
            continue;
        };
        if tests.contains(&file.path) && !folder.starts_with("domain") {
            continue;
        }
        for ident in code::idents(file)? {
            if let Some(what) = breach(folder, &file.path, &ident) {
                findings.push(Finding::new(format!("{}:{}", file.path, ident.line), what));
            }
        }
    }
    Ok(findings)
}

/// `domain/concern.rs` of `services/escalation/src/domain/concern.rs`; nothing for kit and the
/// binary, which have no such folders.
fn folder_of_a_service(path: &str) -> Option<&str> {
    let (service, inside) = path.strip_prefix("services/")?.split_once("/src/")?;
    let is_a_service = !service.contains('/') && service != "visits";
    is_a_service.then_some(inside)
}

fn breach(inside: &str, path: &str, ident: &Ident) -> Option<String> {
    let name = ident.name.as_str();
    let in_folder = |folder: &str| {
        inside.starts_with(&format!("{folder}/")) || inside == format!("{folder}.rs")
    };
    if in_folder("domain") && IMPURE.contains(&name) {
        return Some(format!("domain/ is pure and knows nothing of {name}"));
    }
    if (in_folder("app") || in_folder("store")) && is_a_client(name) {
        return Some(format!(
            "{name}: app/ and store/ call no other service; fetch first and pass the answer in"
        ));
    }
    if name == "unit_of_work" && inside != "app/step.rs" {
        return Some("only app/step.rs commits; go through execute".to_owned());
    }
    if in_folder("grpc") && name == "DatabaseTransaction" {
        return Some(format!("{path} converts; it opens no transaction"));
    }
    None
}

fn is_a_client(name: &str) -> bool {
    name.ends_with("ServiceClient")
        || name.ends_with("_service_client")
        || matches!(name, "Channel" | "AuthenticatedChannel" | "Peers")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> usize {
        check(&[File::sample(path, text)]).expect("Rust").len()
    }

    #[test]
    fn an_impure_domain_is_found() {
        let path = "services/escalation/src/domain/concern.rs";
        assert_eq!(found(path, "use visits_proto::escalation::v1::Case;"), 1);
        assert_eq!(found(path, "async fn a() { tokio::spawn(async {}); }"), 1);
        assert_eq!(found(path, "use visits_core::Fault; /* tonic */"), 0);
    }

    #[test]
    fn a_client_in_app_or_store_is_found() {
        let text =
            "use visits_proto::scheduling::v1::scheduling_service_client::SchedulingServiceClient;";
        assert_eq!(found("services/letters/src/app/step.rs", text), 2);
        assert_eq!(found("services/letters/src/store/letter.rs", text), 2);
        assert_eq!(found("services/letters/src/peers/scheduling.rs", text), 0);
    }

    #[test]
    fn a_second_place_that_commits_is_found() {
        let text = "async fn a(d: Durable) { d.unit_of_work(c, w).await }";
        assert_eq!(found("services/letters/src/grpc/service.rs", text), 1);
        assert_eq!(found("services/letters/src/app/step.rs", text), 0);
    }
}
