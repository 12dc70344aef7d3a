// What holds for every page: no violation of WCAG 2.2 AA that axe-core finds, nothing wider than the
// window, and a keyboard reaches everything, visibly, and leaves again.
import assert from "node:assert/strict";
import { awake } from "./people.mjs";
import { AXE } from "./tools.mjs";

const STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

export async function isAccessible(page, what) {
  const found = await awake(page, async () => {
    await page.evaluate(AXE);
    return page.evaluate(async (values) => {
      const { violations } = await axe.run(document, { runOnly: { type: "tag", values }, resultTypes: ["violations"] });
      return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html).join(" | ")}`);
    }, STANDARD);
  });
  assert.deepEqual(found, [], what);
}

export async function fits(page, width, what) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= width, `${what} is ${wide} wide at ${width}`);
}

/** Tabs through the page: every stop once, in the order of the page, each visible; then out of it. */
export async function isReachedByKeyboard(page, what) {
  const expected = await page.evaluate(stops);
  await page.evaluate(() => document.activeElement?.blur());
  await page.evaluate(() => getSelection()?.removeAllRanges());
  const reached = [];
  let isRound = false;
  for (let step = 0; step < expected.length + 3 && !isRound; step += 1) {
    await page.keyboard.press("Tab");
    const stop = await page.evaluate(here);
    // Between the last and the first a browser has places of its own.
    if (stop === null) continue;
    isRound = stop.name === reached[0];
    if (!isRound) reached.push(stop.name);
    assert.ok(stop.isSeen, `${what}: the focus on ${stop.name} can't be seen`);
  }
  assert.ok(isRound, `${what}: the keyboard doesn't get round: ${reached.join(", ")}`);
  // After a refusal the focus begins at the error summary.
  const first = Math.max(reached.indexOf(expected[0]), 0);
  assert.deepEqual([...reached.slice(first), ...reached.slice(0, first)], expected, what);
}

// Where a keyboard stops, in the page's order; of a group of radios at the chosen one or the first.
function stops() {
  const groups = new Set();
  const all = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")];
  const named = (element) => element.id || element.textContent.trim().slice(0, 40) || element.name;
  return all
    .filter((element) => {
      const isShown = element.checkVisibility({ visibilityProperty: true }) && element.type !== "hidden";
      if (!isShown || element.disabled || element.tabIndex < 0) return false;
      if (element.type !== "radio") return true;
      const chosen = document.querySelector(`input[type=radio][name="${element.name}"]:checked`);
      if ((chosen && chosen !== element) || groups.has(element.name)) return false;
      groups.add(element.name);
      return true;
    })
    .map(named);
}

// The element with the focus, and whether one sees that it has it.
function here() {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const named = element.id || element.textContent.trim().slice(0, 40) || element.name;
  const shows = (style) => style.boxShadow !== "none" || (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0);
  const label = element.labels?.[0];
  const isSeen = shows(getComputedStyle(element)) || (label && shows(getComputedStyle(label, "::before")));
  return { name: named, isSeen: Boolean(isSeen) };
}
