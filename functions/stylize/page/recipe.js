// A recipe: what to paint, as a query string. The fields come from recipe.json, which is the table of the API.

const LONGEST_TEXT = 2000;
const PICTURE_SIDE = 1600; // long side, in pixels, on which both brushes are the same
const WIDEST_LINE = 64;

/** A recipe that can't be read: the field, what was expected and what came. */
export class BadRecipe extends Error {
  constructor(field, expected, got) {
    super(`${field}: expected ${expected}, got ${JSON.stringify(got)}`);
    Object.assign(this, { name: "BadRecipe", field, expected, got });
  }
}

export class Grammar {
  /** @param table what recipe.json holds: fields as in JSON Schema, and what each quality changes */
  constructor(table) {
    this.fields = new Map(table.fields.map((field) => [field.name, field]));
    this.tiers = table.tiers;
  }

  /** Reads a query string: only what it asks for. Throws BadRecipe. */
  parse(text) {
    if (text.length > LONGEST_TEXT) throw new BadRecipe("recipe", `at most ${LONGEST_TEXT} characters`, text.length);
    const asked = {};
    const given = new URLSearchParams(text);
    for (const name of new Set(given.keys())) {
      const field = this.fields.get(name);
      if (!field) throw new BadRecipe("recipe", [...this.fields.keys()].join(", "), name);
      const [value, ...more] = given.getAll(name);
      if (more.length && field.type !== "array") throw new BadRecipe(name, "it once", more[0]);
      asked[name] = read(field, [value, ...more].join("+"));
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

  /**
   * What the painter is told for one group of styles.
   * @param {number} painted long side of what is painted, in pixels
   * @param {number} meant long side of the painting that the recipe is meant for; a preview is smaller
   */
  params(recipe, group, painted, meant) {
    const scale = painted / (recipe.brush === "picture" ? PICTURE_SIDE : meant);
    const line = Math.min(Math.max(Math.floor(scale + 0.5), 1), WIDEST_LINE);
    const scaled = (name, factor) => this.#scaled(name, recipe[name], factor);
    if (group === "oil") return { size: scaled("oil-size", scale), levels: recipe["oil-levels"], line };
    const reach = { sigmaS: scaled(`${group}-sigma-s`, scale), sigmaR: recipe[`${group}-sigma-r`], line };
    if (group === "watercolor") return reach;
    // A stroke reaches more pixels, of which one in `line` counts; why that power, styles/pencil.py says.
    const shade = scale >= 1 ? line / scale : 1 / (Math.sqrt(scale) * Math.sqrt(Math.sqrt(scale)));
    return { ...reach, shade: scaled("pencil-shade", shade) };
  }

  /** As far as the field's range goes; halves are rounded up. */
  #scaled(name, value, factor) {
    const { type, minimum, maximum } = this.fields.get(name);
    const product = type === "integer" ? Math.floor(value * factor + 0.5) : value * factor;
    return Math.min(Math.max(product, minimum), maximum);
  }
}

function read(field, text) {
  const value = readers[field.type](field, text.trim());
  if (value === undefined) throw new BadRecipe(field.name, expected(field), text);
  return value;
}

const readers = {
  string: (field, text) => field.enum.find((value) => value === text.toLowerCase()),
  array: ({ items }, text) => {
    const names = text.toLowerCase().split(/[ ,+]+/);
    return names.every((name) => items.enum.includes(name)) ? items.enum.filter((value) => names.includes(value)) : undefined;
  },
  number: (field, text) => within(field, /^\d{1,9}(\.\d{1,20})?$/.test(text), Number(text)),
  integer: (field, text) => within(field, /^\d{1,9}$/.test(text), Number(text)),
};

function within({ minimum, maximum }, isNumber, value) {
  return isNumber && minimum <= value && value <= maximum ? value : undefined;
}

function expected({ type, enum: values, items, minimum, maximum }) {
  if (minimum !== undefined) return `a ${type === "integer" ? "whole " : ""}number from ${minimum} to ${maximum}`;
  const names = values ?? items.enum;
  return `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
}

const write = (value) => (Array.isArray(value) ? value.join("+") : String(value));

/** The sides of a painting: those of the photo, reduced to the recipe's longest side; never enlarged. */
export function sizeOf({ width, height }, longSide) {
  const scale = Math.min(1, (longSide ?? Infinity) / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}
