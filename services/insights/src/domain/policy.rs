//! The business numbers of insights, handed to the arithmetic as a value.

use serde::{Deserialize, Serialize};

/// Above which conversion rate somebody should look (M34).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversionPolicy {
    /// The limit in hundredths of a percent: 200 is 2 %.
    pub limit_basis_points: u32,
    /// From how many visits begun the limit is watched: a rate over few visits says nothing.
    pub limit_from_visits: u64,
}

impl Default for ConversionPolicy {
    fn default() -> Self {
        Self {
            limit_basis_points: 200,
            limit_from_visits: 50,
        }
    }
}
