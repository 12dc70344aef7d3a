// Plays a case through the console's pages and takes a picture of each: see ./screenshots.
const { spawn } = require("node:child_process");
const readline = require("node:readline");
const { chromium } = require("playwright-core");

const [, , scene, folder] = process.argv;
const WIDTHS = [320, 1280];

async function main() {
  const host = spawn(scene, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = readline.createInterface({ input: host.stdout })[Symbol.asyncIterator]();
  const next = async () => (await lines.next()).value;
  const say = async (line) => {
    host.stdin.write(`${line}\n`);
    return (await next()).replace(/^done ?/, "");
  };
  const address = (await next()).replace("console on ", "");
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
  const faults = [];
  const person = async () => {
    const context = await browser.newContext({ locale: "en-GB" });
    const page = await context.newPage();
    page.on("console", (message) => {
      if (message.type() === "error") faults.push(`${page.url()}: ${message.text()}`);
    });
    page.on("pageerror", (error) => faults.push(`${page.url()}: ${error}`));
    return page;
  };
  const picture = async (page, name) => {
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 800 });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      if (wide > width) faults.push(`${name} is ${wide} wide at ${width}`);
      await page.screenshot({ path: `${folder}/${name}-${width}.png`, fullPage: true });
    }
  };
  const isLive = (page) => page.waitForSelector("#live[data-state=live]");
  const signIn = async (page, role, fill) => {
    await page.goto(`${address}/sign-in`);
    await page.check(`input[value="${role}"]`);
    if (fill) await fill();
    await page.click("text=Sign in >> nth=-1");
    await page.waitForURL("**/queue");
  };
  const press = (page, words) => Promise.all([page.waitForNavigation(), page.click(`button:has-text("${words}")`)]);

  const desk = await person();
  await desk.goto(`${address}/`);
  await picture(desk, "sign-in");
  await signIn(desk, "duty-desk");
  await isLive(desk);
  const name = await say("raise");
  // The open page shows the concern without a reload.
  await desk.waitForSelector("text=New concern");
  await picture(desk, "queue-new");
  await desk.goto(`${address}/${name}`);
  await isLive(desk);
  await picture(desk, "case-new");
  await press(desk, "Acknowledge");
  await say("go 23 12 40");
  await desk.goto(`${address}/${name}`);
  await isLive(desk);
  await press(desk, "Record the call");
  await picture(desk, "case-call-errors");
  await desk.goto(`${address}/${name}`);
  await desk.check("#inspector");
  await desk.fill("#called_time", "12:20pm");
  await desk.check("#grounds");
  await desk.fill("#summary", "Nobody is named to act for the principal. The chair of trustees has not been reached.");
  await desk.check("#outcome");
  await isLive(desk);
  await picture(desk, "case-call");
  await press(desk, "Record the call");
  await say("go 23 14 30");
  const director = await person();
  await signIn(director, "regional-director", () => director.selectOption("#region", "east-midlands"));
  await director.goto(`${address}/${name}`);
  await isLive(director);
  await picture(director, "case-decision");
  await director.check("#required");
  await director.fill("#rationale", "The school has no leader today, and nobody has taken charge.");
  await press(director, "Record the decision");
  await isLive(director);
  await picture(director, "case-nfd");
  await say("go 25 9 30");
  const late = await person();
  await signIn(late, "duty-desk");
  await isLive(late);
  await picture(late, "queue-nfd");
  await late.goto(`${address}/cases/00000000-0000-7000-8000-000000000000`);
  await picture(late, "not-found");
  await browser.close();
  host.stdin.end("end\n");
  for (const fault of faults) console.error(fault);
  // The page that is not there is an error to the browser's console, as it should be.
  process.exitCode = faults.filter((fault) => !/404|422/.test(fault)).length ? 1 : 0;
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
