import assert from "node:assert/strict";
import { test } from "node:test";
import { Alarms } from "../../assets/alarms.mjs";

const raised = (id) => ({ case: id, alarm: "ring", open: true });
const acknowledged = (id) => ({ case: id, alarm: "", open: false });

test("r_con_4_a_new_concern_and_a_dead_feed_differ_and_the_concern_comes_first", () => {
  const alarms = new Alarms();
  assert.equal(alarms.due("live"), "");
  assert.equal(alarms.due("not-live"), "stale");
  alarms.happened(raised("a"));
  assert.equal(alarms.due("not-live"), "concern");
});

test("r_con_5_what_is_silenced_here_is_silent_and_still_not_acknowledged", () => {
  const alarms = new Alarms();
  alarms.happened(raised("a"));
  alarms.silence();
  assert.equal(alarms.due("live"), "");
  assert.equal(alarms.ringing.size, 1);
  alarms.happened(raised("b"));
  assert.equal(alarms.due("live"), "concern");
});

test("r_con_5_a_further_concern_about_a_silenced_case_rings_again", () => {
  const alarms = new Alarms();
  alarms.happened(raised("a"));
  alarms.silence();
  alarms.happened(raised("a"));
  assert.equal(alarms.due("live"), "concern");
});

test("r_con_6_snoozing_the_stale_alarm_never_silences_a_concern", () => {
  const alarms = new Alarms();
  alarms.snoozed = true;
  assert.equal(alarms.due("not-live"), "");
  alarms.happened(raised("a"));
  assert.equal(alarms.due("not-live"), "concern");
  assert.equal(alarms.snoozed, true);
});

test("r_con_6_the_snooze_ends_when_the_feed_is_back", () => {
  const alarms = new Alarms();
  alarms.snoozed = true;
  alarms.due("live");
  assert.equal(alarms.due("not-live"), "stale");
});

test("r_con_9_an_alert_that_comes_again_sounds_once_a_message", () => {
  const alarms = new Alarms();
  alarms.happened({ case: "a", alarm: "notice", open: false });
  assert.equal(alarms.due("live"), "notice");
  assert.equal(alarms.due("live"), "");
});

test("r_con_10_what_is_not_open_any_more_does_not_ring", () => {
  const alarms = new Alarms();
  alarms.happened(raised("a"));
  alarms.happened({ case: "a", alarm: "", open: false });
  assert.equal(alarms.due("live"), "");
});

test("r_con_11_one_acknowledgement_stops_every_device_of_the_desk", () => {
  const devices = [new Alarms(), new Alarms(), new Alarms()];
  for (const device of devices) device.happened(raised("a"));
  for (const device of devices) device.happened(acknowledged("a"));
  for (const device of devices) assert.equal(device.due("live"), "");
});

test("r_con_8_a_feed_that_begins_says_what_rings_and_nothing_else_does", () => {
  const alarms = new Alarms(["a", "gone"]);
  alarms.set(["a", "b"]);
  assert.deepEqual(alarms.loud(), ["b"]);
  assert.deepEqual([...alarms.silenced], ["a"]);
  alarms.set([]);
  assert.equal(alarms.due("live"), "");
});
