//! Checkpoints as an auditor has them: from files, from a log, from somebody's hand; and an audit
//! held against them (R18).

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use visits_core::Timestamp;
use visits_core::audited::ChainPoint;
use visits_runtime::auth::CheckpointKey;

use crate::failure::Failure;

const ARGUMENT: &str = "--checkpoints";
/// How each begins: it is the sign of `{"` in base64, and of nothing else that a log has.
const SIGN: &str = "eyJ";

/// A place and a hash that were signed, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Signed {
    pub(super) point: ChainPoint,
    pub(super) at: Timestamp,
}

/// The checkpoints of each service, by place. Of one place there may be several, as replicas make
/// them; they should say the same.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Held(BTreeMap<String, Vec<Signed>>);

impl Held {
    /// All in these files, and in the files of these folders; `-` is what is typed or piped in.
    /// Each may be a file of them, or a log that has them among other things.
    pub(super) fn read(paths: &[PathBuf], key: &CheckpointKey) -> Result<Self, Failure> {
        let mut texts = Vec::new();
        for path in paths {
            texts_of(path, &mut texts)?;
        }
        let (mut held, mut strange) = (Self::default(), 0);
        for text in texts.iter().flat_map(|text| candidates(text)) {
            let Some(read) = key.read(text) else {
                strange += 1;
                continue;
            };
            let signed = Signed {
                point: read.point,
                at: read.at,
            };
            held.0.entry(read.service).or_default().push(signed);
        }
        if strange > 0 {
            let what = format!(
                "have {strange} that this key has not signed, or that were changed or cut off: \
                 take them out, or give the right --public-key"
            );
            return Err(Failure::invalid(ARGUMENT, what));
        }
        if held.0.is_empty() {
            return Err(Failure::invalid(ARGUMENT, "have no checkpoint"));
        }
        for signed in held.0.values_mut() {
            signed.sort_by_key(|one| (one.point.place, one.at));
            signed.dedup_by(|later, one| later.point == one.point);
        }
        Ok(held)
    }

    /// Those of one service, by place.
    pub(super) fn of(&self, service: &str) -> &[Signed] {
        self.0.get(service).map_or(&[], Vec::as_slice)
    }
}

fn texts_of(path: &Path, texts: &mut Vec<String>) -> Result<(), Failure> {
    let unreadable =
        |error: std::io::Error| Failure::invalid(ARGUMENT, format!("{}: {error}", path.display()));
    if path == Path::new("-") {
        let mut text = String::new();
        let read = std::io::stdin().read_to_string(&mut text);
        read.map_err(unreadable)?;
        texts.push(text);
        return Ok(());
    }
    if !path.is_dir() {
        texts.push(std::fs::read_to_string(path).map_err(unreadable)?);
        return Ok(());
    }
    for entry in std::fs::read_dir(path).map_err(unreadable)? {
        let file = entry.map_err(unreadable)?.path();
        if file.is_file() {
            texts.push(std::fs::read_to_string(&file).map_err(unreadable)?);
        }
    }
    Ok(())
}

/// What may be a checkpoint: three parts of base64 between dots.
fn candidates(text: &str) -> impl Iterator<Item = &str> {
    let is_sign = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let words = text.split(move |c: char| !is_sign(c));
    words.filter(|word| word.starts_with(SIGN) && word.matches('.').count() == 2)
}

#[cfg(test)]
mod tests {
    use visits_runtime::auth::{Checkpoint, Issuer};

    use super::*;

    fn line(service: &str, place: i64, seed: u8) -> String {
        let checkpoint = Checkpoint {
            service: service.to_owned(),
            point: ChainPoint {
                place,
                hash: format!("{place:064}"),
            },
            at: "2020-10-23T13:30:00Z".parse().expect("instant"),
        };
        let issuer = Issuer::from_seed(&[seed; 32]).expect("an issuer");
        checkpoint.sign(&issuer).expect("signed")
    }

    fn key() -> CheckpointKey {
        CheckpointKey::of(&Issuer::from_seed(&[1; 32]).expect("an issuer"))
    }

    fn written(text: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join("audit.log");
        std::fs::write(&file, text).expect("written");
        (folder, file)
    }

    fn said(failure: &Failure) -> String {
        let mut words = Vec::new();
        failure.print(crate::output::Format::Table, &mut words);
        String::from_utf8(words).expect("text")
    }

    #[test]
    fn r18_checkpoints_are_found_in_files_folders_and_logs_once_each() {
        let log = format!(
            "{{\"message\":\"checkpoint of the audit\",\"checkpoint\":\"{}\"}}\n{}\n{}\n",
            line("letters", 9, 1),
            line("letters", 4, 1),
            line("letters", 9, 1),
        );
        let (folder, file) = written(&log);
        for path in [folder.path().to_owned(), file] {
            let held = Held::read(&[path], &key()).expect("read");
            let places: Vec<_> = held
                .of("letters")
                .iter()
                .map(|one| one.point.place)
                .collect();
            assert_eq!(places, [4, 9]);
            assert_eq!(held.of("escalation"), []);
        }
    }

    #[test]
    fn r18_what_another_key_has_signed_is_not_passed_over() {
        let text = [line("letters", 4, 1), line("letters", 9, 2)].join("\n");
        let (_folder, file) = written(&text);
        let refused = Held::read(&[file], &key()).expect_err("one is strange");
        assert!(
            said(&refused).contains("have 1 that this key"),
            "{refused:?}"
        );
        let (_folder, file) = written("nothing of that kind\n");
        let refused = Held::read(&[file], &key()).expect_err("there is none");
        assert!(said(&refused).contains("no checkpoint"), "{refused:?}");
    }
}
