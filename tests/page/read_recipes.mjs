// Reads recipes, a line of JSON each, and prints of each the shortest text, or what is wrong with it.

import { readFileSync } from "node:fs";

const [page] = process.argv.slice(2);
const { Grammar } = await import(`${page}/recipe.js`);
const grammar = new Grammar(JSON.parse(readFileSync(new URL(`${page}/recipe.json`))));

for (const line of readFileSync(0, "utf8").split("\n").filter(Boolean)) {
  let answer;
  try {
    answer = { text: grammar.text(grammar.parse(JSON.parse(line))) };
  } catch (error) {
    answer = { refused: error.field };
  }
  console.log(JSON.stringify(answer));
}
