// Takes a picture of each page and state but for refused forms: see ./pictures.
import { walk } from "./walk.mjs";

const folder = process.env.VISITS_PICTURES;
const visit = async (row, page) => {
  // What a refused form looks like, the judgement of the pages sees.
  if (row.name.endsWith("-errors")) return;
  for (const width of [1280, 320]) {
    await page.setViewportSize({ width, height: 800 });
    await page.screenshot({ path: `${folder}/${row.name}-${width}.png`, fullPage: true, animations: "disabled" });
  }
};
const faults = await walk(visit, { scripts: [true] });
for (const fault of faults) console.error(fault);
process.exitCode = faults.length ? 1 : 0;
