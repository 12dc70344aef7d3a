// One tab holds the feed and passes on what it says to the others: browsers allow six connections to
// a host, and each feed takes one. Where a browser can't do that, each tab has a feed of its own.

const KEPT = ["ringing", "beat", "dropped"]; // what a tab that comes later is told at once

// `lead(say)` opens the feed and answers with what closes it; `hear(message)` gets each message, in
// every tab. `take()` takes the lead from a tab that has fallen silent.
export function share(name, { lead, hear, locks = globalThis.navigator?.locks, Channel = globalThis.BroadcastChannel }) {
  if (!locks || !Channel) {
    lead(hear);
    return { take() {} };
  }
  const channel = new Channel(name);
  let latest = {};
  let end = null; // gives the lead up
  const say = (message) => {
    latest[message.name] = message;
    if (message.name === "beat") delete latest.dropped;
    channel.postMessage(message);
    hear(message);
  };
  channel.onmessage = ({ data }) => {
    if (data.name !== "hello") return hear(data);
    if (end) for (const kept of KEPT) if (latest[kept]) channel.postMessage(latest[kept]);
  };
  const hold = (options) => {
    const held = locks.request(name, options, () => {
      latest = {};
      const close = lead(say);
      return new Promise((given) => (end = given)).then(close);
    });
    held.catch(() => {
      // Another tab took the lead. Wait until it gives it up.
      end?.();
      end = null;
      hold({});
    });
  };
  hold({});
  channel.postMessage({ name: "hello" });
  return { take: () => end || hold({ steal: true }) };
}
