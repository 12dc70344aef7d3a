// Time: the night in which the clocks go back, and sessions that end.
import assert from "node:assert/strict";
import test from "node:test";
import { begin } from "./stage.mjs";
import { crowd, fillInCall, press, signIn } from "./people.mjs";

// To where a decision is wanted, on Friday at 2:30pm BST.
async function awaitsDecision(scene, desk) {
  const address = await scene.raise();
  await signIn(desk, "desk");
  await desk.goto(address);
  await press(desk, "Acknowledge");
  scene.goTo("2020-10-23T11:40:00Z");
  await desk.goto(address);
  await fillInCall(desk);
  await press(desk, "Record the call");
  scene.goTo("2020-10-23T13:30:00Z");
  return address;
}

test("r_con_8_r_con_19_r_con_25_a_decision_on_friday_at_half_past_two_bst_has_its_deadline_on_sunday_at_half_past_one_gmt", async () => {
  const scene = await begin();
  const { person, faults, end } = await crowd(scene.console);
  try {
    const { page: desk } = await person();
    const address = await awaitsDecision(scene, desk);
    const { page: director } = await person();
    await signIn(director, "director");
    await director.goto(address);
    await director.check("#required");
    await director.fill("#rationale", "The school has no leader today.");
    await press(director, "Record the decision");
    const clock = director.locator(".desk-clock");
    assert.match(await clock.innerText(), /Sunday 25 October 2020 at 1:30pm GMT/);
    const timer = director.locator("[role=timer]");
    assert.match(await timer.innerText(), /^(48 hours|47 hours 59 minutes) left$/);
    assert.equal(await timer.getAttribute("aria-live"), "off", "R-CON-22");
    assert.match(await director.locator("#timeline").innerText(), /Friday 23 October 2020 at 2:30pm BST/);
    // After the night there are 24 hours fewer than a calendar says.
    scene.goTo("2020-10-25T07:30:00Z");
    const { page: sunday } = await person();
    await signIn(sunday, "desk");
    await sunday.goto(address);
    assert.match(await sunday.locator("[role=timer]").innerText(), /^(6 hours|5 hours 59 minutes) left$/);
    scene.goTo("2020-10-25T13:30:00Z");
    await sunday.goto("/sign-in");
    await signIn(sunday, "desk");
    await sunday.goto(address);
    assert.match(await sunday.locator("[role=timer]").innerText(), /^Overdue by/);
    assert.deepEqual(faults, []);
  } finally {
    await end();
    await scene.end();
  }
});

test("r_con_19_a_countdown_goes_by_the_servers_clock_before_the_feed_has_said_a_word", async () => {
  const scene = await begin();
  const { person, faults, end } = await crowd(scene.console);
  try {
    const { page: desk } = await person();
    const address = await awaitsDecision(scene, desk);
    const { context, page: director } = await person();
    await context.route("**/live*", () => {}); // it never answers
    await signIn(director, "director");
    await director.goto(address);
    await director.waitForSelector("#live[data-state=delayed]");
    // The call at 12:20pm wants a decision within two hours; this browser's clock is years ahead.
    assert.equal(await director.locator("[role=timer]").innerText(), "Overdue by 10 minutes");
    assert.deepEqual(faults, []);
  } finally {
    await end();
    await scene.end();
  }
});

test("r_con_31_a_session_that_ends_during_a_decision_loses_no_text", async () => {
  const scene = await begin();
  const { person, faults, end } = await crowd(scene.console);
  try {
    const { page: desk } = await person();
    const address = await awaitsDecision(scene, desk);
    const { page: director } = await person();
    await signIn(director, "director");
    await director.goto(address);
    await director.check("#required-2");
    await director.fill("#rationale", "Written for an hour and more.");
    scene.goTo("2020-10-23T14:45:00Z");
    await press(director, "Record the decision");
    await director.waitForSelector("text=What you wrote is kept");
    await signIn(director, "director");
    assert.equal(await director.inputValue("#rationale"), "Written for an hour and more.");
    assert.equal(await director.isChecked("#required-2"), true);
    await director.waitForSelector("text=It is not recorded yet.");
    await press(director, "Record the decision");
    await director.waitForSelector("#head >> text=No NFD required");
    assert.deepEqual(faults, []);
  } finally {
    await end();
    await scene.end();
  }
});
