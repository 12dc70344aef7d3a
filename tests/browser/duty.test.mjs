// The duty desk in a real browser: sounds, silence, tabs that share a feed, and what is not recorded
// yet.
import assert from "node:assert/strict";
import test from "node:test";
import { crowd, isLive, press, signIn } from "./people.mjs";
import { begin, wire } from "./stage.mjs";

const sounded = (page, name) => page.waitForSelector(`html[data-sounded=${name}]`, { state: "attached" });
const says = (page, words) => page.waitForFunction((text) => document.body.innerText.includes(text), words);

// `cut`: the connection is, and browsers note each request that finds none.
async function scene(work, { cut = false } = {}) {
  const stage = await begin();
  const people = await crowd(stage.console);
  try {
    await work(stage, people);
    const faults = people.faults.filter((fault) => !(cut && fault.includes("net::ERR_")));
    assert.deepEqual(faults, [], "nothing that a browser reports");
  } finally {
    await people.end();
    await stage.end();
  }
}

async function onDuty(person) {
  const { page } = person;
  await signIn(page, "desk");
  await page.goto("/duty");
  await isLive(page);
  await press(page, "Test sound and go on duty");
  await says(page, "You have been on duty since");
  await page.goto("/queue");
  await isLive(page);
  // In a page that nobody has touched yet, a browser may want a gesture once more.
  await page.locator("h1").click();
  return page;
}

test("r_con_4_r_con_5_r_con_7_r_con_11_a_concern_sounds_until_somebody_acknowledges_it", async () => {
  await scene(async (stage, { person }) => {
    const desk = await onDuty(await person());
    await desk.goto("/duty");
    await isLive(desk);
    const heard = desk.waitForResponse((response) => response.request().postData()?.includes("audible=true"));
    await desk.locator("h1").click();
    await heard;
    await desk.reload();
    await says(desk, "Live and audible");
    await desk.goto("/queue");
    await isLive(desk);
    await desk.locator("h1").click();
    // Another device of the desk.
    const { page: other } = await person();
    await signIn(other, "desk");
    await isLive(other);
    const address = await stage.raise();
    await sounded(desk, "concern");
    for (const page of [desk, other]) {
      await says(page, "1 case not acknowledged");
      assert.match(await page.title(), /^\(1\) /);
      assert.match(await page.textContent("#alarm"), /^New concern/);
    }
    await desk.getByRole("button", { name: "Silence here" }).click();
    await desk.waitForSelector("#live-silence", { state: "detached" });
    await says(desk, "1 case not acknowledged");
    assert.ok(await other.locator("#live-silence").count(), "silent on one device only");
    await other.goto(address);
    await isLive(other);
    await press(other, "Acknowledge");
    await says(other, "The duty desk has taken this case on.");
    await desk.waitForFunction(() => !document.title.startsWith("("));
  });
});

test("r_con_23_an_alarm_sounds_while_updates_are_paused", async () => {
  await scene(async (stage, { person }) => {
    const desk = await onDuty(await person());
    await desk.getByRole("button", { name: "Pause updates" }).click();
    await says(desk, "Live, updates paused");
    await desk.evaluate(() => delete document.documentElement.dataset.sounded);
    await stage.raise();
    await sounded(desk, "concern");
    await says(desk, "1 case not acknowledged");
    await says(desk, "1 new – show");
    assert.equal(await desk.locator("main >> text=New concern").count(), 0, "the page itself stands still");
    await desk.getByRole("button", { name: "1 new – show" }).click();
    await desk.waitForSelector("main >> text=New concern");
  });
});

test("r_con_2_r_con_8_eight_tabs_share_one_feed_and_another_takes_over", async () => {
  await scene(async (stage, { person }) => {
    const { context, page } = await person();
    await signIn(page, "desk");
    let feeds = 0;
    context.on("request", (request) => (feeds += new URL(request.url()).pathname === "/live" ? 1 : 0));
    const tabs = [];
    for (let tab = 0; tab < 8; tab += 1) {
      const opened = await context.newPage();
      await opened.goto("/queue");
      await isLive(opened);
      tabs.push(opened);
    }
    await page.close();
    await stage.raise();
    for (const tab of tabs) await says(tab, "New concern");
    assert.ok(feeds <= 2, `${feeds} feeds`);
    await tabs.shift().close();
    await tabs.shift().close();
    await stage.raise("safeguarding", "A second thing was seen.");
    for (const tab of tabs) await isLive(tab);
  });
});

test("r_con_5_r_con_6_what_is_sent_without_a_connection_is_not_recorded_yet_and_then_is", async () => {
  await scene(async (stage, { person }) => {
    const way = await wire(stage.console);
    try {
      const { page } = await person({ at: way.address });
      await signIn(page, "desk");
      const address = await stage.raise();
      await page.goto(address);
      await isLive(page);
      way.cut();
      await page.getByRole("button", { name: "Acknowledge" }).click();
      await says(page, "Not recorded yet: acknowledgement of");
      await page.waitForSelector("#live[data-state=delayed]");
      way.heal();
      await says(page, "The duty desk has taken this case on.");
      await page.goto("/queue");
      await isLive(page);
      way.cut();
      await page.locator(".desk-note summary").click();
      await page.fill(".desk-note textarea", "The lead rings back at two.");
      await page.getByRole("button", { name: "Add the note" }).click();
      await says(page, "Not recorded yet: note about");
      way.heal();
      await page.waitForFunction(() => !document.body.innerText.includes("Not recorded yet"));
      await page.goto(address);
      await says(page, "The lead rings back at two.");
    } finally {
      way.end();
    }
  }, { cut: true });
});

test("r_con_14_r_con_16_r_con_23_a_note_and_who_else_looks_without_leaving_the_page", async () => {
  await scene(async (stage, { person }) => {
    const { page: desk } = await person();
    await signIn(desk, "desk");
    const address = await stage.raise();
    await says(desk, "New concern");
    await desk.locator(".desk-note summary").click();
    await desk.fill(".desk-note textarea", "The lead rings");
    await stage.raise("safeguarding", "A second thing was seen.");
    await says(desk, "1 new – show");
    assert.equal(await desk.inputValue(".desk-note textarea"), "The lead rings", "nothing is taken away");
    await desk.fill(".desk-note textarea", "The lead rings back at two.");
    await desk.getByRole("button", { name: "Add the note" }).click();
    await desk.waitForFunction(() => document.querySelector(".desk-note textarea").value === "");
    assert.equal(new URL(desk.url()).pathname, "/queue");
    const { page: director } = await person();
    await signIn(director, "director");
    await director.goto(address);
    await says(director, "The lead rings back at two.");
    await desk.goto(address);
    await says(desk, "Also looking at this case: RD-EAST-MIDLANDS");
  });
});
