// Every page and state of the console, in the order of a case's life: the table that a new page adds
// its row to. `pages.test.mjs` judges each with and without script, narrow and wide, and by keyboard;
// `pictures` takes the pictures of docs/console/.
//
//   name      of the row and of its pictures
//   who       opens it: desk, director, inspector, or nobody
//   path      its address, or what gives it from `scene` (`scene.case` is the case's page)
//   before    what happens first, once: told by `scene` and by `as(who)`, somebody's page
//   then      what is done on the page itself before it is judged
import { fillInCall, press } from "./people.mjs";

const ofCase = (scene) => scene.case;

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
  { name: "queue-closed", who: "desk", path: "/queue?show=closed" },
  { name: "not-found", who: "desk", path: "/cases/00000000-0000-7000-8000-000000000000" },
  { name: "no-page", who: "desk", path: "/nothing" },
];
