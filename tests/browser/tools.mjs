// The runner of the browser and axe-core, from where ./run has put them.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const folder = process.env.VISITS_BROWSER_TOOLS;
if (!folder) throw new Error("run tests/browser/run, which brings the tools");
const require = createRequire(join(folder, "none.js"));

export const { chromium } = require("playwright-core");
export const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
