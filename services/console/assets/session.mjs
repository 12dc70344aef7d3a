// Says that a session is about to end, and lets it go on: whoever types or clicks in one of its
// windows is there. Never during a decision (R-CON-31): what is written is kept by the server.

const WARN = 5 * 60_000;
const STAY_EVERY = 5 * 60_000;
const LOOK = 15_000;

const place = document.getElementById("session");
const decides = document.querySelector('form[action$="/decision"]') !== null;
const windows = globalThis.BroadcastChannel && new BroadcastChannel("desk-session");

if (place) {
  const seconds = (name) => Number(place.dataset[name]) * 1000;
  const end = Date.now() + seconds("end");
  let idle = Date.now() + seconds("left");
  let asked = Date.now();

  const goesOnUntil = (instant) => {
    idle = Math.max(idle, instant);
    show();
  };

  const stay = async () => {
    asked = Date.now();
    const body = new URLSearchParams({ form_token: place.dataset.token });
    const answer = await fetch("/stay", { method: "POST", body }).catch(() => undefined);
    if (answer?.status !== 204) return;
    goesOnUntil(asked + seconds("idle"));
    windows?.postMessage(idle);
  };

  const show = () => {
    const until = Math.min(idle, end);
    const left = until - Date.now();
    if (decides || left > WARN || left <= 0) {
      place.hidden = true;
      return;
    }
    if (!place.hidden) return;
    const at = new Date(until).toLocaleTimeString("en-GB", { hour: "numeric", minute: "2-digit", hour12: true, timeZone: "Europe/London" });
    const words = document.createElement("p");
    words.textContent = `You will be signed out at ${at.replace(" ", "")}.`;
    words.className = "govuk-body";
    const parts = [words];
    if (end > idle) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "govuk-button govuk-button--secondary";
      button.textContent = "Stay signed in";
      button.addEventListener("click", stay);
      parts.push(button);
    }
    place.replaceChildren(...parts);
    place.hidden = false;
  };

  const isThere = () => {
    if (Date.now() - asked > STAY_EVERY) stay();
  };

  windows?.addEventListener("message", ({ data }) => goesOnUntil(data));
  windows?.postMessage(idle);
  addEventListener("keydown", isThere, { passive: true });
  addEventListener("pointerdown", isThere, { passive: true });
  setInterval(show, LOOK);
  show();
}
