// People, each with a browser of their own.
import { chromium } from "./tools.mjs";

// What nothing here takes, unless it never comes.
const PATIENCE = 30_000;
// A page that refuses says so by its status, which a browser notes as an error.
const EXPECTED = /the server responded with a status of (401|403|404|409|410|422)/;

const ROLES = {
  desk: { role: "duty-desk" },
  director: { role: "regional-director", region: "east-midlands" },
  inspector: { role: "hmi", inspector_code: "HMI-007" },
  publisher: { role: "publisher" },
  auditor: { role: "auditor" },
  operator: { role: "operator" },
};

export async function crowd(address) {
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
  const faults = [];
  return {
    faults,
    /** Somebody with a new browser, who is nobody yet. */
    async person({ script = true, at = address } = {}) {
      const context = await browser.newContext({ locale: "en-GB", baseURL: at });
      context.setDefaultTimeout(PATIENCE);
      context.on("page", (page) => watch(page, faults));
      const page = await context.newPage();
      if (!script) await lull(page);
      return { context, page, script };
    },
    end: () => browser.close(),
  };
}

// Pages of somebody without script are parsed as where there is none: nothing runs, and what is for
// browsers without script is shown.
const engines = new WeakMap();

async function lull(page) {
  const engine = await page.context().newCDPSession(page);
  const sleeps = (value) => engine.send("Emulation.setScriptExecutionDisabled", { value });
  engines.set(page, sleeps);
  await sleeps(true);
}

/**
 * Lets axe-core run on a page, also on one without script: it stays as it was parsed, since a script
 * that was passed over never runs. (With Playwright's `javaScriptEnabled: false` axe's own timers
 * would stand still, too.)
 */
export async function awake(page, act) {
  const sleeps = engines.get(page);
  await sleeps?.(false);
  try {
    return await act();
  } finally {
    await sleeps?.(true);
  }
}

function watch(page, faults) {
  page.on("console", (message) => {
    if (message.type() === "error" && !EXPECTED.test(message.text())) faults.push(`${page.url()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`${page.url()}: ${error}`));
}

/** Signs in as `who`, from whatever page asks for it. */
export async function signIn(page, who) {
  const { role, region, inspector_code: code } = ROLES[who];
  if (!new URL(page.url(), "http://none").pathname.startsWith("/sign-in")) await page.goto("/sign-in");
  await page.check(`input[name=role][value="${role}"]`);
  if (region) await page.selectOption("#region", region);
  if (code) await page.fill("#inspector_code", code);
  await press(page, "Sign in");
}

/** Presses a button of the main part and waits for the page that follows. */
export async function press(page, words) {
  const button = page.locator("main").getByRole("button", { name: words });
  await Promise.all([page.waitForEvent("load"), button.click()]);
}

/** Waits until the page says that it is live. */
export const isLive = (page) => page.waitForSelector("#live[data-state=live]");

/** Fills in a call at 12:20 that seeks a decision. */
export async function fillInCall(page, time = "12:20pm") {
  await page.check("#inspector");
  await page.fill("#called_time", time);
  await page.check("#grounds");
  await page.fill("#summary", "Nobody is named to act for the principal. The chair has not been reached.");
  await page.check("#outcome");
}
