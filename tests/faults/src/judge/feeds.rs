//! What the services have said, by the feeds that they keep: each timer once, each event once and
//! in order, and the watch as the feed has it.

use std::collections::BTreeMap;

use visits_core::SignedDuration;
use visits_durable::Durable;
use visits_proto::escalation::v1 as escalation;
use visits_proto::instant;
use visits_proto::scheduling::v1 as scheduling;

use super::Judge;

impl Judge {
    /// Each call that fell due was said to be due once, and once that nobody was reached.
    pub(super) async fn call_timers(
        &mut self,
        visits: &[&scheduling::Visit],
    ) -> anyhow::Result<()> {
        let feed = self.feed("scheduling", "scheduling.visit").await?;
        for visit in visits {
            let Some(call) = &visit.call else { continue };
            let Some(due) = instant(call.due_time.as_ref()) else {
                continue;
            };
            let closes = due + SignedDuration::from_hours(6);
            let expected = [
                ("CallDue", usize::from(due <= self.evidence.now)),
                ("CallNotReached", usize::from(closes <= self.evidence.now)),
            ];
            for (event, times) in expected {
                let said = feed
                    .iter()
                    .filter(|(_, subject, name, _)| subject == &visit.name && name == event)
                    .count();
                if said == times {
                    self.findings.timers_fired += times;
                } else {
                    self.problem(format!(
                        "{} said {event} {said} times, not {times}",
                        visit.name
                    ));
                }
            }
        }
        Ok(())
    }

    /// What a service has said about an aggregate: identifier, subject, name, position. Finds gaps
    /// in each aggregate's own sequence.
    async fn feed(
        &mut self,
        service: &str,
        aggregate: &str,
    ) -> anyhow::Result<Vec<(String, String, String, i64)>> {
        let durables = self.host.durables().to_vec();
        let durable: Option<&Durable> = durables.iter().find(|one| one.service() == service);
        let Some(durable) = durable else {
            anyhow::bail!("{service} is not here");
        };
        let mut said = Vec::new();
        let mut last: BTreeMap<String, i64> = BTreeMap::new();
        let mut position = 0;
        loop {
            let page = durable.feed().after(position, aggregate).await?;
            let Some(end) = page.last() else { break };
            position = end.position;
            for event in page {
                let before = last.entry(event.aggregate_id.to_string()).or_default();
                if event.aggregate_sequence != *before + 1 {
                    let words = format!("{}: gap or repeat in its own sequence", event.subject);
                    self.findings.problems.push(words);
                }
                *before = event.aggregate_sequence;
                let name = visits::demo::words::event_name(&event.event_type);
                said.push((event.id.to_string(), event.subject, name, event.position));
            }
        }
        Ok(said)
    }

    /// Four warnings and one breach for each 48 hours that have run out.
    pub(super) async fn deadlines(&mut self, cases: &[escalation::Case]) -> anyhow::Result<()> {
        let feed = self.feed("escalation", "escalation.case").await?;
        for case in cases {
            let window = case.window.as_ref();
            let deadline = window.and_then(|window| instant(window.deadline_time.as_ref()));
            let passed = deadline.is_some_and(|deadline| deadline <= self.evidence.now);
            let said = |event: &str| {
                feed.iter()
                    .filter(|(_, subject, name, _)| subject == &case.name && name == event)
                    .count()
            };
            let (breaches, reminders) = (said("NfdDeadlineBreached"), said("DecisionReminder"));
            if breaches != usize::from(passed) {
                self.problem(format!("{}: {breaches} breaches", case.name));
            }
            self.findings.timers_fired += breaches;
            if reminders > 1 {
                self.problem(format!("{}: reminded {reminders} times", case.name));
            }
            let given = window.map_or(0, |window| {
                let warnings = window.warnings.iter();
                warnings
                    .filter(|warning| warning.given_time.is_some())
                    .count()
            });
            if passed && given != 4 {
                self.problem(format!("{}: {given} warnings", case.name));
            }
        }
        Ok(())
    }

    /// The watch saw what the feed has, in the feed's order, from its first event to its last.
    pub(super) async fn stream(&mut self) -> anyhow::Result<()> {
        let feed = self.feed("escalation", "escalation.case").await?;
        let seen = self.evidence.seen.events.clone();
        let (Some(first), Some(last)) = (seen.first(), seen.last()) else {
            self.problem("the watch saw nothing".to_owned());
            return Ok(());
        };
        let expected: Vec<(i64, String)> = feed
            .iter()
            .filter(|(_, _, _, position)| (first.0..=last.0).contains(position))
            .map(|(id, _, _, position)| (*position, id.clone()))
            .collect();
        let watched: Vec<(i64, String)> = seen
            .iter()
            .map(|(position, id, _)| (*position, id.clone()))
            .collect();
        if watched == expected {
            self.findings.events_watched = watched.len();
        } else {
            let missing = expected.iter().filter(|one| !watched.contains(one)).count();
            let (watched, expected) = (watched.len(), expected.len());
            self.problem(format!(
                "the watch saw {watched} events of {expected}, {missing} of them not at all"
            ));
        }
        let raised = seen
            .iter()
            .filter(|(_, _, concern)| concern.is_some())
            .count();
        let granted = self.granted("concern").len();
        if raised != granted {
            self.problem(format!("{granted} concerns and {raised} on the watch"));
        }
        Ok(())
    }
}
