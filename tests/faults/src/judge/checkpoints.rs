//! Each checkpoint that any process signed, held against the audit as it is at the end (I10, R18).

use std::fs;

use visits_runtime::auth::CheckpointKey;

use super::Judge;

impl Judge {
    /// What was signed is there for ever, whoever died before, meanwhile and afterwards. A line that
    /// a kill cut off says nothing; there must be others.
    pub(super) async fn checkpoints(&mut self) -> anyhow::Result<()> {
        let key = CheckpointKey::of(self.host.issuer());
        for durable in self.host.durables().to_vec() {
            let service = durable.service();
            let file = self.data.join("checkpoints").join(format!("{service}.jws"));
            let text = fs::read_to_string(file).unwrap_or_default();
            let mut held = 0;
            for signed in text.lines().filter_map(|line| key.read(line)) {
                if signed.service == service && durable.audit_holds(&signed.point).await? {
                    held += 1;
                } else {
                    self.problem(format!("the audit of {service} lacks {signed:?}"));
                }
            }
            self.findings.checkpoints_held += held;
        }
        if self.findings.checkpoints_held == 0 {
            self.problem("no checkpoint was made".to_owned());
        }
        Ok(())
    }
}
