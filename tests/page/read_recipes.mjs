// Reads recipes, a line of JSON each: [text, long side in pixels]. Prints of each the shortest text and what the painter
// is told, or null where it is refused.

import { readFileSync } from "node:fs";

const [page] = process.argv.slice(2);
const { Grammar } = await import(`${page}/recipe.js`);
const grammar = new Grammar(JSON.parse(readFileSync(new URL(`${page}/recipe.json`))));

for (const line of readFileSync(0, "utf8").split("\n").filter(Boolean)) {
  const [text, side] = JSON.parse(line);
  let answer = null;
  try {
    const asked = grammar.parse(text);
    const params = ["pencil", "oil", "watercolor"].map((group) => grammar.params(grammar.resolve(asked), group, side, side));
    answer = [grammar.text(asked), ...params];
  } catch (error) {
    if (error.name !== "BadRecipe") throw error;
  }
  console.log(JSON.stringify(answer));
}
