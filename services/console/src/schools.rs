//! Names of schools, where a service says a URN only. The register is public and everybody may read
//! it, so what one page has asked another need not ask again.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use visits_core::{SignedDuration, Timestamp};
use visits_proto::scheduling::v1::GetSchoolRequest;

use crate::client::Scheduling;
use crate::session::Session;
use crate::state::App;
use crate::words::code;

/// How long a name is believed: an import may change it.
const BELIEVED: SignedDuration = SignedDuration::from_mins(30);
/// How many are kept; with one more all are asked anew.
const MOST: usize = 30_000;

/// The names known.
#[derive(Debug, Default)]
pub(crate) struct Schools(Mutex<HashMap<String, (Timestamp, String)>>);

impl Schools {
    fn known(&self, name: &str, now: Timestamp) -> Option<String> {
        let known = self.lock();
        let (since, display_name) = known.get(name)?;
        (now < *since + BELIEVED).then(|| display_name.clone())
    }

    fn keep(&self, name: &str, display_name: &str, now: Timestamp) {
        let mut known = self.lock();
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(name.to_owned(), (now, display_name.to_owned()));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, (Timestamp, String)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl App {
    /// Scheduling, with the rights of the session's user, for a call that somebody waits for.
    pub(crate) fn scheduling(&self, session: &Session) -> Scheduling {
        Scheduling::new(self.reach("scheduling", session))
    }

    /// The display name of `schools/123166`; its number if the register can't be asked.
    pub(crate) async fn school(&self, session: &Session, name: &str) -> String {
        let now = self.now();
        if let Some(known) = self.schools.known(name, now) {
            return known;
        }
        let request = GetSchoolRequest {
            name: name.to_owned(),
        };
        match self.scheduling(session).get_school(request).await {
            Ok(school) => {
                let display_name = school.into_inner().display_name;
                self.schools.keep(name, &display_name, now);
                display_name
            }
            Err(_) => format!("School {}", code(name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_believed_for_half_an_hour() {
        let schools = Schools::default();
        let now: Timestamp = "2020-10-23T09:00:00Z".parse().expect("instant");
        schools.keep("schools/1", "Appleby", now);
        assert_eq!(schools.known("schools/1", now).as_deref(), Some("Appleby"));
        assert_eq!(schools.known("schools/1", now + BELIEVED), None);
        assert_eq!(schools.known("schools/2", now), None);
    }
}
