// Nothing counts as recorded before the server says so. A form with `data-queue` is kept and sent
// again when the connection is back: its request_id makes that safe. Every page has this module.

import { redraw } from "./page.mjs";
import { play, unlock } from "./sound.mjs";

const store = globalThis.sessionStorage;
let queue = JSON.parse(store?.deskQueue ?? "[]");
let sending = false;

export const say = (words) => (document.getElementById("announce").textContent = words);

const keep = () => (store.deskQueue = JSON.stringify(queue));

export function waitingWords() {
  return queue.length ? `Not recorded yet: ${queue.map((sent) => sent.what).join(", ")}` : "";
}

// Whether the server has an answer. Only silence is tried again.
async function post({ action, body }) {
  const answer = await fetch(action, { method: "POST", body: new URLSearchParams(body) }).catch(() => null);
  return !answer || answer.status >= 502 ? null : answer;
}

// Sends what is waiting, in order.
export async function sendWaiting() {
  if (sending) return;
  sending = true;
  while (queue.length) {
    const answer = await post(queue[0]);
    if (!answer) break;
    const sent = queue.shift();
    keep();
    const page = new URL(answer.url);
    if (page.pathname === location.pathname || page.pathname.startsWith("/sign-in")) location.assign(page);
    else if (answer.ok) redraw();
    else location.assign(sent.action); // leads to the page that the form is on
  }
  sending = false;
}

async function submit(form, button) {
  const sent = { action: form.action, body: new URLSearchParams(new FormData(form)).toString(), what: form.dataset.queue };
  const answer = await post(sent);
  if (!answer) {
    queue.push(sent);
    keep();
    button.textContent = "Not recorded yet: sent when the connection is back";
  } else if (!answer.ok) form.submit(); // the same request again: its answer is the page to see
  else if (form.dataset.stay === undefined || !answer.url.includes("done=")) location.assign(answer.url);
  else {
    document.activeElement.blur();
    form.reset();
    say(`Recorded: ${sent.what}`);
    redraw();
  }
  return Boolean(answer);
}

async function testSound(form) {
  const heard = await unlock();
  play("concern");
  localStorage.deskSound = "on";
  form.elements.sound_tested.value = heard ? "on" : "";
  setTimeout(() => form.submit(), heard ? 1_900 : 0);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  const button = event.submitter ?? form.querySelector("button");
  if (!form.matches(".desk-form[method=post]") || !button) return;
  if (button.getAttribute("aria-disabled") === "true") return event.preventDefault();
  button.setAttribute("aria-disabled", "true");
  const words = button.textContent;
  if (form.dataset.sound !== undefined) {
    event.preventDefault();
    testSound(form);
  } else if (form.dataset.queue) {
    event.preventDefault();
    button.textContent = "Not recorded yet: sending";
    submit(form, button).then((answered) => {
      if (!answered) return;
      button.textContent = words;
      button.removeAttribute("aria-disabled");
    });
  } else button.textContent = "Not recorded yet: sending";
});
