// The live feed: says how fresh the page is, brings what is new, counts down, sounds the alarms. The
// page works without it; only a page with a live line has it.

import { Alarms } from "./alarms.mjs";
import { say, sendWaiting, waitingWords } from "./forms.mjs";
import { inUse, onDrawn, redraw } from "./page.mjs";
import { isOn, play, unlock } from "./sound.mjs";
import { share } from "./tabs.mjs";
import { Freshness, count, countdown, missedWords } from "./words.mjs";

const REPORT = 18_000; // the server believes a report for 45 seconds

const byId = (id) => document.getElementById(id);
const live = byId("live");
const line = byId("live-words");
const title = document.title;
const kept = globalThis.localStorage;
const here = location.pathname.match(/^\/cases\/([0-9a-f-]{36})/)?.[1] ?? "";
const fresh = new Freshness(Date.now());
const alarms = new Alarms(JSON.parse(kept?.deskSilenced ?? "[]"), kept?.deskSnoozed === "yes");
const locks = navigator.locks;
const SOUND = `desk-sound-${live.dataset.user}`;
let tabs;
let lastId = "";
let offset = Date.parse(live.dataset.now) - Date.now(); // the server's clock less this machine's: each beat says it anew
let first = true; // no beat yet: what happened since the page was made is not on it
let missed = 0;
let paused = false;
let waiting = 0; // updates that are held back
let sounds = false; // this tab sounds for all of this device
let elsewhere = false; // another one does
let trying = false; // whoever holds the feed is at it
let watched = true;
let reported = 0;

function show() {
  const state = fresh.look(Date.now());
  const ringing = alarms.ringing.size;
  const words = [
    fresh.words(paused),
    ringing && `${count(ringing, "case")} not acknowledged`,
    !watched && "Nobody on duty has a console with sound on",
    waitingWords(),
  ];
  const buttons = [
    state !== "not-live" && [pause, paused || waiting ? (waiting ? `${waiting} new – show` : "Go on updating") : "Pause updates"],
    alarms.loud().length && [silence, "Silence here"],
    state === "not-live" && !alarms.snoozed && [snooze, "Silence this alarm"],
    kept?.deskSound && !isOn() && !elsewhere && [soundOn, "Turn sound on"],
  ].filter(Boolean);
  document.title = ringing ? `(${ringing}) ${title}` : title;
  const text = words.filter(Boolean).join(". ").replaceAll(".. ", ". ");
  const whole = text + state + buttons.map(([, name]) => name).join();
  if (line.dataset.shown === whole) return;
  line.dataset.shown = whole;
  live.dataset.state = state;
  const had = line.contains(document.activeElement) ? document.activeElement.id : "";
  line.replaceChildren(text, ...buttons.map(([act, name]) => button(act, name)));
  if (had) byId(had)?.focus();
}

function button(act, name) {
  const made = document.createElement("button");
  made.type = "button";
  made.id = `live-${act.name}`;
  made.textContent = name;
  made.addEventListener("click", () => {
    act();
    show();
  });
  return made;
}

function pause() {
  paused = !paused && !waiting;
  if (paused) return;
  waiting = 0;
  redraw();
}

// On this device, for what rings now.
function silence() {
  alarms.silence();
  keepSilence();
}

function keepSilence() {
  const silenced = JSON.stringify([...alarms.silenced]);
  if (kept && (kept.deskSilenced ?? "[]") !== silenced) kept.deskSilenced = silenced;
}

function snooze() {
  alarms.snoozed = true;
  kept.deskSnoozed = "yes";
}

async function soundOn() {
  if (!(await unlock())) return show();
  const hold = () => {
    sounds = true;
    reported = 0;
    if (fresh.state === "live") report();
    return new Promise(() => {});
  };
  if (locks) locks.request(SOUND, hold);
  else hold();
  show();
}

function sound(state) {
  const due = alarms.due(state);
  if (state === "live" && kept?.deskSnoozed) delete kept.deskSnoozed;
  if (due && sounds) play(due);
}

function countDown() {
  for (const element of document.querySelectorAll("[data-deadline]")) {
    const { text, band } = countdown(Date.parse(element.dataset.deadline), Date.now() + offset);
    if (element.textContent !== text) element.textContent = text;
    const before = element.dataset.band;
    element.dataset.band = band;
    if (element.getAttribute("role") === "timer" && before !== undefined && band > Number(before)) say(text);
  }
}

let staleSaid = 0;
function look() {
  const now = Date.now();
  const state = fresh.look(now);
  // Only a dead feed needs a clock: every other alarm comes with a message.
  if (state === "not-live" && now - staleSaid >= 10_000) {
    staleSaid = now;
    sound(state);
  }
  const silent = state === "delayed" || state === "not-live";
  if (silent && !trying && !document.hidden) tabs?.take();
  if (waiting && !paused && !inUse()) {
    waiting = 0;
    redraw();
  }
  show();
  countDown();
}

function happened(message) {
  alarms.happened(message);
  if (message.alarm && !message.missed) byId("alarm").textContent = `${message.what}: ${message.state}`;
  if (here && here !== message.case) return;
  if (message.missed) missed += 1;
  if (paused || inUse()) {
    waiting += 1;
    return;
  }
  if (location.pathname === "/queue") say(`Queue updated: ${message.state}`);
  redraw();
}

function beat({ now, resumed }) {
  offset = Date.parse(now) - Date.now();
  // A feed that begins anew covers what comes; what was before, the page must bring.
  if (first || (!resumed && fresh.dropped)) redraw();
  first = false;
  if (missed) say(missedWords(missed));
  missed = 0;
  locks?.query().then(({ held }) => (elsewhere = !sounds && held.some(({ name }) => name === SOUND)));
  sendWaiting();
}

function hear(message) {
  trying = message.name === "dropped";
  if (trying) fresh.drop(Date.now());
  else {
    if (message.id) lastId = message.id;
    if (message.name === "case") happened(message);
    if (message.name === "ringing") alarms.set(message.cases);
    if (message.name === "beat") beat(message);
    keepSilence();
    fresh.hear(Date.now());
    sound(fresh.look(Date.now()));
    report();
  }
  look();
}

// Says that somebody looks, and shows who else does.
async function report() {
  if (Date.now() - reported < REPORT) return;
  reported = Date.now();
  const token = document.querySelector("[name=form_token]")?.value ?? "";
  sessionStorage.deskConsole ||= crypto.randomUUID();
  const said = { form_token: token, console: sessionStorage.deskConsole, live: fresh.state === "live", audible: sounds && isOn(), case: here };
  const answer = await fetch("/duty/console", { method: "POST", body: new URLSearchParams(said) }).catch(() => null);
  if (!answer?.ok) return;
  const told = await answer.json();
  watched = told.watched;
  const viewers = byId("viewers");
  if (viewers) viewers.textContent = told.viewers.length ? `Also looking at this case: ${told.viewers.join(", ")}` : "";
  show();
}

function lead(tell) {
  let source;
  let later;
  const connect = () => {
    source = new EventSource(lastId ? `/live?after=${encodeURIComponent(lastId)}` : "/live");
    for (const name of ["ringing", "case", "beat", "away"]) {
      source.addEventListener(name, (event) => tell({ ...JSON.parse(event.data), name, id: event.lastEventId }));
    }
    source.addEventListener("error", () => {
      tell({ name: "dropped" });
      if (source.readyState === EventSource.CLOSED) later = setTimeout(connect, 5_000);
    });
  };
  connect();
  return () => {
    clearTimeout(later);
    source.close();
  };
}

onDrawn(countDown);
tabs = share(`desk-feed-${live.dataset.user}`, { lead, hear });
setInterval(look, 1_000);
if (kept?.deskSound) {
  soundOn();
  document.addEventListener("pointerdown", () => sounds || soundOn());
}
addEventListener("storage", () => {
  alarms.silenced = new Set(JSON.parse(kept.deskSilenced ?? "[]"));
  alarms.snoozed = kept.deskSnoozed === "yes";
  show();
});
