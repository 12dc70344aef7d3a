// Which alarms sound on this device. What is silenced here is not acknowledged: only the server says so.

export class Alarms {
  constructor(silenced = [], snoozed = false) {
    this.ringing = new Set(); // cases that nobody has acknowledged
    this.silenced = new Set(silenced); // of these, silent on this device
    this.snoozed = snoozed; // the alarm about the feed, and no other
    this.once = false; // something that sounds once
  }

  // What the server says at the begin of a feed: these, and no others.
  set(cases) {
    this.ringing = new Set(cases);
    for (const id of this.silenced) if (!this.ringing.has(id)) this.silenced.delete(id);
  }

  happened({ case: id, alarm, open }) {
    if (alarm === "ring") {
      this.ringing.add(id);
      this.silenced.delete(id); // a further concern is a new one
    } else if (alarm) this.once = true;
    if (!open) {
      this.ringing.delete(id);
      this.silenced.delete(id);
    }
  }

  silence() {
    for (const id of this.ringing) this.silenced.add(id);
  }

  loud() {
    return [...this.ringing].filter((id) => !this.silenced.has(id));
  }

  // The sound that is due with this message, or with the feed in this state.
  due(state) {
    const once = this.once;
    this.once = false;
    if (this.loud().length) return "concern";
    if (once) return "notice";
    if (state !== "not-live") this.snoozed = false;
    return state === "not-live" && !this.snoozed ? "stale" : "";
  }
}
