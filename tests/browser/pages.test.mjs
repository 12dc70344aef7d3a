import assert from "node:assert/strict";
import test from "node:test";
import { fits, isAccessible, isReachedByKeyboard } from "./judge.mjs";
import { walk } from "./walk.mjs";

const WIDTHS = [1280, 320];

test("r_con_21_r_con_24_r_con_26_each_page_and_state_is_accessible_at_both_widths_with_and_without_script", async (t) => {
  const faults = await walk(async (row, page, script) => {
    const name = `${row.name} ${script ? "with" : "without"} script`;
    await t.test(name, async () => {
      if (script) await isReachedByKeyboard(page, name);
      else await hasNoScript(page, name);
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 800 });
        await fits(page, width, `${name} at ${width}`);
        await isAccessible(page, `${name} at ${width}`);
      }
      await page.setViewportSize({ width: 1280, height: 800 });
      const banners = await page.locator(".govuk-notification-banner").count();
      const summaries = await page.locator(".govuk-error-summary, main > .errors").count();
      assert.ok(banners + summaries <= 1, `${name}: a banner stands alone (R-CON-24)`);
      // How many cases ring stands before everything else.
      const isTitled = /^(\(\d+\) )?Error: /.test(await page.title());
      assert.equal(isTitled, summaries > 0, `${name}: its title says that there is a problem (R-CON-27)`);
    });
  });
  assert.deepEqual(faults, [], "nothing that a browser reports");
});

// Nothing of ours ran, and what is for browsers without script is part of the page.
async function hasNoScript(page, name) {
  const ran = await page.evaluate(() => document.body.classList.contains("js-enabled"));
  const isParsed = await page.evaluate(() => [...document.querySelectorAll("noscript")].every((part) => part.children.length));
  assert.ok(!ran && isParsed, `${name}: judged where no script runs`);
}
