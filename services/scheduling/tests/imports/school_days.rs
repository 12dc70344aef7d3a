use jiff::Timestamp;
use jiff::civil::Date;
use visits_scheduling::domain::school_day::{call_appointment, is_school_day, school_day_before};
use visits_scheduling::import::calendar;

use crate::data;

/// `data/oracle/make_school_days.py` made these with Python's zoneinfo, forwards over a list of
/// open days.
#[test]
fn m13_the_school_day_before_and_its_ten_o_clock_agree_with_the_oracle_for_2019_to_2028() {
    let oracle = String::from_utf8(data("oracle/school_days_2019_2028.csv")).expect("UTF-8");
    let calendars = calendar::shipped_calendars().expect("what comes with the program");
    let school = calendars.of("123166", Some("931"));
    let mut days = 0;
    for line in oracle.lines().skip(1) {
        let mut fields = line.split(',');
        let mut next = || fields.next().expect(line);
        let visit: Date = next().parse().expect(line);
        let before: Date = next().parse().expect(line);
        let call: Timestamp = next().parse().expect(line);
        let found = school_day_before(visit, &school).expect(line);
        assert_eq!(found.date, before, "{line}");
        assert_eq!(call_appointment(found.date), call, "{line}");
        assert_eq!(is_school_day(before, &school), Ok(true), "{line}");
        days += 1;
    }
    assert_eq!(days, 3_653, "each day of ten years");
}
