// Parses docs/asyncapi.json with AsyncAPI's own parser, and fails on any error or warning.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [tools, file] = process.argv.slice(2);
const { Parser } = createRequire(`${tools}/`)("@asyncapi/parser");
const { document, diagnostics } = await new Parser().parse(readFileSync(file, "utf8"));
// 3 and 2 are information and hints, such as that a newer version of the specification exists.
const found = diagnostics.filter(({ severity }) => severity <= 1);
for (const { path, message } of found) console.error(`${file}: ${path.join(".")}: ${message}`);
if (!document || found.length > 0) process.exit(1);
const messages = document.components().messages().all().length;
const channels = document.channels().all().length;
console.log(`${file}: ${messages} messages, ${channels} channels`);
