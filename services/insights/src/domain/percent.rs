//! Whole percents of a row, in the manner of Ofsted's briefing of October 2020.
//!
//! *Adding to 100.* Each count's exact share is cut down to whole percents; the percents still
//! missing from 100 go, one each, to the counts whose cut-off part is largest (the method of
//! largest remainders); on a tie to the larger count, then to the earlier column.
//!
//! *"<1%".* A count above nought whose whole percent is 0 reads `<1%`. Its numeral stays 0, so
//! that the numerals of a row still add to 100: the sign says "not nothing", it adds no percent.
//! A share under one half of a percent may still be given a 1 by the largest remainders, and then
//! reads `1%`. A count of nought reads `0%`.
//!
//! *"N/A".* A row without schools has no shares at all.

use serde::{Deserialize, Serialize};

/// The whole percents of `counts`, adding to 100; nothing for a row without schools.
#[must_use]
pub fn whole_percents<const N: usize>(counts: [u64; N]) -> Option<[u8; N]> {
    let total: u128 = counts.iter().map(|count| u128::from(*count)).sum();
    if total == 0 {
        return None;
    }
    let exact = counts.map(|count| u128::from(count) * 100);
    let mut percents = exact.map(|share| u8::try_from(share / total).unwrap_or(100));
    let given: u32 = percents.iter().map(|percent| u32::from(*percent)).sum();
    let missing = usize::try_from(100_u32.saturating_sub(given)).unwrap_or(0);

    let mut by_claim: Vec<usize> = (0..N).collect();
    by_claim.sort_by_key(|&column| {
        let (remainder, count) = (exact[column] % total, counts[column]);
        (std::cmp::Reverse((remainder, count)), column)
    });
    for column in by_claim.into_iter().take(missing) {
        percents[column] += 1;
    }
    Some(percents)
}

/// A share as a table shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Share {
    /// The row has no schools.
    NotApplicable,
    /// More than nought, but less than the smallest whole percent that its row had to give.
    BelowOne,
    /// Whole percents.
    Whole(u8),
}

impl Share {
    /// The share of a `count` whose row was given `percent`.
    #[must_use]
    pub const fn of(count: u64, percent: Option<u8>) -> Self {
        match percent {
            None => Self::NotApplicable,
            Some(0) if count > 0 => Self::BelowOne,
            Some(percent) => Self::Whole(percent),
        }
    }

    /// What a page or a terminal shows.
    #[must_use]
    pub fn text(self) -> String {
        match self {
            Self::NotApplicable => "N/A".to_owned(),
            Self::BelowOne => "<1%".to_owned(),
            Self::Whole(percent) => format!("{percent}%"),
        }
    }

    /// What a CSV file holds: the numeral, or the symbol of the Department for Education's data
    /// standards: `z` for not applicable, `low` for a value that only rounds to nought.
    #[must_use]
    pub fn symbol(self) -> String {
        match self {
            Self::NotApplicable => "z".to_owned(),
            Self::BelowOne => "low".to_owned(),
            Self::Whole(percent) => percent.to_string(),
        }
    }

    /// The numeral that adds to 100 with the others of its row.
    #[must_use]
    pub const fn numeral(self) -> Option<u8> {
        match self {
            Self::NotApplicable => None,
            Self::BelowOne => Some(0),
            Self::Whole(percent) => Some(percent),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(counts: [u64; 5]) -> [String; 5] {
        let percents = whole_percents(counts);
        std::array::from_fn(|column| {
            Share::of(counts[column], percents.map(|row| row[column])).text()
        })
    }

    #[test]
    fn m2_the_percents_of_a_row_are_whole_and_add_to_100() {
        let table: [([u64; 5], [&str; 5]); 9] = [
            ([0, 0, 0, 0, 0], ["N/A", "N/A", "N/A", "N/A", "N/A"]),
            ([0, 7, 0, 0, 0], ["0%", "100%", "0%", "0%", "0%"]),
            // Thirds: the tie goes to the earlier column.
            ([1, 1, 1, 0, 0], ["34%", "33%", "33%", "0%", "0%"]),
            // Plain rounding would give 17+17+17+17+33 = 101.
            ([1, 1, 1, 1, 2], ["17%", "17%", "17%", "16%", "33%"]),
            // Plain rounding would give 14+14+14+14+43 = 99.
            ([1, 1, 1, 1, 3], ["15%", "14%", "14%", "14%", "43%"]),
            // One school of 1,000 isn't nothing.
            ([1, 999, 0, 0, 0], ["<1%", "100%", "0%", "0%", "0%"]),
            // 0.3 % beside 24.7, 24.9, 25.0 and 25.1: the two missing percents are others'.
            ([3, 247, 249, 250, 251], ["<1%", "25%", "25%", "25%", "25%"]),
            // 0.4 % beside 24.15 and 25.15: nobody's claim on the missing percent is better.
            ([8, 483, 503, 503, 503], ["1%", "24%", "25%", "25%", "25%"]),
            ([9, 83, 21, 8, 3], ["7%", "67%", "17%", "7%", "2%"]),
        ];
        for (counts, expected) in table {
            assert_eq!(shown(counts), expected, "{counts:?}");
        }
    }

    #[test]
    fn equal_claims_go_to_the_larger_count_and_then_to_the_earlier_column() {
        // 2.4, 2.4, 2.4, 92.4 and 0.4 %: two percents are missing.
        assert_eq!(shown([6, 6, 6, 231, 1]), ["3%", "2%", "2%", "93%", "<1%"]);
    }

    #[test]
    fn a_csv_file_holds_symbols_where_there_is_no_numeral() {
        assert_eq!(Share::of(0, None).symbol(), "z");
        assert_eq!(Share::of(1, Some(0)).symbol(), "low");
        assert_eq!(Share::of(0, Some(0)).symbol(), "0");
        assert_eq!(Share::of(7, Some(7)).symbol(), "7");
    }

    proptest! {
        #[test]
        fn m2_percents_add_to_100_for_every_composition(
            counts in prop::array::uniform5(prop_oneof![Just(0_u64), 1_u64..30, 0_u64..30_000]),
        ) {
            match whole_percents(counts) {
                None => prop_assert_eq!(counts, [0; 5]),
                Some(percents) => {
                    let sum: u32 = percents.iter().map(|percent| u32::from(*percent)).sum();
                    prop_assert_eq!(sum, 100);
                }
            }
        }

        #[test]
        fn a_percent_is_within_one_of_the_exact_share_and_keeps_the_order_of_the_counts(
            counts in prop::array::uniform5(0_u64..5_000),
        ) {
            if let Some(percents) = whole_percents(counts) {
                let total: u64 = counts.iter().sum();
                for (count, percent) in counts.iter().zip(percents) {
                    let (scaled, hundred) = (u64::from(percent) * total, count * 100);
                    prop_assert!(scaled.abs_diff(hundred) < total, "{count} of {total}: {percent}");
                    prop_assert!(*count > 0 || percent == 0);
                }
                for one in 0..5 {
                    for other in 0..5 {
                        prop_assert!(counts[one] <= counts[other] || percents[one] >= percents[other]);
                    }
                }
            }
        }

        #[test]
        fn the_largest_counts_can_be_held_without_overflow(
            counts in prop::array::uniform5(u64::MAX / 8..u64::MAX / 5),
        ) {
            let sum: u32 = whole_percents(counts)
                .map_or(0, |row| row.iter().map(|percent| u32::from(*percent)).sum());
            prop_assert_eq!(sum, 100);
        }
    }
}
