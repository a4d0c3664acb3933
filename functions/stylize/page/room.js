// The dark room: one painting, wiped against its photo, with the knobs of its recipe.

import { fieldsOf, printKnobs, styleKnobs } from "./knobs.js";
import { Loupe } from "./loupe.js";
import { draw, make } from "./wall.js";
import { say } from "./words.js";

const find = (id) => document.getElementById(id);

export class Room {
  style;

  /** @param {(style: string) => void} left called when the room is left, with the painting that was worked on */
  constructor(studio, left) {
    Object.assign(this, { studio, dialog: find("room"), wipe: find("wipe") });
    this.loupe = new Loupe(studio, () => this.style);
    this.wipe.addEventListener("input", () => this.#wipe());
    find("reset").addEventListener("click", () => this.#reset());
    find("leave").addEventListener("click", () => this.dialog.close());
    find("loupe").addEventListener("click", () => this.loupe.toggle());
    this.dialog.addEventListener("close", () => {
      this.loupe.close();
      left(this.style);
    });
    studio.addEventListener("painting", ({ detail }) => detail.style === this.style && this.dialog.open && this.#draw());
    studio.addEventListener("recipe", () => this.dialog.open && this.#refresh());
  }

  enter(style) {
    const { photo } = this.studio;
    if (!photo?.preview) return;
    find("print").style.setProperty("--ratio", photo.preview.width / photo.preview.height);
    show("under", photo.preview.rgba, photo);
    find("loupe").hidden = Boolean(photo.refused || !this.studio.pool);
    printKnobs(this.studio, find("print-knobs"));
    find("sizes").open ||= matchMedia("(min-width: 52rem) and (min-height: 46rem)").matches;
    this.#choose(style);
    if (!this.dialog.open) this.dialog.showModal();
    this.#wipe();
    this.wipe.focus({ focusVisible: false });
  }

  #choose(style) {
    this.style = style;
    const { styles } = this.studio.recipe;
    find("works").replaceChildren(...styles.map((other) => this.#tab(other)));
    find("room-title").textContent = say(style);
    find("room-medium").textContent = `${say(`${style}-medium`)} · ${say("after", this.studio.photo)}`;
    styleKnobs(this.studio, find("knobs"), style);
    this.#draw();
    this.loupe.refresh();
  }

  #tab(style) {
    const tab = make("button", "tab", say(style));
    tab.ariaPressed = String(style === this.style);
    tab.addEventListener("click", () => {
      this.#choose(style);
      find("works").querySelector("[aria-pressed=true]").focus();
    });
    return tab;
  }

  #draw() {
    show("over", this.studio.paintings[this.style], this.studio.photo);
  }

  #refresh() {
    const { styles } = this.studio.recipe;
    if (!styles.includes(this.style) || find("works").childElementCount !== styles.length)
      this.#choose(styles.includes(this.style) ? this.style : styles[0]);
    for (const box of [find("knobs"), find("print-knobs")]) for (const knob of box.children) knob.refresh();
    this.loupe.refresh();
  }

  #wipe() {
    find("print").style.setProperty("--wipe", `${this.wipe.value}%`);
    this.wipe.ariaValueText = `${Math.round(this.wipe.value)} %`;
  }

  #reset() {
    this.studio.change(Object.fromEntries(fieldsOf(this.style).map((name) => [name, undefined])));
  }
}

/** Draws a picture, or leaves the canvas empty where there is none: a photo that can't be shown, a style to come. */
function show(canvas, rgba, photo) {
  const { width, height } = photo.preview;
  if (rgba) draw(find(canvas), rgba, photo);
  else Object.assign(find(canvas), { width, height });
}
