//! What of the form has been asked (M21), and what of the answers insight may see (M30, M38).

use super::answer::Answer;
use super::form::{Question, VisitForm};
use super::record::{Record, Stage};

impl Record {
    /// Splits the form's questions into asked and unasked, each in the order of the form. A marked
    /// answer asks nothing: it is not part of the visit (M30).
    #[must_use]
    pub fn coverage<'f>(&self, form: &'f VisitForm) -> Coverage<'f> {
        let (asked, unasked) = form.questions.iter().partition(|question| {
            self.answers
                .iter()
                .any(|a| a.question_code == question.code && a.statement.mark.is_none())
        });
        Coverage { asked, unasked }
    }

    /// The answers that insight may see: none of a visit that is not complete, and no marked one.
    pub fn answers_for_insight(&self) -> impl Iterator<Item = &Answer> {
        let usable = self.stage == Stage::Complete;
        self.answers
            .iter()
            .filter(move |answer| usable && answer.statement.mark.is_none())
    }
}

/// Which of the form's questions have been asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage<'f> {
    /// Asked at least once, in the order of the form.
    pub asked: Vec<&'f Question>,
    /// Not asked yet, in the order of the form.
    pub unasked: Vec<&'f Question>,
}
