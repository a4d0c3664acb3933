// The knobs of the dark room: a slider for every number of the recipe, a choice for the rest.

import { make } from "./wall.js";
import { say } from "./words.js";

const PENCIL = ["pencil-sigma-s", "pencil-sigma-r", "pencil-shade", "strength"];
const OF_STYLE = {
  sketch: PENCIL,
  "color-pencil": PENCIL,
  oil: ["oil-size", "oil-levels", "strength"],
  watercolor: ["watercolor-sigma-s", "watercolor-sigma-r", "strength"],
};
const OF_PRINT = ["quality", "styles", "format", "encode-quality"];
const STEPS = 200; // of a slider whose numbers are not whole

export const fieldsOf = (style) => OF_STYLE[style];

/** Fills `element` with the knobs of a style. */
export function styleKnobs(studio, element, style) {
  element.replaceChildren(...fieldsOf(style).map((name) => slider(studio, name)));
}

/** Fills `element` with what concerns the files, whatever the style. */
export function printKnobs(studio, element) {
  element.replaceChildren(...OF_PRINT.map((name) => (name === "encode-quality" ? slider : choice)(studio, name)));
}

function slider(studio, name) {
  const field = studio.grammar.fields.get(name);
  const knob = make("div", "knob");
  const input = Object.assign(make("input", ""), { type: "range", id: `knob-${name}` });
  const label = make("label", "", say(name));
  const value = make("output", "");
  label.htmlFor = value.htmlFor = input.id;
  const scale = scaleOf(field);
  Object.assign(input, { min: scale.min, max: scale.max, step: 1 });
  const show = () => {
    const now = studio.recipe[name];
    if (document.activeElement !== input || scale.toNumber(input.valueAsNumber) !== now) input.value = scale.toStep(now);
    value.textContent = input.ariaValueText = name === "strength" ? `${now} %` : String(now);
    input.style.setProperty("--at", (input.value - scale.min) / (scale.max - scale.min));
  };
  input.addEventListener("input", () => {
    studio.change({ [name]: scale.toNumber(input.valueAsNumber) });
    show();
  });
  knob.append(label, value, input);
  knob.refresh = show;
  show();
  return knob;
}

/** Between the steps of a range input and numbers: by ratios where the range spans several powers of ten. */
function scaleOf({ type, minimum: low, maximum: high }) {
  if (type === "integer") return { min: low, max: high, toNumber: (step) => step, toStep: (number) => number };
  const ratio = high / low;
  return {
    min: 0,
    max: STEPS,
    toNumber: (step) => Math.min(high, Math.max(low, Number((low * ratio ** (step / STEPS)).toPrecision(2)))),
    toStep: (number) => Math.round((STEPS * Math.log(number / low)) / Math.log(ratio)),
  };
}

function choice(studio, name) {
  const field = studio.grammar.fields.get(name);
  const set = make("fieldset", "choice");
  set.append(make("legend", "", say(name)));
  const several = field.type === "array";
  const inputs = (field.enum ?? field.items.enum).map((value) => {
    const input = Object.assign(make("input", ""), { type: several ? "checkbox" : "radio", name, value });
    const label = make("label", "");
    label.append(input, make("span", "", name === "format" ? value.toUpperCase() : say(value)));
    set.append(label);
    return input;
  });
  const show = () => {
    const now = [studio.recipe[name]].flat();
    for (const input of inputs) input.checked = now.includes(input.value);
  };
  set.addEventListener("change", ({ target }) => {
    const chosen = inputs.filter((input) => input.checked).map((input) => input.value);
    if (!chosen.length) return show(); // the last one stays on the wall
    // Another size brings the styles of its own.
    studio.change(several ? { styles: chosen } : { [name]: target.value, ...(name === "quality" && { styles: undefined }) });
  });
  set.refresh = show;
  show();
  return set;
}
