// Goes through the table of pages on one scene.
import { begin } from "./stage.mjs";
import { crowd, isLive, signIn } from "./people.mjs";
import { PAGES } from "./pages.mjs";

/** Calls `visit(row, page, script)` with each page and state, with script and without. */
export async function walk(visit, { scripts = [true, false] } = {}) {
  const scene = await begin();
  const { person, faults, end } = await crowd(scene.console);
  const known = new Map();
  const as = async (who, path, script = true) => {
    const key = `${who} ${script}`;
    if (who === "nobody" || known.get(key)?.moved !== scene.moved()) {
      await known.get(key)?.page.context().close();
      const { page } = await person({ script });
      if (who !== "nobody") await signIn(page, who);
      known.set(key, { page, moved: scene.moved() });
    }
    const { page } = known.get(key);
    await page.goto(path);
    return page;
  };
  try {
    for (const row of PAGES) {
      await row.before?.(scene, as);
      const path = typeof row.path === "function" ? row.path(scene) : row.path;
      for (const script of scripts) {
        const page = await as(row.who, path, script);
        if (script && (await page.locator("#live").count())) await isLive(page);
        await row.then?.(page, scene);
        // Another page may have come, which says that it is live a moment later.
        if (script && row.then && (await page.locator("#live").count())) await isLive(page);
        await visit(row, page, script);
      }
    }
  } finally {
    await end();
    await scene.end();
  }
  return faults;
}
