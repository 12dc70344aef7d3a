#!/usr/bin/env python3
"""Makes school_days_2019_2028.csv: for each day of 2019 to 2028, the school day before it by
England's default calendar and the instant of 10:00 in England on that school day.

An oracle for tests: it shares nothing with the program but the published bank holidays. It works
forwards over a list of open days, where the program walks backwards from the visit.

Run it in this folder with Python 3.9 or later; the tz database must be present.
"""

import bisect
import csv
import json
import pathlib
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

HERE = pathlib.Path(__file__).resolve().parent
LONDON = ZoneInfo("Europe/London")

# The autumn term of 2020: half term, and the days after the end of term on 18 December.
HALF_TERM = {date(2020, 10, day) for day in (26, 27, 28, 29, 30)}
AFTER_TERM = {date(2020, 12, day) for day in range(19, 32)}


def bank_holidays():
    with open(HERE.parents[2] / "kit/core/data/bank-holidays.json", encoding="utf-8") as file:
        events = json.load(file)["england-and-wales"]["events"]
    return {date.fromisoformat(event["date"]) for event in events}


def main():
    closed = bank_holidays() | HALF_TERM | AFTER_TERM
    first, last = date(2018, 12, 1), date(2028, 12, 31)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    open_days = [day for day in days if day.isoweekday() <= 5 and day not in closed]

    with open(HERE / "school_days_2019_2028.csv", "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["visit_date", "school_day_before", "ten_o_clock_utc"])
        for day in days:
            if day.year < 2019:
                continue
            before = open_days[bisect.bisect_left(open_days, day) - 1]
            call = datetime.combine(before, time(10), tzinfo=LONDON).astimezone(timezone.utc)
            out.writerow([day, before, call.strftime("%Y-%m-%dT%H:%M:%SZ")])


if __name__ == "__main__":
    main()
