//! Which room may use which: the table of docs/architecture.md, held against the manifests.
//!
//! Normal dependencies count for every room; for the services the dependencies of their tests
//! count too, since a test that links another service would tie the two together as well.

use std::collections::BTreeSet;

use crate::Finding;

/// A package of the workspace with its direct dependencies.
#[derive(Clone, Debug, Default)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// What its code uses.
    pub uses: BTreeSet<String>,
    /// What only its tests use.
    pub tests_use: BTreeSet<String>,
}

/// A room: which of our own crates it may use, and what of others' it must never use.
struct Room {
    name: &'static str,
    ours: &'static [&'static str],
    never: &'static [&'static str],
}

const KIT: &[&str] = &[
    "visits-proto",
    "visits-core",
    "visits-bus",
    "visits-durable",
    "visits-trace",
    "visits-client",
    "visits-runtime",
];
const SERVICES: &[&str] = &[
    "visits-scheduling",
    "visits-recording",
    "visits-escalation",
    "visits-letters",
    "visits-insights",
];
/// A service reaches the broker through kit/bus only, and serves pages only where it publishes.
const NO_PAGES: &[&str] = &["lapin", "sqlx", "axum", "askama"];
const PAGES: &[&str] = &["lapin", "sqlx"];

const ROOMS: &[Room] = &[
    Room {
        name: "visits-proto",
        ours: &[],
        never: &["tokio", "sea-orm", "lapin", "axum"],
    },
    Room {
        name: "visits-core",
        ours: &[],
        never: &[
            "tokio",
            "sea-orm",
            "sea-orm-migration",
            "tonic",
            "lapin",
            "prost",
            "axum",
        ],
    },
    Room {
        name: "visits-bus",
        ours: &["visits-core", "visits-proto"],
        never: &["sea-orm", "sea-orm-migration", "tonic"],
    },
    Room {
        name: "visits-durable",
        ours: &["visits-core", "visits-bus", "visits-trace"],
        never: &["tonic", "lapin", "axum"],
    },
    Room {
        name: "visits-trace",
        ours: &[],
        never: &["tokio", "tonic", "sea-orm", "lapin", "axum"],
    },
    Room {
        name: "visits-client",
        ours: &["visits-core", "visits-proto", "visits-trace"],
        never: &["sea-orm", "sea-orm-migration", "lapin", "axum"],
    },
    Room {
        name: "visits-runtime",
        ours: &[
            "visits-core",
            "visits-proto",
            "visits-trace",
            "visits-client",
        ],
        never: &["sea-orm", "sea-orm-migration", "lapin"],
    },
    Room {
        name: "visits-scheduling",
        ours: KIT,
        never: NO_PAGES,
    },
    Room {
        name: "visits-recording",
        ours: KIT,
        never: NO_PAGES,
    },
    Room {
        name: "visits-escalation",
        ours: KIT,
        never: NO_PAGES,
    },
    // Components are text in, text out.
    Room {
        name: "visits-components",
        ours: &[],
        never: &[
            "tokio", "axum", "tonic", "sea-orm", "lapin", "tracing", "serde",
        ],
    },
    Room {
        name: "visits-letters",
        ours: KIT,
        never: PAGES,
    },
    Room {
        name: "visits-insights",
        ours: KIT,
        never: PAGES,
    },
    Room {
        name: "visits-console",
        ours: &[
            "visits-core",
            "visits-proto",
            "visits-runtime",
            "visits-components",
        ],
        // Its database holds web sessions; of all else it hears by calls.
        never: &["sqlx", "lapin"],
    },
];

/// Rooms that may use every other: the binary, which holds no rule of its own, and the tests.
const OPEN: &[&str] = &[
    "visits",
    "visits-testkit",
    "visits-journeys",
    "visits-faults",
    "visits-load",
    "visits-tidy",
];

/// What the packages of the workspace use that they may not.
#[must_use]
pub fn check(packages: &[Package]) -> Vec<Finding> {
    packages.iter().flat_map(check_one).collect()
}

fn check_one(package: &Package) -> Vec<Finding> {
    let place = format!("package {}", package.name);
    let Some(room) = ROOMS.iter().find(|room| room.name == package.name) else {
        return if OPEN.contains(&package.name.as_str()) {
            tests_stay_out(package, &place)
        } else {
            vec![Finding::new(place, "has no row in the table of rooms")]
        };
    };
    let mut findings = Vec::new();
    for used in &package.uses {
        let is_ours = used == "visits" || used.starts_with("visits-");
        if is_ours && !room.ours.contains(&used.as_str()) {
            findings.push(Finding::new(&place, format!("may not use {used}")));
        }
        if room.never.contains(&used.as_str()) {
            findings.push(Finding::new(&place, format!("may never use {used}")));
        }
    }
    if SERVICES.contains(&room.name) {
        for used in &package.tests_use {
            if used == "visits" || SERVICES.contains(&used.as_str()) {
                let what = format!("its tests may not use another service's crate, {used}");
                findings.push(Finding::new(&place, what));
            }
        }
    }
    findings
}

/// The binary ships, so that it may not bring the tests' crates along.
fn tests_stay_out(package: &Package, place: &str) -> Vec<Finding> {
    const TEST_CRATES: &[&str] = &["visits-testkit", "visits-journeys", "visits-tidy"];
    if package.name != "visits" {
        return Vec::new();
    }
    package
        .uses
        .iter()
        .filter(|used| TEST_CRATES.contains(&used.as_str()))
        .map(|used| Finding::new(place, format!("may not ship {used}")))
        .collect()
}

/// The packages of the workspace, from `cargo metadata`.
#[must_use]
pub fn packages(metadata: &cargo_metadata::Metadata) -> Vec<Package> {
    use cargo_metadata::DependencyKind::{Development, Normal};
    let of_kind = |package: &cargo_metadata::Package, kind| {
        let of_kind = package.dependencies.iter().filter(|d| d.kind == kind);
        of_kind.map(|d| d.name.to_string()).collect()
    };
    metadata
        .workspace_packages()
        .into_iter()
        .map(|package| Package {
            name: package.name.to_string(),
            uses: of_kind(package, Normal),
            tests_use: of_kind(package, Development),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, uses: &[&str], tests_use: &[&str]) -> Package {
        let set = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        Package {
            name: name.to_owned(),
            uses: set(uses),
            tests_use: set(tests_use),
        }
    }

    #[test]
    fn a_service_that_uses_another_service_is_found() {
        let bad = package("visits-letters", &["visits-core", "visits-recording"], &[]);
        assert_eq!(check(&[bad])[0].what, "may not use visits-recording");
        let bad = package("visits-letters", &[], &["visits-recording"]);
        assert_eq!(check(&[bad]).len(), 1);
    }

    #[test]
    fn a_core_that_uses_tokio_and_a_contract_that_uses_ours_are_found() {
        let core = package("visits-core", &["tokio", "serde"], &[]);
        let proto = package("visits-proto", &["visits-core"], &[]);
        assert_eq!(check(&[core, proto]).len(), 2);
    }

    #[test]
    fn a_package_without_a_row_is_found() {
        assert_eq!(check(&[package("visits-extra", &[], &[])]).len(), 1);
    }

    #[test]
    fn the_binary_does_not_ship_the_tests_crates() {
        let bad = package("visits", &["visits-letters", "visits-testkit"], &[]);
        assert_eq!(check(&[bad]).len(), 1);
    }

    #[test]
    fn a_service_of_proto_and_kit_passes() {
        let good = package(
            "visits-letters",
            &["visits-durable", "axum"],
            &["visits-testkit"],
        );
        assert!(check(&[good]).is_empty());
    }
}
