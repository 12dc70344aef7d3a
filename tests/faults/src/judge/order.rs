//! What a case says about its deadline, in the order in which it says it (I5).

use uuid::Uuid;
use visits_durable::Durable;

use super::Judge;
use super::rows::{column, rows};

const SAID: &str = "SELECT aggregate_id, event_type FROM outbox \
    WHERE aggregate = 'escalation.case' ORDER BY aggregate_id, aggregate_sequence";

impl Judge {
    /// No warning of a deadline after its breach, and neither after the inspection is done.
    pub(super) async fn words_of_deadlines(&mut self, durable: &Durable) -> anyhow::Result<()> {
        let mut of = Uuid::nil();
        let mut last_word: Option<String> = None;
        for row in rows(durable.reads(), SAID).await? {
            let case: Uuid = column(&row, "aggregate_id")?;
            let event: String = column(&row, "event_type")?;
            let event = event.rsplit('.').next().unwrap_or_default();
            if case != of {
                (of, last_word) = (case, None);
            }
            if let Some(before) = last_word.as_deref().filter(|before| is_late(event, before)) {
                self.problem(format!("case {case}: {event} after {before}"));
            }
            match event {
                "NfdDeadlineWarning" => self.findings.warnings_given += 1,
                "NfdDeadlineBreached" | "NfdCompleted" => last_word = Some(event.to_owned()),
                _ => {}
            }
        }
        Ok(())
    }
}

/// Whether that is too late after this.
fn is_late(event: &str, before: &str) -> bool {
    match event {
        "NfdDeadlineWarning" => true,
        "NfdDeadlineBreached" => before == "NfdCompleted" || before == event,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_is_warned_of_before_it_is_breached_and_nothing_is_said_of_it_when_all_is_done() {
        assert!(is_late("NfdDeadlineWarning", "NfdDeadlineBreached"));
        assert!(is_late("NfdDeadlineWarning", "NfdCompleted"));
        assert!(is_late("NfdDeadlineBreached", "NfdCompleted"));
        assert!(
            is_late("NfdDeadlineBreached", "NfdDeadlineBreached"),
            "once"
        );
        assert!(
            !is_late("NfdCompleted", "NfdDeadlineBreached"),
            "late, but done"
        );
    }
}
