//! Whether services in processes of their own have come to rest, by their databases.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbBackend, QueryResult, Statement};
use visits_bus::topology::GROUPS;
use visits_core::Timestamp;

/// Until when what waits counts as left to do.
#[derive(Clone, Copy, Debug)]
pub struct Until {
    /// The next try of an event that has come.
    pub event: Timestamp,
    /// The next try of a timer or an effect.
    pub job: Timestamp,
}

/// What the services with these databases have left to do.
///
/// What one said, another must have heard: an event is in no database while the broker has it, or a
/// consumer that waits for a database that says nothing. So each service's inbox is compared with
/// what was said to it. Each database is read in one statement, as it was at one moment, so that what
/// arrives between two looks is seen either as something to handle or as not yet heard; then the
/// services may be read one after the other: an event that is said meanwhile is one too many in an
/// outbox, or not yet sent.
///
/// # Errors
/// If a database doesn't answer.
pub async fn left(
    databases: &[(&str, &impl ConnectionTrait)],
    until: Until,
) -> anyhow::Result<Vec<String>> {
    let (mut left, mut said, mut heard) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
    for (service, database) in databases {
        for (kind, what, count) in counts(*database, until).await? {
            match kind.as_str() {
                "said" => drop(said.insert(what, count)),
                "heard" => drop(heard.insert((*service, what), count)),
                _ if count > 0 => left.push(format!("{service}: {count} {what}")),
                _ => {}
            }
        }
    }
    left.extend(under_way(&said, &heard));
    Ok(left)
}

/// What was said about each kind of aggregate and has not come to each service that hears it.
fn under_way(said: &BTreeMap<String, i64>, heard: &BTreeMap<(&str, String), i64>) -> Vec<String> {
    let mut left = Vec::new();
    for group in GROUPS {
        for aggregate in group.aggregates {
            let told = said.get(*aggregate).copied().unwrap_or(0);
            let key = (group.name, (*aggregate).to_owned());
            let got = heard.get(&key).copied().unwrap_or(0);
            if got != told {
                left.push(format!("{}: {got} of {told} {aggregate}", group.name));
            }
        }
    }
    left
}

/// What a service has said and heard of each kind of aggregate, and what must be nothing at rest.
async fn counts(
    database: &impl ConnectionTrait,
    until: Until,
) -> anyhow::Result<Vec<(String, String, i64)>> {
    let (event, job) = (until.event.as_microsecond(), until.job.as_microsecond());
    let ask = format!(
        "SELECT 'left' AS kind, 'events without a place or unsent' AS what, COUNT(*) AS count \
         FROM outbox WHERE position IS NULL OR published_at IS NULL \
         UNION ALL SELECT 'left', 'events to handle', COUNT(*) FROM inbox \
         WHERE state = 'pending' AND next_attempt_at <= {event} \
         UNION ALL SELECT 'left', 'jobs to run', COUNT(*) FROM jobs \
         WHERE state = 'claimed' OR state = 'armed' AND next_attempt_at <= {job} \
         UNION ALL SELECT 'left', 'audit rows without a place', COUNT(*) FROM audit \
         WHERE position IS NULL \
         UNION ALL SELECT 'said', aggregate, COUNT(*) FROM outbox GROUP BY aggregate \
         UNION ALL SELECT 'heard', aggregate, COUNT(*) FROM inbox GROUP BY aggregate"
    );
    let asked = Statement::from_string(DbBackend::Postgres, ask);
    let row = |row: &QueryResult| {
        Ok((
            row.try_get("", "kind")?,
            row.try_get("", "what")?,
            row.try_get("", "count")?,
        ))
    };
    let rows = database.query_all_raw(asked).await?;
    rows.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_hears_is_waited_for_while_an_event_is_with_the_broker() {
        let (record, case) = ("recording.record".to_owned(), "escalation.case".to_owned());
        let said = BTreeMap::from([(record.clone(), 3), (case.clone(), 4)]);
        let groups = GROUPS.iter().flat_map(|group| {
            let hears = |kind: &String| group.aggregates.contains(&kind.as_str());
            let heard = said.iter().filter(move |(kind, _)| hears(kind));
            heard.map(|(kind, count)| ((group.name, kind.clone()), *count))
        });
        let mut heard: BTreeMap<_, _> = groups.collect();
        assert_eq!(under_way(&said, &heard), Vec::<String>::new());
        heard.insert(("insights", case), 2);
        heard.remove(&("scheduling", record));
        assert_eq!(
            under_way(&said, &heard),
            [
                "scheduling: 0 of 3 recording.record",
                "insights: 2 of 4 escalation.case"
            ]
        );
    }
}
