use jiff::civil::{Date, date};
use visits_scheduling::domain::calendar::{
    BankHolidays, CalendarEntry, CalendarUsed, Calendars, EntryKind, Level, Scope,
};
use visits_scheduling::domain::school_day::{
    ClosedBecause, SchoolDay, SchoolDayRefusal, closed_because, is_school_day, school_day_before,
};
use visits_scheduling::import::{bank_holidays, calendar};

use crate::{data, import};

const URN: &str = "123166";
const OXFORDSHIRE: &str = "931";

fn calendars(file: &str) -> Calendars {
    let file = format!("scope,from,to,kind\n{file}");
    let (mut entries, _) = import::<CalendarEntry>(file).expect("a calendar");
    entries.extend(calendar::shipped().expect("England's default"));
    Calendars::new(bank_holidays::shipped().expect("bank holidays"), entries)
}

fn before(visit: Date, calendars: &Calendars) -> SchoolDay {
    let school = calendars.of(URN, Some(OXFORDSHIRE));
    school_day_before(visit, &school).expect("a school day")
}

#[test]
fn m13_a_call_for_the_day_after_half_term_is_made_before_it() {
    let day = before(date(2020, 11, 2), &calendars(""));
    assert_eq!(day.date, date(2020, 10, 23));
    assert_eq!(day.calendar_used, CalendarUsed::England);
    assert_eq!(day.skipped.len(), 9);
    assert_eq!(day.skipped[0].reason, ClosedBecause::Weekend);
    assert_eq!(
        day.skipped[2].reason.to_string(),
        "holiday by England's default calendar"
    );
}

#[test]
fn m13_bank_holidays_are_stepped_over_by_name() {
    let day = before(date(2021, 4, 6), &calendars(""));
    assert_eq!(day.date, date(2021, 4, 1));
    assert_eq!(day.calendar_used, CalendarUsed::BankHolidaysOnly);
    let reasons: Vec<_> = day.skipped.iter().map(|s| s.reason.to_string()).collect();
    assert_eq!(
        reasons,
        [
            "bank holiday (Easter Monday)",
            "weekend",
            "weekend",
            "bank holiday (Good Friday)"
        ]
    );
}

#[test]
fn m13_an_inset_day_of_the_school_adds_to_the_default_and_is_named() {
    let day = before(
        date(2020, 11, 3),
        &calendars("schools/123166,2020-11-02,,inset\n"),
    );
    assert_eq!(day.date, date(2020, 10, 23));
    assert_eq!(day.calendar_used, CalendarUsed::School);
    assert_eq!(day.skipped[0].reason, ClosedBecause::Inset(Level::School));
}

#[test]
fn m13_another_schools_closure_changes_nothing() {
    let day = before(
        date(2020, 11, 4),
        &calendars("schools/123167,2020-11-03,,closure\n"),
    );
    assert_eq!(day.date, date(2020, 11, 3));
    assert_eq!(day.calendar_used, CalendarUsed::England);
}

#[test]
fn m13_calendars_apply_in_the_order_school_authority_england() {
    let half_terms = "localAuthorities/931,2020-10-19,2020-10-30,holiday\n\
                      schools/123166,2020-10-19,2020-10-23,holiday\n";
    let monday = date(2020, 11, 2);
    let with_all = before(monday, &calendars(half_terms));
    assert_eq!(
        with_all.date,
        date(2020, 10, 30),
        "the school's half term was a week earlier"
    );
    assert_eq!(with_all.calendar_used, CalendarUsed::School);

    let authority = half_terms.lines().next().expect("a line");
    let with_authority = before(monday, &calendars(&format!("{authority}\n")));
    assert_eq!(with_authority.date, date(2020, 10, 16));
    assert_eq!(with_authority.calendar_used, CalendarUsed::LocalAuthority);

    assert_eq!(before(monday, &calendars("")).date, date(2020, 10, 23));
}

#[test]
fn m13_a_holiday_belongs_to_the_term_in_which_it_begins() {
    let summer = "schools/123166,2020-07-21,2020-09-02,holiday\n";
    let calendars = calendars(summer);
    let school = calendars.of(URN, Some(OXFORDSHIRE));
    assert_eq!(is_school_day(date(2020, 9, 2), &school), Ok(false));
    // In the term after it, England's half term still holds.
    assert_eq!(is_school_day(date(2020, 10, 28), &school), Ok(false));
    assert_eq!(before(date(2020, 9, 3), &calendars).date, date(2020, 7, 20));
}

#[test]
fn m13_a_year_whose_bank_holidays_are_unknown_is_refused() {
    let calendars = calendars("");
    let school = calendars.of(URN, None);
    let unknown = |year| Err(SchoolDayRefusal::BankHolidaysUnknown { year });
    assert_eq!(school_day_before(date(2029, 1, 2), &school), unknown(2029));
    assert_eq!(
        closed_because(date(2029, 1, 6), &school),
        unknown(2029).map(|_: SchoolDay| None)
    );
    // Of the visit and the day before it, each may be in a year that isn't known.
    assert_eq!(school_day_before(date(2029, 1, 1), &school), unknown(2029));
    assert_eq!(school_day_before(date(2012, 1, 1), &school), unknown(2011));
    let nothing = Calendars::new(BankHolidays::new([]), []);
    let refusal =
        school_day_before(date(2020, 10, 6), &nothing.of(URN, None)).expect_err("unknown");
    let fault = visits_core::Fault::from(refusal);
    assert_eq!(
        (fault.reason, fault.metadata["year"].as_str()),
        ("BANK_HOLIDAYS_UNKNOWN", "2020")
    );
}

#[test]
fn m13_a_school_that_is_always_closed_has_no_school_day_before() {
    let closed = "schools/123166,2020-05-01,2020-08-01,closure\n\
                  schools/123166,2020-08-02,2020-10-30,closure\n";
    let calendars = calendars(closed);
    let visit_date = date(2020, 10, 20);
    let answer = school_day_before(visit_date, &calendars.of(URN, None));
    assert_eq!(
        answer,
        Err(SchoolDayRefusal::NoSchoolDayBefore { visit_date })
    );
}

#[test]
fn the_default_agrees_with_the_term_dates_of_six_settings() {
    let calendars = calendars("");
    let default = calendars.of(URN, None);
    let file = String::from_utf8(data("term-dates/autumn_2020_examples.csv")).expect("UTF-8");
    let mut settings = 0;
    for line in file.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let read = |at: usize| fields[at].parse::<Date>().expect(line);
        let (from, to, end) = (read(2), read(3), read(4));
        for day in from
            .series(jiff::ToSpan::day(1))
            .take_while(|day| *day <= to)
        {
            assert_eq!(is_school_day(day, &default), Ok(false), "{line}");
        }
        assert_eq!(is_school_day(end, &default), Ok(true), "{line}");
        assert_eq!(before(date(2021, 1, 4), &calendars).date, end, "{line}");
        for inset in fields[5].split(';').filter(|inset| !inset.is_empty()) {
            let own = self::calendars(&format!("schools/{URN},{inset},,inset\n"));
            let inset: Date = inset.parse().expect(line);
            assert_eq!(
                is_school_day(inset, &own.of(URN, None)),
                Ok(false),
                "{line}"
            );
        }
        settings += 1;
    }
    assert_eq!(settings, 6);
}

#[test]
fn entries_that_say_nothing_sensible_are_refused_by_line_and_column() {
    let file = "scope,from,to,kind\n\
                england,2020-10-26,2020-10-30,holiday\n\
                wales,2020-10-26,2020-10-30,holiday\n\
                schools/12,26/10/2020,,snow\n\
                schools/123166,,,closure\n\
                localAuthorities/931,2020-10-30,2020-10-26,closure\n\
                localAuthorities/931,2020-10-30,2022-10-26,closure\n";
    let (entries, summary) = import::<CalendarEntry>(file).expect("one good entry");
    assert_eq!(entries[0].scope, Scope::England);
    assert_eq!(entries[0].kind, EntryKind::Holiday);
    assert_eq!((summary.read, summary.refused), (6, 5));
    let problems: Vec<_> = (summary.problems.iter())
        .map(|problem| (problem.line, problem.column.as_str()))
        .collect();
    assert_eq!(
        problems,
        [
            (3, "scope"),
            (4, "scope"),
            (4, "kind"),
            (5, "from"),
            (6, "to"),
            (7, "to")
        ]
    );
}
