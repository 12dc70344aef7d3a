// What the live line and the countdowns say, and when. Nothing here touches a page.

export const DELAYED = 25_000; // the feed says something at least every 10 seconds
export const NOT_LIVE = 45_000;
export const HYSTERESIS = 2_000; // a short drop shows nothing
const ASLEEP = 5_000; // looks come every second: after such a gap the machine was asleep
const SPOKEN = [24 * 60, 6 * 60, 60, 15, 0]; // minutes left at which the countdown speaks

export const hour = (at) =>
  new Intl.DateTimeFormat("en-GB", { timeZone: "Europe/London", hour: "numeric", minute: "2-digit", hour12: true })
    .format(at)
    .replace(/\s/g, "")
    .toLowerCase();

export const count = (number, what) => `${number} ${what}${number === 1 ? "" : "s"}`;

// How fresh the page is: "live", "delayed" or "not-live".
export class Freshness {
  constructor(now) {
    this.heard = this.looked = now;
    this.state = "new";
    this.dropped = now; // since when there is no connection
    this.patient = 0; // until when a machine that was asleep is given time
  }

  hear(now) {
    this.heard = now;
    this.dropped = this.patient = 0;
  }

  drop(now) {
    this.dropped ||= now;
  }

  look(now) {
    if (now - this.looked > ASLEEP && !this.patient) this.patient = now + HYSTERESIS;
    this.looked = now;
    if (now < this.patient) return this.state;
    const silent = now - this.heard;
    if (silent >= NOT_LIVE) this.state = "not-live";
    else if (silent >= DELAYED || (this.dropped && now - this.dropped >= HYSTERESIS)) this.state = "delayed";
    else if (!this.dropped) this.state = "live";
    return this.state;
  }

  words(paused) {
    if (this.state === "not-live") return `Not live since ${hour(this.heard)}. Reload this page to see how things stand.`;
    if (this.state === "new") return "Connecting";
    if (this.state === "delayed") return "Delayed: trying to connect again";
    return paused ? "Live, updates paused" : "Live";
  }
}

export function long(minutes) {
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  if (hours === 0) return count(rest, "minute");
  return rest === 0 ? count(hours, "hour") : `${count(hours, "hour")} ${count(rest, "minute")}`;
}

// The countdown to a deadline, and how many of the moments at which it speaks are behind it.
export function countdown(deadline, now) {
  const left = deadline - now;
  const minutes = Math.floor(Math.abs(left) / 60_000);
  const upTo = left > 0 ? minutes + 1 : 0;
  return {
    text: left > 0 ? `${long(minutes)} left` : `Overdue by ${long(minutes)}`,
    band: SPOKEN.filter((limit) => upTo <= limit).length,
  };
}

export const missedWords = (missed) => `${count(missed, "update")} while you were disconnected`;
