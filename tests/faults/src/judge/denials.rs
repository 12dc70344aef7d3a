//! Those who asked for what is not theirs got nothing, and the audit knows of each time (I9, I13).

use visits_durable::Durable;

use super::Judge;
use super::rows::{column, rows};
use crate::intruders::{INTRUSION, is_denial};

impl Judge {
    /// Every intrusion of `principal` was answered, by a denial, which the service's audit has: once at
    /// least, for what was asked again was denied again.
    pub(super) async fn denials(
        &mut self,
        durable: &Durable,
        principal: &str,
    ) -> anyhow::Result<()> {
        let lines = self.evidence.ledger.iter();
        let asked: Vec<_> = lines
            .filter(|line| line.kind == INTRUSION && line.client == principal)
            .cloned()
            .collect();
        for line in &asked {
            if line.granted || !is_denial(&line.answer) {
                let (mark, answer) = (&line.mark, &line.answer);
                self.problem(format!(
                    "{principal} asked for {mark} and was answered {answer}"
                ));
            }
        }
        let ask = format!(
            "SELECT COUNT(*) AS denials FROM audit WHERE actor = '{principal}' AND outcome = 'refused'"
        );
        let mut denials: i64 = 0;
        for row in rows(durable.reads(), &ask).await? {
            denials = column(&row, "denials")?;
        }
        if usize::try_from(denials)? < asked.len() {
            let asked = asked.len();
            self.problem(format!(
                "{principal}: denied {asked} times, {denials} in the audit"
            ));
        }
        self.findings.denied += asked.len();
        Ok(())
    }
}
