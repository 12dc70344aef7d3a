// What a page says before its session ends (R-CON-31). The page's clock is driven, and the server's
// stands still.
import assert from "node:assert/strict";
import test from "node:test";
import { begin } from "./stage.mjs";
import { crowd, fillInCall, isLive, press, signIn } from "./people.mjs";

const MINUTE = 60_000;
const shown = (page) => page.locator("#session:not([hidden])");

async function scene(work) {
  const stage = await begin();
  const people = await crowd(stage.console);
  try {
    await work(stage, people);
    assert.deepEqual(people.faults, []);
  } finally {
    await people.end();
    await stage.end();
  }
}

// Somebody whose page has a clock that a test drives.
async function somebody({ person }, who) {
  const { context, page } = await person();
  await page.clock.install();
  await signIn(page, who);
  return { context, page };
}

test("r_con_31_five_minutes_before_its_end_a_page_says_so_and_a_button_or_any_key_goes_on", async () => {
  await scene(async (_, people) => {
    const { page } = await somebody(people, "auditor");
    await page.clock.runFor(54 * MINUTE);
    assert.equal(await shown(page).count(), 0, "too early to say");
    await page.clock.runFor(MINUTE + 15_000);
    await shown(page).waitFor();
    assert.match(await page.innerText("#session"), /^You will be signed out at \d{1,2}:\d\d(am|pm)\./);
    assert.equal(await page.getAttribute("#session", "role"), "status", "and a reader of the screen says it");
    const stayed = page.waitForResponse((answer) => new URL(answer.url()).pathname === "/stay");
    await page.getByRole("button", { name: "Stay signed in" }).press("Enter");
    assert.equal((await stayed).status(), 204);
    await shown(page).waitFor({ state: "detached" });
    await page.clock.runFor(55 * MINUTE + 15_000);
    await shown(page).waitFor();
    await page.keyboard.press("Shift");
    await shown(page).waitFor({ state: "detached" });
  });
});

test("r_con_31_a_window_in_use_keeps_the_others_quiet", async () => {
  await scene(async (_, people) => {
    const { context, page } = await somebody(people, "auditor");
    const other = await context.newPage();
    await other.goto("/audit");
    await page.clock.runFor(55 * MINUTE + 15_000);
    for (const window of [page, other]) await shown(window).waitFor();
    await other.keyboard.press("Shift");
    for (const window of [page, other]) await shown(window).waitFor({ state: "detached" });
  });
});

test("r_con_31_nothing_is_said_on_a_page_with_a_decision", async () => {
  await scene(async (stage, people) => {
    const { page: desk } = await people.person();
    const address = await stage.raise();
    await signIn(desk, "desk");
    await desk.goto(address);
    await press(desk, "Acknowledge");
    stage.goTo("2020-10-23T11:40:00Z");
    await desk.goto(address);
    await fillInCall(desk);
    await press(desk, "Record the call");
    const { page } = await somebody(people, "director");
    await page.goto(address);
    await isLive(page);
    await page.fill("#rationale", "Written for an hour.");
    await page.clock.runFor(59 * MINUTE);
    assert.equal(await shown(page).count(), 0);
    assert.equal(await page.inputValue("#rationale"), "Written for an hour.");
  });
});
