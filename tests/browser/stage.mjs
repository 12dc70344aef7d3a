// A `visits serve` of its own on a new data folder, with an invented visit under way. Its clock is
// driven by a file, unless the machine's is asked for.
import { execFile, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import readline from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const BINARY = process.env.VISITS_BINARY;
const SPOIL = new URL("spoil.py", import.meta.url).pathname;
const run = promisify(execFile);
// Friday 23 October 2020, 11:50 in England: the last school day before was Thursday.
export const FRIDAY = "2020-10-23T10:50:00Z";

export async function begin({ driven = true, at = FRIDAY } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "visits-browser-"));
  const clock = join(folder, "clock");
  const tell = (instant) => {
    writeFileSync(`${clock}.new`, instant);
    renameSync(`${clock}.new`, clock);
  };
  if (driven) tell(at);
  const clockWords = driven ? ["--clock-file", clock, "--insecure-driven-clock"] : [];
  const words = ["--data", "data", ...clockWords];
  const server = spawn(BINARY, ["serve", "--example", "--listen", "127.0.0.1:0", ...words], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const said = readline.createInterface({ input: server.stdout })[Symbol.asyncIterator]();
  const address = async (what) => {
    const { value } = await said.next();
    if (!value?.startsWith(what)) throw new Error(`the server said ${value}`);
    return value.slice(what.length);
  };
  const services = await address("listening on ");
  const console = await address("console on ");
  const visits = async (...args) => {
    const { stdout } = await run(BINARY, [...args, "--server", services, ...words], { cwd: folder });
    return stdout;
  };
  let moved = 0;
  return {
    folder,
    console,
    services,
    visits,
    /** How often the clock was moved: sessions may have ended since. */
    moved: () => moved,
    goTo(instant) {
      moved += 1;
      tell(instant);
    },
    /** The school's page behind the link of the latest message to it; waits until there is one. */
    async check() {
      const box = join(folder, "data", "mailbox");
      for (const patience = Date.now() + 60_000; Date.now() < patience; await sleep(50)) {
        const links = messages(box).flatMap((text) => text.match(/\/letters\/check\/[0-9a-f]{64}/g) ?? []);
        if (links.length) return new URL(links.at(-1), services).href;
      }
      throw new Error("no message to the school has a link");
    },
    /** The lead raises a concern; the address of its case's page. */
    async raise(area = "leadership-and-management", seen = "Nobody could say who runs the school this week.") {
      const [visit] = JSON.parse(await visits("visit", "list", "--output", "json")).visits;
      const raised = ["--visit", visit.name, "--id", "HMI-007", "--area", area, "--seen", seen];
      return `/${JSON.parse(await visits("case", "raise", ...raised, "--output", "json")).name}`;
    },
    /** Letters hears something that it can't handle. */
    async spoil() {
      await run("python3", [SPOIL, join(folder, "data")]);
    },
    async end() {
      const ended = new Promise((resolve) => server.once("exit", resolve));
      server.kill("SIGTERM");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

// Messages, the earlier ones first.
function messages(box) {
  const names = existsSync(box) ? readdirSync(box).filter((name) => !name.startsWith(".")) : [];
  return names.sort().map((name) => readFileSync(join(box, name), "utf8"));
}

/** A way to the console that can be cut, and healed. */
export async function wire(target) {
  const { hostname, port } = new URL(target);
  const open = new Set();
  let isCut = false;
  const proxy = net.createServer((near) => {
    if (isCut) return near.destroy();
    const far = net.connect(Number(port), hostname);
    for (const [from, to] of [[near, far], [far, near]]) {
      open.add(from);
      from.pipe(to);
      from.on("error", () => to.destroy());
      from.on("close", () => {
        open.delete(from);
        to.destroy();
      });
    }
  });
  await new Promise((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const cut = () => {
    isCut = true;
    for (const socket of open) socket.destroy();
  };
  return {
    address: `http://127.0.0.1:${proxy.address().port}`,
    cut,
    heal: () => (isCut = false),
    end: () => {
      cut();
      proxy.close();
    },
  };
}
