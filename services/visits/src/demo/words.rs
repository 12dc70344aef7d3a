//! Codes of the contracts in the words of people.

use visits_proto::scheduling::v1 as plan;
use visits_proto::scheduling::v1::{Phase, PreviousGrade};

/// `11 and 10 October: weekend` for days on which no school is called.
#[must_use]
pub fn skipped(days: &[plan::call::SkippedDay]) -> String {
    match days {
        [] => "none".to_owned(),
        [day] => format!("{}, {},", day_of(&day.date), day.reason),
        [first, .., last] => {
            let (first, last) = if first.date < last.date {
                (first, last)
            } else {
                (last, first)
            };
            let mut reasons: Vec<&str> = days.iter().map(|day| day.reason.as_str()).collect();
            reasons.sort_unstable();
            reasons.dedup();
            format!(
                "{} to {}, {},",
                day_of(&first.date),
                day_of(&last.date),
                reasons.join(" and ")
            )
        }
    }
}

fn day_of(date: &str) -> String {
    date.parse::<visits_core::civil::Date>().map_or_else(
        |_| date.to_owned(),
        |date| date.strftime("%A %-d %B").to_string(),
    )
}

/// What the context pack says.
#[must_use]
pub fn context_pack(pack: &plan::ContextPack) -> String {
    let number = |value: Option<i32>| value.map_or_else(|| "not known".into(), |n| n.to_string());
    let report = if pack.previous_report_uri.is_empty() {
        "no report"
    } else {
        "its report"
    };
    format!(
        "previous grade {} and {report}, IDACI quintile {}, {}, {}, {} pupils on roll",
        grade(pack.previous_grade()),
        number(pack.idaci_quintile),
        lower_first(&pack.school_type),
        phase(pack.phase()),
        number(pack.pupils_on_roll),
    )
}

fn lower_first(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(letters).collect()
    })
}

const fn grade(grade: PreviousGrade) -> &'static str {
    match grade {
        PreviousGrade::Outstanding => "Outstanding",
        PreviousGrade::Good => "Good",
        PreviousGrade::RequiresImprovement => "Requires improvement",
        PreviousGrade::Inadequate => "Inadequate",
        PreviousGrade::NotInspected => "none yet",
        PreviousGrade::NotJudged => "none overall",
        PreviousGrade::NotKnown | PreviousGrade::Unspecified => "not known",
    }
}

const fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Nursery => "nursery",
        Phase::Primary | Phase::MiddleDeemedPrimary => "primary",
        Phase::Secondary | Phase::MiddleDeemedSecondary => "secondary",
        Phase::SixteenPlus => "16 plus",
        Phase::AllThrough => "all-through",
        Phase::NotApplicable => "no phase",
        Phase::NotKnown | Phase::Unspecified => "phase not known",
    }
}

/// `DeferralReminder` of `ofsted.visits.scheduling.v1.DeferralReminder`.
#[must_use]
pub fn event_name(event_type: &str) -> String {
    event_type
        .rsplit('.')
        .next()
        .unwrap_or(event_type)
        .to_owned()
}

/// The words without the identifiers in them: those differ from seed to seed, and readers of a
/// story don't miss them.
#[must_use]
pub fn without_ids(words: &str) -> String {
    const LENGTH: usize = 36;
    let mut plain = String::new();
    let mut rest = words;
    while let Some(first) = rest.chars().next() {
        let is_id = rest
            .get(..LENGTH)
            .is_some_and(|candidate| uuid::Uuid::try_parse(candidate).is_ok());
        let width = if is_id { LENGTH } else { first.len_utf8() };
        plain.push(if is_id { '…' } else { first });
        rest = rest.get(width..).unwrap_or_default();
    }
    plain
}

/// `nfd under way` of `STATE_NFD_UNDER_WAY`.
#[must_use]
pub fn state(name: &str) -> String {
    name.trim_start_matches("STATE_")
        .replace('_', " ")
        .to_lowercase()
        .replace("nfd", "NFD")
}

/// `HMI-001` of `inspectors/HMI-001`, `cases/…` of `cases/…`: what stands after the slash.
#[must_use]
pub fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_left_out_of_words() {
        let words = "there is no visitRecords/0174d3d5-3740-7891-90cf-d41f7e7b566c – at all";
        assert_eq!(without_ids(words), "there is no visitRecords/… – at all");
    }

    #[test]
    fn skipped_days_are_named_from_first_to_last_with_their_reasons() {
        let day = |date: &str, reason: &str| plan::call::SkippedDay {
            date: date.into(),
            reason: reason.into(),
        };
        let weekend = [day("2020-10-04", "weekend"), day("2020-10-03", "weekend")];
        assert_eq!(
            skipped(&weekend),
            "Saturday 3 October to Sunday 4 October, weekend,"
        );
        assert_eq!(skipped(&[]), "none");
    }
}
