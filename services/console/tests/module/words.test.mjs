import assert from "node:assert/strict";
import { test } from "node:test";
import { Freshness, countdown, hour, long, missedWords } from "../../assets/words.mjs";

const T = Date.parse("2020-10-23T13:31:00Z");

function connected() {
  const fresh = new Freshness(T);
  fresh.hear(T);
  fresh.look(T);
  return fresh;
}

// Looks come every second.
function pass(fresh, from, seconds) {
  const states = [];
  for (let second = 1; second <= seconds; second += 1) states.push(fresh.look(from + second * 1000));
  return states;
}

test("r_con_2_live_until_25_seconds_delayed_until_45_then_not_live_since_the_last_word", () => {
  const fresh = connected();
  const states = pass(fresh, T, 46);
  assert.equal(states[23], "live");
  assert.equal(states[24], "delayed");
  assert.equal(states[43], "delayed");
  assert.equal(states[44], "not-live");
  assert.equal(fresh.words(false), "Not live since 2:31pm. Reload this page to see how things stand.");
  fresh.hear(T + 47_000);
  assert.equal(fresh.look(T + 47_000), "live");
});

test("r_con_2_what_came_while_disconnected_is_counted_in_words", () => {
  assert.equal(missedWords(3), "3 updates while you were disconnected");
  assert.equal(missedWords(1), "1 update while you were disconnected");
});

test("r_con_2_nothing_is_called_live_before_the_feed_has_spoken", () => {
  const fresh = new Freshness(T);
  assert.equal(fresh.look(T + 1000), "new");
  assert.equal(fresh.words(false), "Connecting");
  assert.equal(fresh.look(T + 2000), "delayed");
});

test("r_con_3_a_drop_shows_nothing_for_two_seconds", () => {
  const fresh = connected();
  fresh.drop(T + 100);
  assert.equal(fresh.look(T + 1_100), "live");
  assert.equal(fresh.look(T + 2_099), "live");
  assert.equal(fresh.look(T + 2_100), "delayed");
  const again = connected();
  again.drop(T);
  again.hear(T + 1_900);
  assert.deepEqual([...new Set(pass(again, T + 1_900, 20))], ["live"]);
});

test("r_con_3_nothing_flashes_on_resume_from_standby", () => {
  const fresh = connected();
  const woken = T + 3_600_000;
  assert.equal(fresh.look(woken), "live");
  assert.equal(fresh.look(woken + 1_000), "live");
  fresh.hear(woken + 1_500);
  assert.equal(fresh.look(woken + 2_000), "live");
});

test("r_con_3_a_feed_that_stays_dead_after_standby_is_said_even_where_looks_are_rare", () => {
  const fresh = connected();
  assert.equal(fresh.look(T + 3_600_000), "live");
  assert.equal(fresh.look(T + 3_660_000), "not-live");
});

test("r_con_22_the_countdown_speaks_at_24_6_and_1_hours_15_minutes_and_the_end", () => {
  const deadline = Date.parse("2020-10-25T13:30:00Z");
  const left = (minutes) => countdown(deadline, deadline - minutes * 60_000);
  let before = left(48 * 60).band;
  const spoken = [];
  for (let minutes = 48 * 60; minutes >= -1; minutes -= 1) {
    const { band, text } = left(minutes);
    if (band > before) spoken.push(text);
    before = band;
  }
  assert.deepEqual(spoken, ["23 hours 59 minutes left", "5 hours 59 minutes left", "59 minutes left", "14 minutes left", "Overdue by 0 minutes"]);
});

test("r_con_19_the_countdown_has_elapsed_hours_over_the_clock_change", () => {
  const decided = Date.parse("2020-10-23T14:30:00+01:00");
  const deadline = Date.parse("2020-10-25T13:30:00Z");
  assert.equal(countdown(deadline, decided).text, "48 hours left");
  assert.equal(hour(deadline), "1:30pm");
  assert.equal(long(61), "1 hour 1 minute");
});
