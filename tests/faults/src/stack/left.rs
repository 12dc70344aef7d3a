//! What is still to be done, by the databases alone: what a broker has in hand is what was said about a
//! kind of aggregate and is not in the inbox of each who hears it. A consumer may have events in its
//! hands for as long as it waits for a database that says nothing.

use std::collections::BTreeMap;

use visits_bus::topology::{GROUPS, Group};
use visits_durable::sea_orm::{ConnectionTrait, Database, DbBackend, QueryResult, Statement};

/// What is left in these databases, each of a service, at an instant in microseconds; nothing once
/// everything has come to rest.
pub(super) async fn left(databases: &[(&str, &str)], now: i64) -> anyhow::Result<Vec<String>> {
    let ask = format!(
        "SELECT (SELECT COUNT(*) FROM outbox WHERE published_at IS NULL) AS unsent, \
         (SELECT COUNT(*) FROM inbox WHERE state = 'pending') AS unheard, \
         (SELECT COUNT(*) FROM jobs WHERE state = 'armed' AND next_attempt_at <= {now} \
         OR state = 'claimed') AS undone, (SELECT COUNT(*) FROM inbox) AS come"
    );
    let mut left = Vec::new();
    let mut said: BTreeMap<String, i64> = BTreeMap::new();
    let mut come: BTreeMap<&str, i64> = BTreeMap::new();
    for (service, url) in databases {
        let connection = Database::connect(*url).await?;
        let counted = "SELECT aggregate, COUNT(*) AS said FROM outbox GROUP BY aggregate";
        for row in rows(&connection, counted).await? {
            said.insert(row.try_get("", "aggregate")?, row.try_get("", "said")?);
        }
        for row in rows(&connection, &ask).await? {
            for what in ["unsent", "unheard", "undone"] {
                let count: i64 = row.try_get("", what)?;
                if count > 0 {
                    left.push(format!("{service}: {count} {what}"));
                }
            }
            come.insert(*service, row.try_get("", "come")?);
        }
        connection.close().await?;
    }
    left.extend(under_way(&said, &come));
    Ok(left)
}

/// What was said, by the kind of aggregate, and has not come to each service that hears it.
fn under_way(said: &BTreeMap<String, i64>, come: &BTreeMap<&str, i64>) -> Vec<String> {
    let due = |group: &Group| -> i64 {
        let of_each = group.aggregates.iter().filter_map(|kind| said.get(*kind));
        of_each.sum()
    };
    let missing = GROUPS.iter().filter_map(|group| {
        let missing = due(group) - come.get(group.name)?;
        (missing > 0).then(|| format!("{}: {missing} under way", group.name))
    });
    missing.collect()
}

async fn rows(connection: &impl ConnectionTrait, ask: &str) -> anyhow::Result<Vec<QueryResult>> {
    let asked = Statement::from_string(DbBackend::Postgres, ask);
    Ok(connection.query_all_raw(asked).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_hears_is_waited_for_while_an_event_is_with_the_broker() {
        let said = BTreeMap::from([
            ("recording.record".to_owned(), 3),
            ("escalation.case".to_owned(), 4),
            ("letters.letter".to_owned(), 5),
        ]);
        let mut come = BTreeMap::from([("scheduling", 7), ("insights", 2), ("recording", 9)]);
        assert_eq!(under_way(&said, &come), ["insights: 5 under way"]);
        come.insert("insights", 7);
        assert_eq!(under_way(&said, &come), Vec::<String>::new());
    }
}
