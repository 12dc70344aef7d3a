//! What schools are written.

use visits_core::london;

use crate::domain::letter::{Letter, Round};

/// A message to a school.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The same for the same message, however often it is sent.
    pub id: String,
    /// The mailbox that it goes to.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// The words.
    pub body: String,
}

impl Message {
    /// The invitation to check a draft for factual accuracy (M36).
    #[must_use]
    pub fn invitation(letter: &Letter, round: &Round, to: &str, address: &str) -> Self {
        let school = &letter.about.school_name;
        Self {
            id: format!("{}-{}-invitation", letter.id, round.number),
            to: to.to_owned(),
            subject: format!("Please check a letter about {school} for factual accuracy"),
            body: format!(
                "We have drafted a letter about {school}. It will be published for parents.\n\n\
                 Please check it for factual accuracy by {}:\n\n{address}\n\n\
                 The link works once: for one reply. Please do not pass it on.\n",
                london::spoken(round.reply_due)
            ),
        }
    }

    /// The reminder on the working day before the reply is due.
    #[must_use]
    pub fn reminder(letter: &Letter, round: &Round, to: &str, address: &str) -> Self {
        let school = &letter.about.school_name;
        Self {
            id: format!("{}-{}-reminder", letter.id, round.number),
            to: to.to_owned(),
            subject: format!("Reminder: a letter about {school} waits for your check"),
            body: format!(
                "We have not had your reply about the letter yet. Please check it by {}:\n\n\
                 {address}\n\nWithout a reply the letter may be published as it is.\n",
                london::spoken(round.reply_due)
            ),
        }
    }
}
