// Every page and state of the console, in the order of a case's life: the table that a new page adds
// its row to. `pages.test.mjs` judges each with and without script, narrow and wide, and by keyboard;
// `pictures` takes the pictures of docs/console/.
//
//   name      of the row and of its pictures
//   who       opens it: desk, director, inspector, publisher, auditor, operator, or nobody
//   path      its address, or what gives it from `scene` (`scene.case` is the case's page)
//   before    what happens first, once: told by `scene` and by `as(who)`, somebody's page
//   then      what is done on the page itself before it is judged
import { fillInCall, press } from "./people.mjs";

const ofCase = (scene) => scene.case;
const ofDeferral = (scene) => scene.next.replace("/visits/", "/deferrals/");
const ofNfd = (scene) => `${scene.case}/nfd`;

export const PAGES = [
  { name: "sign-in", who: "nobody", path: "/sign-in" },
  { name: "sign-in-errors", who: "nobody", path: "/sign-in", then: (page) => press(page, "Sign in") },
  { name: "queue-empty", who: "desk", path: "/queue" },
  {
    name: "queue-new",
    who: "desk",
    path: "/queue",
    before: async (scene) => {
      scene.case = await scene.raise();
    },
  },
  { name: "case-new", who: "desk", path: ofCase },
  { name: "case-new-inspector", who: "inspector", path: ofCase },
  { name: "duty", who: "desk", path: "/duty" },
  { name: "case-note", who: "desk", path: (scene) => `${scene.case}/note` },
  {
    name: "case-note-errors",
    who: "desk",
    path: (scene) => `${scene.case}/note`,
    then: (page) => press(page, "Add the note"),
  },
  {
    name: "case-call",
    who: "desk",
    path: ofCase,
    before: async (scene, as) => {
      const page = await as("desk", scene.case);
      await press(page, "Acknowledge");
      scene.goTo("2020-10-23T11:40:00Z");
    },
    then: (page) => fillInCall(page),
  },
  { name: "case-call-errors", who: "desk", path: ofCase, then: (page) => press(page, "Record the call") },
  { name: "case-hold", who: "desk", path: (scene) => `${scene.case}/hold` },
  { name: "case-alert", who: "desk", path: (scene) => `${scene.case}/alert` },
  {
    name: "duty-on",
    who: "desk",
    path: "/duty",
    before: async (scene, as) => {
      const page = await as("desk", "/duty");
      await press(page, "Test sound and go on duty");
    },
  },
  {
    name: "duty-handover-errors",
    who: "desk",
    path: "/duty",
    then: (page) => press(page, "Hand over and go off duty"),
  },
  { name: "shift-log", who: "director", path: "/duty/log" },
  {
    name: "shift",
    who: "director",
    path: "/duty/log",
    then: (page) => Promise.all([page.waitForEvent("load"), page.locator("main tbody a").first().click()]),
  },
  {
    name: "case-awaiting",
    who: "desk",
    path: ofCase,
    before: async (scene, as) => {
      const page = await as("desk", scene.case);
      await fillInCall(page);
      await press(page, "Record the call");
      scene.goTo("2020-10-23T13:30:00Z");
    },
  },
  { name: "deputies-none", who: "director", path: "/deputies" },
  { name: "deputies-errors", who: "director", path: "/deputies", then: (page) => press(page, "Name the deputy") },
  {
    name: "deputies",
    who: "director",
    path: "/deputies?done=name",
    before: async (scene, as) => {
      const page = await as("director", "/deputies");
      await page.fill("#principal", "RD-LONDON");
      for (const [part, value] of [["day", "30"], ["month", "10"], ["year", "2020"]]) await page.fill(`#until-${part}`, value);
      await press(page, "Name the deputy");
    },
  },
  { name: "case-decision", who: "director", path: ofCase },
  {
    name: "case-decision-errors",
    who: "director",
    path: ofCase,
    then: (page) => press(page, "Record the decision"),
  },
  {
    name: "case-nfd",
    who: "director",
    path: (scene) => `${scene.case}?done=decision`,
    before: async (scene, as) => {
      const page = await as("director", scene.case);
      await page.check("#required");
      await page.fill("#rationale", "The school has no leader today, and nobody has taken charge.");
      await press(page, "Record the decision");
    },
  },
  { name: "nfd-plan", who: "director", path: ofNfd },
  { name: "nfd-plan-errors", who: "director", path: ofNfd, then: (page) => press(page, "Record the plan") },
  {
    name: "queue-nfd",
    who: "desk",
    path: "/queue",
    before: async (scene) => scene.goTo("2020-10-25T09:30:00Z"),
  },
  { name: "case-start", who: "inspector", path: ofCase },
  {
    name: "case-under-way",
    who: "desk",
    path: ofCase,
    before: async (scene, as) => {
      const page = await as("inspector", scene.case);
      await press(page, "Start the NFD straight away");
    },
  },
  { name: "nfd-findings", who: "inspector", path: ofNfd },
  { name: "nfd-findings-errors", who: "inspector", path: ofNfd, then: (page) => press(page, "Record the finding") },
  { name: "clock-record", who: "director", path: (scene) => `${scene.case}/clock-record` },
  {
    name: "nfd-complete",
    who: "inspector",
    path: ofNfd,
    before: async (scene, as) => {
      scene.goTo("2020-10-25T10:30:00Z");
      const page = await as("inspector", ofNfd(scene));
      await page.fill("#finding-1", "An acting head has been named and is in school.");
      await press(page, "Record the finding");
      await page.fill("#left-time", "10:15am");
      await press(page, "Record when you left");
      await press(page, "The NFD is complete");
    },
  },
  {
    name: "letter",
    who: "inspector",
    path: (scene) => scene.letter,
    before: async (scene, as) => {
      const page = await as("inspector", ofNfd(scene));
      // Letters hears of the NFD's end in its own time.
      while (!new URL(page.url()).pathname.startsWith("/letters/")) await press(page, "Draft the letter");
      scene.letter = new URL(page.url()).pathname;
    },
  },
  { name: "letter-errors", who: "inspector", path: (scene) => scene.letter, then: (page) => press(page, "Send to the school") },
  {
    name: "letter-with-school",
    who: "inspector",
    path: (scene) => scene.letter,
    before: async (scene, as) => {
      const page = await as("inspector", scene.letter);
      await page.fill("#recipient", "head@millbeck.example");
      await press(page, "Send to the school");
      scene.check = await scene.check();
    },
  },
  { name: "school-check", who: "nobody", path: (scene) => scene.check },
  { name: "school-check-errors", who: "nobody", path: (scene) => scene.check, then: (page) => press(page, "Send our reply") },
  {
    name: "school-check-used",
    who: "nobody",
    path: (scene) => scene.check,
    before: async (scene, as) => {
      const page = await as("nobody", scene.check);
      await page.fill("#respondent_role", "headteacher");
      await press(page, "Send our reply");
    },
  },
  {
    name: "letter-public",
    who: "nobody",
    path: (scene) => scene.public,
    before: async (scene, as) => {
      await press(await as("inspector", scene.letter), "It may be published");
      await press(await as("publisher", scene.letter), "Publish for parents");
      const list = await as("nobody", `${scene.services}/letters`);
      scene.public = await list.locator("main a").first().evaluate((link) => link.href);
    },
  },
  { name: "letters-public", who: "nobody", path: (scene) => `${scene.services}/letters` },
  { name: "letters", who: "publisher", path: "/letters" },
  { name: "queue-closed", who: "desk", path: "/queue?show=closed" },
  { name: "calls", who: "desk", path: "/calls?date=2020-10-21" },
  { name: "calls-none", who: "inspector", path: "/calls" },
  { name: "visits", who: "desk", path: "/visits?region=east-midlands" },
  { name: "visits-errors", who: "desk", path: "/visits?from=soon" },
  {
    name: "visit",
    who: "inspector",
    path: (scene) => scene.visit,
    before: async (scene) => {
      const [visit] = JSON.parse(await scene.visits("visit", "list", "--output", "json")).visits;
      scene.visit = `/${visit.name}`;
    },
  },
  { name: "call-sheet", who: "inspector", path: (scene) => `${scene.visit}/call` },
  { name: "deferrals-none", who: "director", path: "/deferrals" },
  {
    name: "call-due",
    who: "inspector",
    path: (scene) => `${scene.next}/call`,
    before: async (scene) => {
      const team = ["--lead", "HMI-007", "--with", "HMI-008", "--mode", "on-site"];
      const planned = await scene.visits("visit", "plan", "--school", "900002", "--date", "2020-11-05", ...team, "--output", "json");
      scene.next = `/${JSON.parse(planned).name}`;
      scene.goTo("2020-11-04T10:05:00Z");
    },
  },
  {
    name: "call-script",
    who: "inspector",
    path: (scene) => `${scene.next}/call`,
    before: async (scene, as) => press(await as("inspector", `${scene.next}/call`), "The school has answered"),
  },
  {
    name: "call-script-errors",
    who: "inspector",
    path: (scene) => `${scene.next}/call`,
    then: (page) => press(page, "Record the steps"),
  },
  {
    name: "call-deferral-errors",
    who: "inspector",
    path: (scene) => `${scene.next}/call`,
    then: (page) => press(page, "Record what the school asks for"),
  },
  { name: "calls-today", who: "inspector", path: "/calls" },
  {
    name: "call-deferred",
    who: "inspector",
    path: (scene) => `${scene.next}/call?done=deferral`,
    before: async (scene, as) => {
      const page = await as("inspector", `${scene.next}/call`);
      await page.check("#reason");
      await page.fill("#note", "Two year groups and seven of the staff have to isolate.");
      await press(page, "Record what the school asks for");
    },
  },
  { name: "deferrals", who: "director", path: "/deferrals" },
  { name: "deferral", who: "director", path: ofDeferral },
  { name: "deferral-errors", who: "director", path: ofDeferral, then: (page) => press(page, "Record the decision") },
  {
    name: "deferral-decided",
    who: "director",
    path: (scene) => `${ofDeferral(scene)}?done=decision`,
    before: async (scene, as) => {
      const page = await as("director", ofDeferral(scene));
      await page.check("#decision");
      for (const [part, value] of [["day", "19"], ["month", "11"], ["year", "2020"]]) await page.fill(`#new-${part}`, value);
      await page.fill("#rationale", "Most of the school would be at home.");
      await press(page, "Record the decision");
    },
  },
  { name: "letters-none", who: "publisher", path: "/letters?state=READY" },
  { name: "parked-none", who: "operator", path: "/parked" },
  {
    name: "parked",
    who: "operator",
    path: "/parked",
    before: async (scene, as) => {
      await scene.spoil();
      const page = await as("operator", "/parked");
      const item = page.locator('main a[href^="/parked/letters/"]').first();
      // Letters parks it when it has come to it.
      while (!(await item.count())) await page.reload();
      scene.parked = await item.getAttribute("href");
    },
  },
  { name: "parked-item", who: "operator", path: (scene) => scene.parked },
  {
    name: "parked-item-errors",
    who: "operator",
    path: (scene) => scene.parked,
    then: (page) => press(page, "Discard for good"),
  },
  { name: "audit", who: "auditor", path: "/audit" },
  { name: "audit-intact", who: "auditor", path: "/audit", then: (page) => press(page, "Hold the chain") },
  { name: "sessions", who: "desk", path: "/sessions" },
  { name: "not-yours", who: "desk", path: "/audit" },
  { name: "not-found", who: "desk", path: "/cases/00000000-0000-7000-8000-000000000000" },
  { name: "no-page", who: "desk", path: "/nothing" },
];
