// The live feed: lost and found again, and in many tabs.
import assert from "node:assert/strict";
import test from "node:test";
import { begin, wire } from "./stage.mjs";
import { crowd, isLive, signIn } from "./people.mjs";

test("r_con_2_r_con_3_a_page_says_live_delayed_and_not_live_and_brings_what_it_missed", async () => {
  const scene = await begin();
  const line = await wire(scene.console);
  const { person, end } = await crowd(line.address);
  try {
    const { page } = await person();
    await page.clock.install();
    await signIn(page, "desk");
    await isLive(page);
    line.cut();
    // A short drop shows nothing; this one lasts.
    await page.clock.runFor(1_000);
    assert.equal(await page.getAttribute("#live", "data-state"), "live");
    await until(page, 1_000, "delayed");
    assert.match(await page.innerText("#live-words"), /^Delayed/);
    await page.clock.fastForward(46_000);
    await until(page, 1_000, "not-live");
    assert.match(await page.innerText("#live-words"), /^Not live since \d{1,2}:\d\d(am|pm)/);
    await scene.raise();
    line.heal();
    // The browser itself comes back after a while that no driven clock shortens: the steps are about
    // as long as they take.
    await until(page, 20, "live");
    await page.waitForSelector("text=New concern");
  } finally {
    line.end();
    await end();
    await scene.end();
  }
});

// Lets the page's time go on by steps of so many milliseconds until it says that it is in `state`.
async function until(page, step, state) {
  const patience = Date.now() + 60_000;
  while (Date.now() < patience) {
    if ((await page.getAttribute("#live", "data-state")) === state) return;
    await page.clock.runFor(step);
  }
  assert.fail(`the page doesn't become ${state}: ${await page.innerText("#live")}`);
}

test("r_con_23_updates_can_be_paused_and_come_when_they_are_wanted", async () => {
  const scene = await begin();
  const { person, faults, end } = await crowd(scene.console);
  try {
    const [{ page }, { page: other }] = [await person(), await person()];
    for (const somebody of [page, other]) {
      await signIn(somebody, "desk");
      await isLive(somebody);
    }
    await page.click("text=Pause updates");
    await scene.raise();
    await other.waitForSelector("text=New concern");
    const more = page.locator("#live button", { hasText: "1 new" });
    await more.waitFor();
    assert.equal(await page.locator("main >> text=New concern").count(), 0);
    await more.click();
    await page.waitForSelector("main >> text=New concern");
    assert.deepEqual(faults, []);
  } finally {
    await end();
    await scene.end();
  }
});

test("r_con_1_r_con_23_eight_tabs_of_one_browser_show_a_concern_and_none_loses_its_focus", async () => {
  const scene = await begin();
  const { person, faults, end } = await crowd(scene.console);
  try {
    const { context, page } = await person();
    await signIn(page, "desk");
    const tabs = [page];
    while (tabs.length < 8) {
      const tab = await context.newPage();
      await tab.goto("/queue");
      tabs.push(tab);
    }
    for (const tab of tabs) await isLive(tab);
    const link = page.locator("main a, header a").first();
    await link.focus();
    await scene.raise();
    await Promise.all(tabs.map((tab) => tab.waitForSelector("text=New concern")));
    assert.equal(await link.evaluate((element) => element === document.activeElement), true);
    assert.deepEqual(faults, []);
  } finally {
    await end();
    await scene.end();
  }
});

test("r_con_26_a_page_is_sent_few_modules_and_only_those_that_it_needs", async () => {
  const scene = await begin();
  const { person, faults, end } = await crowd(scene.console);
  try {
    const sent = async (who) => {
      const { page } = await person();
      await signIn(page, who);
      if (who === "desk") await isLive(page);
      const files = await page.evaluate(() => performance.getEntriesByType("resource").map(({ name, encodedBodySize }) => [name, encodedBodySize]));
      const modules = files.filter(([name]) => name.endsWith(".mjs"));
      const names = modules.map(([name]) => name.split("/").at(-1));
      return { names, size: modules.reduce((sum, [, size]) => sum + size, 0) };
    };
    const [live, still] = [await sent("desk"), await sent("auditor")];
    assert.ok(live.names.includes("console.mjs") && live.size <= 10 * 1024, JSON.stringify(live));
    assert.ok(!still.names.includes("console.mjs") && still.size <= 4 * 1024, JSON.stringify(still));
    assert.deepEqual(faults, []);
  } finally {
    await end();
    await scene.end();
  }
});
