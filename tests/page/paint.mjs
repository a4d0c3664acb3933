// Paints what comes in on standard input with kernels.wasm and prints one hash per painting.
//
// A line of JSON for each photo, {width, height, groups: {group: params}}, each followed by its BGR bytes.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

const [page] = process.argv.slice(2);
const { Painter } = await import(`${page}/painter.js`);
const module = await WebAssembly.compile(readFileSync(new URL(`${page}/kernels.wasm`)));
const painter = new Painter(await WebAssembly.instantiate(module));

const input = readFileSync(0);
let at = 0;
while (at < input.length) {
  const end = input.indexOf(10, at);
  const { width, height, groups } = JSON.parse(input.subarray(at, end));
  const bytes = 3 * width * height;
  painter.load(input.subarray(end + 1, end + 1 + bytes), width, height);
  at = end + 1 + bytes;
  const hashes = {};
  for (const [group, params] of Object.entries(groups))
    for (const [style, painting] of Object.entries(painter.paint(group, params)))
      hashes[style] = createHash("sha256").update(painting).digest("hex");
  console.log(JSON.stringify(hashes));
}
