// An escalation from the concern to the NFD, in several browsers at once.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import test from "node:test";
import { promisify } from "node:util";
import { begin } from "./stage.mjs";
import { crowd, fillInCall, isLive, press, signIn } from "./people.mjs";

const shell = promisify(execFile);

// Tabs to what has this id, or this text, as somebody without a mouse does.
async function tabTo(page, what) {
  const isThere = () => {
    const at = document.activeElement;
    return [at.id, at.textContent.trim()];
  };
  for (let step = 0; step < 60; step += 1) {
    await page.keyboard.press("Tab");
    if ((await page.evaluate(isThere)).includes(what)) return;
  }
  assert.fail(`no key leads to ${what}`);
}

async function enter(page) {
  await Promise.all([page.waitForEvent("load"), page.keyboard.press("Enter")]);
}

test("r_con_1_r_con_29_two_people_take_a_concern_to_its_nfd_without_a_mouse", async () => {
  const scene = await begin();
  const { person, faults, end } = await crowd(scene.console);
  try {
    const [{ page: desk }, { page: director }] = [await person(), await person()];
    await signIn(desk, "desk");
    await signIn(director, "director");
    await Promise.all([isLive(desk), isLive(director)]);
    await scene.raise();
    // Both see it without a reload, and a director can't act yet.
    await desk.waitForSelector("text=New concern");
    await director.waitForSelector("text=New concern");
    await tabTo(desk, "Millbeck Junior School (invented)");
    await enter(desk);
    await tabTo(director, "Millbeck Junior School (invented)");
    await enter(director);
    assert.equal(await director.locator("#act").count(), 0);
    await isLive(desk);
    await tabTo(desk, "note");
    await desk.keyboard.type("I ring the lead.");
    await tabTo(desk, "Acknowledge: the desk has it");
    await enter(desk);
    await desk.waitForSelector("text=I ring the lead.");
    scene.goTo("2020-10-23T11:40:00Z");
    await tabTo(desk, "inspector");
    await desk.keyboard.press("Space");
    await tabTo(desk, "called_time");
    await desk.keyboard.type("12:20pm");
    await tabTo(desk, "grounds");
    await desk.keyboard.press("Space");
    await tabTo(desk, "summary");
    await desk.keyboard.type("Nobody is named to act for the principal.");
    await tabTo(desk, "outcome");
    await desk.keyboard.press("Space");
    await tabTo(desk, "Record the call");
    await enter(desk);
    // The director's open page has the decision to take, by itself.
    await director.waitForSelector("#required");
    await tabTo(director, "required");
    await director.keyboard.press("Space");
    await tabTo(director, "rationale");
    await director.keyboard.type("Nobody has taken charge today.");
    await tabTo(director, "Record the decision");
    await enter(director);
    await director.waitForSelector("text=The decision is taken.");
    await desk.waitForSelector("#head >> text=NFD required");
    assert.deepEqual(faults, []);
  } finally {
    await end();
    await scene.end();
  }
});

test("a_first_time_user_goes_from_the_printed_address_to_an_nfd_and_types_no_other", async () => {
  const scene = await begin({ driven: false });
  const { person, faults, end } = await crowd(scene.console);
  try {
    const { page: desk } = await person();
    await desk.goto(scene.console);
    await signIn(desk, "desk");
    const command = await desk.textContent("#command");
    await isLive(desk);
    await shell("bash", ["-c", command], { cwd: scene.folder });
    await desk.click("text=Millbeck Junior School (invented)");
    await press(desk, "Acknowledge");
    await fillInCall(desk, justNow());
    await press(desk, "Record the call");
    const { page: director } = await person();
    await director.goto(scene.console);
    await signIn(director, "director");
    await director.click("text=Millbeck Junior School (invented)");
    await director.check("#required");
    await director.fill("#rationale", "Nobody does the work of keeping children safe.");
    await press(director, "Record the decision");
    await director.waitForSelector("[role=timer]");
    const { page: inspector } = await person();
    await inspector.goto(scene.console);
    await signIn(inspector, "inspector");
    await inspector.click("text=Millbeck Junior School (invented)");
    await press(inspector, "Start the NFD straight away");
    await desk.waitForSelector("#head >> text=NFD under way");
    assert.deepEqual(faults, []);
  } finally {
    await end();
    await scene.end();
  }
});

// The present minute in England: calls of the future are refused.
function justNow() {
  const spoken = { timeZone: "Europe/London", hour: "numeric", minute: "2-digit", hour12: true };
  return new Intl.DateTimeFormat("en-GB", spoken).format(Date.now());
}
