// A recipe: what to paint, as a query string. The fields come from recipe.json, which is the table of the API.

const LONGEST_TEXT = 2000;

/** A recipe that can't be read: the field, what was expected and what came. */
export class BadRecipe extends Error {
  constructor(field, expected, got) {
    super(`${field}: expected ${expected}, got ${JSON.stringify(got)}`);
    Object.assign(this, { name: "BadRecipe", field, expected, got });
  }
}

export class Grammar {
  /** @param table what recipe.json holds */
  constructor(table) {
    this.fields = new Map(table.fields.map((field) => [field.name, field]));
    this.tiers = table.tiers;
  }

  /** Reads a query string: only what it asks for. Throws BadRecipe. */
  parse(text) {
    if (text.length > LONGEST_TEXT) throw new BadRecipe("recipe", `at most ${LONGEST_TEXT} characters`, text.length);
    const asked = {};
    for (const [name, value] of new URLSearchParams(text)) {
      const field = this.fields.get(name);
      if (!field) throw new BadRecipe("recipe", [...this.fields.keys()].join(", "), name);
      if (name in asked) throw new BadRecipe(name, "it once", value);
      asked[name] = read(field, value);
    }
    return asked;
  }

  /** Every field of the recipe that `asked` leads to; long-side is null where the photo stays as it came. */
  resolve(asked) {
    const plain = this.plain(asked.quality);
    return { ...plain, ...asked };
  }

  /** The recipe of a quality alone. */
  plain(quality = this.fields.get("quality").default) {
    const defaults = Object.fromEntries([...this.fields.values()].map((field) => [field.name, field.default]));
    return { ...defaults, ...this.tiers[quality], quality };
  }

  /** The shortest query string: what follows from the quality or is a default is left out. */
  text(asked) {
    const recipe = this.resolve(asked);
    const plain = this.plain(asked.quality);
    const written = [];
    for (const [name, field] of this.fields) {
      const follows = name === "quality" ? field.default : plain[name];
      if (write(recipe[name]) !== write(follows)) written.push(`${name}=${write(recipe[name])}`);
    }
    return written.join("&");
  }
}

function read(field, text) {
  const value = readers[field.kind](field, text.trim());
  if (value === undefined) throw new BadRecipe(field.name, expected(field), text);
  return value;
}

const readers = {
  one: (field, text) => field.values.find((value) => value === text.toLowerCase()),
  some: (field, text) => {
    const names = text.toLowerCase().split(/[ ,+]+/);
    if (!names.every((name) => field.values.includes(name))) return undefined;
    return field.values.filter((value) => names.includes(value));
  },
  number: (field, text) => within(field, /^\d{1,9}(\.\d{1,20})?$/.test(text), Number(text)),
  whole: (field, text) => within(field, /^\d{1,9}$/.test(text), Number(text)),
};

function within({ low, high }, isNumber, value) {
  return isNumber && low <= value && value <= high ? value : undefined;
}

function expected({ kind, values, low, high }) {
  if (kind === "whole" || kind === "number") return `a ${kind === "whole" ? "whole " : ""}number from ${low} to ${high}`;
  return `${values.slice(0, -1).join(", ")} or ${values.at(-1)}`;
}

const write = (value) => (Array.isArray(value) ? value.join("+") : String(value));

/** The sides of a painting: those of the photo, reduced to the recipe's longest side; never enlarged. */
export function sizeOf({ width, height }, longSide) {
  const scale = Math.min(1, (longSide ?? Infinity) / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/**
 * What the painter is told for one group of styles.
 * @param {number} painted long side of what is painted, in pixels
 * @param {number} meant long side of the painting that the recipe is meant for; a preview is smaller
 */
export function paramsOf(recipe, group, painted, meant) {
  const scale = painted / (recipe.brush === "picture" ? 1600 : meant);
  if (group === "oil") {
    const size = Math.min(64, Math.max(1, Math.round(recipe["oil-size"] * scale)));
    return { size, levels: recipe["oil-levels"] };
  }
  const reach = { sigmaS: recipe[`${group}-sigma-s`] * scale, sigmaR: recipe[`${group}-sigma-r`] };
  return group === "pencil" ? { ...reach, shade: recipe["pencil-shade"] } : reach;
}
