//! Reads: scoped to the reader, paged, refusals audited (M11).

use visits_core::{Actor, ErrorKind, Fault, Page, Role};
use visits_durable::store::Versioned;
use visits_runtime::{Resource, authorise};

use super::App;
use super::rights::{self, Needs, READ_AS_OFFICE, READ_AS_TEAM};
use crate::domain::letter::{About, Round};
use crate::domain::{Letter, LetterId, State};
use crate::link::hash_of;
use crate::store::search::{self, Reader, Wanted};
use crate::store::{barrier, ground, letter, link};

impl App {
    /// Whether the role alone shuts the door to drafting; audited if so.
    ///
    /// # Errors
    /// `Forbidden` for the wrong role.
    pub async fn may_ask_for_a_draft(&self, actor: &Actor, resource: &str) -> Result<(), Fault> {
        let outcome = rights::may_ask(actor, Needs::Writer);
        if let Err(fault) = &outcome {
            self.durable
                .audit_refusal(actor, "DraftLetter", resource, fault)
                .await?;
        }
        outcome
    }

    /// Whether a letter about this may be drafted now, by what has been heard so far.
    ///
    /// # Errors
    /// What went wrong.
    pub async fn may_draft(&self, about: &About) -> Result<bool, Fault> {
        let heard = ground::load(self.durable.reads(), about.visit).await?;
        Ok(heard.is_some_and(|heard| heard.value.may_draft(about.kind, about.case).is_ok()))
    }

    /// A letter with its draft and rounds: for its team, publishers and services.
    ///
    /// # Errors
    /// `NotFound` for a letter that isn't there or isn't the reader's to know.
    pub async fn letter(&self, actor: &Actor, id: LetterId) -> Result<Versioned<Letter>, Fault> {
        let outcome = self.readable(actor, id).await;
        if let Err(fault) = &outcome
            && matches!(fault.kind, ErrorKind::NotFound | ErrorKind::Forbidden)
        {
            let name = format!("letters/{id}");
            self.durable
                .audit_refusal(actor, READ_AS_TEAM.name, &name, fault)
                .await?;
        }
        outcome
    }

    async fn readable(&self, actor: &Actor, id: LetterId) -> Result<Versioned<Letter>, Fault> {
        let name = format!("letters/{id}");
        let office = actor.has_any(READ_AS_OFFICE.roles);
        let action = if office { READ_AS_OFFICE } else { READ_AS_TEAM };
        if !actor.has_any(action.roles) {
            return Err(Fault::forbidden(action.name));
        }
        let found = letter::load(self.durable.reads(), id)
            .await?
            .ok_or_else(|| Fault::not_found(&name))?;
        let about = &found.value.about;
        let barred = barrier::stands(self.durable.reads(), &actor.principal, &about.urn).await?;
        let assigned: &[String] = if self.team_reads(&found.value) {
            &about.inspectors
        } else {
            &[]
        };
        authorise(
            actor,
            &action,
            &Resource {
                name: &name,
                assigned,
                barred,
            },
        )?;
        Ok(found)
    }

    /// Whether the team may still read the way to this letter: until some working days after it was
    /// published.
    fn team_reads(&self, letter: &Letter) -> bool {
        letter.editions.first().is_none_or(|first| {
            self.setup
                .policy
                .team_access_ends(first.published_at)
                .is_ok_and(|ends| self.durable.now() < ends)
        })
    }

    /// A page of the letters with their drafts that the reader may read.
    ///
    /// # Errors
    /// `Forbidden` for a role that reads none.
    pub async fn letters(
        &self,
        actor: &Actor,
        wanted: &Wanted,
        page: &Page,
    ) -> Result<Vec<Versioned<Letter>>, Fault> {
        let principal = actor.principal.clone();
        let reader = if actor.has_any(READ_AS_OFFICE.roles) {
            Reader::Office(principal)
        } else if actor.has(Role::Hmi) {
            Reader::Inspector(principal, self.durable.now())
        } else {
            let fault = Fault::forbidden("letters.letters.list");
            self.durable
                .audit_refusal(actor, "letters.letters.list", "letters", &fault)
                .await?;
            return Err(fault);
        };
        search::drafts(self.durable.reads(), wanted, &reader, page).await
    }

    /// A published or withdrawn letter: for anybody (M3).
    ///
    /// # Errors
    /// `NotFound` if there is no such letter or it is not published.
    pub async fn published_letter(&self, id: LetterId) -> Result<Versioned<Letter>, Fault> {
        letter::load(self.durable.reads(), id)
            .await?
            .filter(|found| is_public(&found.value))
            .ok_or_else(|| Fault::not_found(format!("letters/{id}")))
    }

    /// A page of the published and withdrawn letters: for anybody (M3).
    ///
    /// # Errors
    /// What went wrong.
    pub async fn published_letters(
        &self,
        wanted: &Wanted,
        page: &Page,
    ) -> Result<Vec<Versioned<Letter>>, Fault> {
        search::published(self.durable.reads(), wanted, page).await
    }

    /// The letter at a public address.
    ///
    /// # Errors
    /// What went wrong.
    pub async fn at_address(&self, urn: &str, slug: &str) -> Result<Option<Letter>, Fault> {
        let found = search::at_address(self.durable.reads(), urn, slug).await?;
        Ok(found.map(|found| found.value))
    }

    /// The letter, its round and whom to write to, while that round waits for the school's reply.
    ///
    /// # Errors
    /// What went wrong.
    pub async fn awaited_reply(
        &self,
        id: LetterId,
        number: u32,
    ) -> Result<Option<(Letter, Round, String)>, Fault> {
        let found = letter::load(self.durable.loop_reads(), id).await?;
        Ok(found
            .map(|found| found.value)
            .filter(|letter| letter.state == State::WithSchool)
            .and_then(|letter| {
                let round = letter
                    .round()
                    .filter(|round| round.number == number)?
                    .clone();
                let to = round.recipient.clone()?;
                Some((letter, round, to))
            }))
    }

    /// The letter and the round of a school's link.
    ///
    /// # Errors
    /// What went wrong.
    pub async fn by_link(&self, token: &str) -> Result<Option<(Letter, Round)>, Fault> {
        let reads = self.durable.reads();
        let Some((id, number)) = link::find(reads, &hash_of(token)).await? else {
            return Ok(None);
        };
        let found = letter::load(reads, id).await?;
        Ok(found.and_then(|found| {
            let round = found
                .value
                .rounds
                .iter()
                .find(|r| r.number == number)
                .cloned();
            round.map(|round| (found.value, round))
        }))
    }
}

/// Whether anybody may read it.
fn is_public(letter: &Letter) -> bool {
    letter.state.is_public() || letter.state == State::Withdrawn
}
