import assert from "node:assert/strict";
import { test } from "node:test";
import { share } from "../../assets/tabs.mjs";

// A browser's tabs: channels that reach all others, and locks that one holds at a time.
class Browser {
  channels = [];
  queue = [];
  holder = null;

  channel() {
    const browser = this;
    return class {
      constructor(name) {
        this.name = name;
        browser.channels.push(this);
      }
      postMessage(data) {
        for (const other of browser.channels) if (other !== this && other.name === this.name) other.onmessage?.({ data });
      }
    };
  }

  locks() {
    return {
      request: (_, options, hold) =>
        new Promise((done, refused) => {
          const request = { hold, done, refused };
          if (options.steal) {
            this.holder?.refused(new Error("stolen"));
            this.holder = null;
            this.grant(request);
          } else {
            this.queue.push(request);
            this.next();
          }
        }),
    };
  }

  next() {
    if (!this.holder && this.queue.length) this.grant(this.queue.shift());
  }

  grant(request) {
    this.holder = request;
    request.hold().then(request.done);
  }

  // The tab that holds the lock is closed.
  close() {
    this.holder = null;
    this.next();
  }
}

function tab(browser, feeds) {
  const heard = [];
  const shared = share("desk-feed-desk-1", {
    lead: (say) => {
      const feed = { say, closed: false };
      feeds.push(feed);
      return () => (feed.closed = true);
    },
    hear: (message) => heard.push(message.name + (message.id ?? "")),
    locks: browser?.locks() ?? null,
    Channel: browser?.channel() ?? null,
  });
  return { heard, shared };
}

const settled = () => new Promise((go) => setImmediate(go));

test("r_con_2_eight_tabs_share_one_feed_and_each_hears_everything", async () => {
  const [browser, feeds] = [new Browser(), []];
  const tabs = Array.from({ length: 8 }, () => tab(browser, feeds));
  assert.equal(feeds.length, 1);
  feeds[0].say({ name: "case", id: 1 });
  feeds[0].say({ name: "beat", id: 2 });
  for (const { heard } of tabs) assert.deepEqual(heard, ["case1", "beat2"]);
});

test("r_con_2_when_the_leading_tab_is_closed_another_leads", async () => {
  const [browser, feeds] = [new Browser(), []];
  tab(browser, feeds);
  const other = tab(browser, feeds);
  browser.close();
  assert.equal(feeds.length, 2);
  feeds[1].say({ name: "beat", id: 3 });
  assert.deepEqual(other.heard, ["beat3"]);
});

test("r_con_2_a_tab_that_falls_silent_loses_the_lead_and_closes_its_feed", async () => {
  const [browser, feeds] = [new Browser(), []];
  tab(browser, feeds);
  const other = tab(browser, feeds);
  other.shared.take();
  await settled();
  assert.equal(feeds.length, 2);
  assert.equal(feeds[0].closed, true);
  assert.equal(feeds[1].closed, false);
  other.shared.take();
  await settled();
  assert.equal(feeds.length, 2, "whoever leads takes nothing");
});

test("r_con_8_a_tab_that_comes_later_is_told_at_once_what_rings_and_how_fresh_it_is", () => {
  const [browser, feeds] = [new Browser(), []];
  tab(browser, feeds);
  feeds[0].say({ name: "ringing", cases: ["a"] });
  feeds[0].say({ name: "dropped" });
  feeds[0].say({ name: "beat", id: 5 });
  assert.deepEqual(tab(browser, feeds).heard, ["ringing", "beat5"]);
});

test("r_con_2_where_a_browser_can_not_share_each_tab_has_a_feed_of_its_own", () => {
  const feeds = [];
  const tabs = [tab(null, feeds), tab(null, feeds)];
  assert.equal(feeds.length, 2);
  feeds[1].say({ name: "beat", id: 9 });
  assert.deepEqual([tabs[0].heard, tabs[1].heard], [[], ["beat9"]]);
});
