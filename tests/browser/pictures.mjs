// Takes a picture of each page and state: see ./pictures.
import { walk } from "./walk.mjs";

const folder = process.env.VISITS_PICTURES;
const visit = async (row, page) => {
  for (const width of [1280, 320]) {
    await page.setViewportSize({ width, height: 800 });
    await page.screenshot({ path: `${folder}/${row.name}-${width}.png`, fullPage: true, animations: "disabled" });
  }
};
const faults = await walk(visit, { scripts: [true] });
for (const fault of faults) console.error(fault);
process.exitCode = faults.length ? 1 : 0;
