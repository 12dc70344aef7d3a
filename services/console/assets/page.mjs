// Brings this page anew and swaps its live parts. Markup comes from our own pages by XMLHttpRequest,
// which parses without running anything; nothing here turns text into markup.

let drawing = false;
let again = false;
let drawn = () => {};

export const onDrawn = (act) => (drawn = act);

// Whether somebody is filling in a form that a swap would take away.
export function inUse() {
  const filled = [...document.querySelectorAll("[data-swap] textarea")].some((area) => area.value !== area.defaultValue);
  return filled || Boolean(document.activeElement?.closest("[data-swap] form"));
}

export function redraw() {
  if (drawing) {
    again = true;
    return;
  }
  drawing = true;
  const request = new XMLHttpRequest();
  request.open("GET", location.pathname + location.search.replace(/[?&]done=[\w-]+/, ""));
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

// A part with the focus in it stays as it is.
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
  drawn();
}
