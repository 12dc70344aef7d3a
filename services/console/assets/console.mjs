// The live feed: says how fresh the page is, brings what is new, counts down. The page works
// without it. Markup comes from our own pages by XMLHttpRequest, which parses without running
// anything; nothing here turns text into markup.

const DELAYED = 25_000; // the feed says something at most every 10 seconds
const NOT_LIVE = 45_000;
const HYSTERESIS = 2_000; // a short drop shows nothing
const SPOKEN = [24 * 60, 6 * 60, 60, 15, 0]; // minutes left at which the countdown speaks

const live = document.getElementById("live");
const words = document.getElementById("live-words");
const announce = document.getElementById("announce");
let source;
let lastId = "";
let heard = 0; // when the feed last said something, on this machine's clock
let offset = 0; // the server's clock less this machine's
let dropped = 0; // since when the connection has been down
let missed = 0;
let paused = false;
let waiting = 0; // updates that are held back
let drawing = false;
let again = false;

const hour = (at) =>
  new Intl.DateTimeFormat("en-GB", { timeZone: "Europe/London", hour: "numeric", minute: "2-digit", hour12: true })
    .format(at)
    .replace(" ", "");

function show(state, text) {
  if (live.dataset.state === state && words.dataset.text === text) return;
  live.dataset.state = state;
  words.dataset.text = text;
  const parts = [text];
  if (state !== "not-live") {
    const button = document.createElement("button");
    button.type = "button";
    button.id = "pause";
    button.textContent = paused ? (waiting ? `${waiting} new – show and go on` : "Go on updating") : "Pause updates";
    button.addEventListener("click", pause);
    parts.push(button);
  }
  const had = document.activeElement?.id === "pause";
  words.replaceChildren(...parts);
  if (had) document.getElementById("pause")?.focus();
}

function pause() {
  paused = !paused;
  if (!paused) redraw();
  words.dataset.text = "";
  look();
}

function look() {
  const now = Date.now();
  const silent = now - heard;
  if (silent >= NOT_LIVE) show("not-live", `Not live since ${hour(heard)}. Reload this page to see how things stand.`);
  else if (silent >= DELAYED || (dropped && now - dropped >= HYSTERESIS)) show("delayed", "Delayed: trying to connect again");
  else if (!dropped) show("live", paused ? "Live, updates paused" : "Live");
  countDown();
}

function countDown() {
  const now = Date.now() + offset;
  for (const element of document.querySelectorAll("[data-deadline]")) {
    const left = Date.parse(element.dataset.deadline) - now;
    const minutes = Math.floor(Math.abs(left) / 60_000);
    const text = left > 0 ? `${long(minutes)} left` : `Overdue by ${long(minutes)}`;
    if (element.textContent !== text) element.textContent = text;
    speak(element, left > 0 ? minutes + 1 : 0, text);
  }
}

function speak(element, left, text) {
  const band = SPOKEN.filter((limit) => left <= limit).length;
  const before = element.dataset.band;
  element.dataset.band = String(band);
  if (element.getAttribute("role") === "timer" && before !== undefined && band > Number(before)) announce.textContent = text;
}

function long(minutes) {
  const count = (number, what) => `${number} ${what}${number === 1 ? "" : "s"}`;
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  if (hours === 0) return count(rest, "minute");
  return rest === 0 ? count(hours, "hour") : `${count(hours, "hour")} ${count(rest, "minute")}`;
}

// Brings this page anew and swaps its live parts; a part with the focus in it stays as it is.
function redraw() {
  if (drawing) {
    again = true;
    return;
  }
  drawing = true;
  waiting = 0;
  const request = new XMLHttpRequest();
  request.open("GET", location.pathname + location.search.replace(/[?&]done=\w+/, ""));
  request.responseType = "document";
  request.addEventListener("loadend", () => {
    drawing = false;
    const fresh = request.status === 200 ? request.response : null;
    if (fresh?.getElementById("live")) swap(fresh);
    if (again) {
      again = false;
      redraw();
    }
  });
  request.send();
}

function swap(fresh) {
  for (const part of document.querySelectorAll("[data-swap]")) {
    const next = fresh.getElementById(part.id);
    if (!next || part.contains(document.activeElement)) continue;
    part.replaceChildren(...document.importNode(next, true).childNodes);
  }
  const etag = (page) => page.querySelector("#act [name=etag]")?.value ?? "";
  const changed = document.getElementById("changed");
  if (changed) changed.hidden = etag(document) === etag(fresh);
  else if (etag(fresh)) location.reload(); // there is something to do now, and no form to lose
  countDown();
}

function happened(event) {
  const what = JSON.parse(event.data);
  const here = location.pathname;
  if (here.startsWith("/cases/") && !here.startsWith(`/cases/${what.case}`)) return;
  if (what.missed) missed += 1;
  if (paused) {
    waiting += 1;
    words.dataset.text = "";
    return;
  }
  if (here === "/queue") announce.textContent = `Queue updated: ${what.state}`;
  redraw();
}

function beat(event) {
  const { now, resumed } = JSON.parse(event.data);
  offset = Date.parse(now) - Date.now();
  // A feed that begins anew covers what comes; what was before, the page must bring.
  if (!resumed && dropped) redraw();
  if (missed) announce.textContent = `${missed} update${missed === 1 ? "" : "s"} while you were disconnected`;
  missed = 0;
  dropped = 0;
}

function connect() {
  source = new EventSource(lastId ? `/live?after=${encodeURIComponent(lastId)}` : "/live");
  const on = (name, act) =>
    source.addEventListener(name, (event) => {
      heard = Date.now();
      if (event.lastEventId) lastId = event.lastEventId;
      act(event);
      look();
    });
  on("case", happened);
  on("beat", beat);
  on("away", () => {});
  source.addEventListener("error", () => {
    dropped ||= Date.now();
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, 5_000);
  });
}

if (live) {
  heard = Date.now();
  dropped = heard; // the first beat brings what happened since the page was made
  connect();
  setInterval(look, 1_000);
}

// Nothing counts as recorded before the server says so.
for (const form of document.querySelectorAll(".desk-form")) {
  form.addEventListener("submit", (event) => {
    const button = form.querySelector("button");
    if (button.getAttribute("aria-disabled") === "true") {
      event.preventDefault();
      return;
    }
    button.setAttribute("aria-disabled", "true");
    button.textContent = "Not recorded yet: sending";
  });
}
