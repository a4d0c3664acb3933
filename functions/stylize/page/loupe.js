// The loupe: under the pointer, the painting as it will be at full size, one pixel of it to one of the screen.

import { sizeOf } from "./recipe.js";

const find = (id) => document.getElementById(id);

export class Loupe {
  #at = { x: 0.5, y: 0.5 }; // of the picture, 0..1
  #busy = false;
  #stale = false;
  open = false;

  /** @param {() => string} style the style that is looked at */
  constructor(studio, style) {
    Object.assign(this, { studio, style, lens: find("lens"), glass: find("glass"), print: find("print") });
    this.print.addEventListener("pointermove", (event) => this.open && this.#follow(event));
    this.print.addEventListener("pointerdown", (event) => this.open && this.#follow(event));
    this.lens.addEventListener("keydown", (event) => this.#step(event));
  }

  async toggle() {
    if (this.open) return this.close();
    this.open = true;
    this.#reflect();
    this.held = this.studio.pool.hold(this.studio.photo.file);
    await this.held;
    this.#move();
    this.lens.focus();
  }

  close() {
    if (!this.open) return;
    this.open = false;
    this.#reflect();
    this.studio.pool.release();
  }

  /** Paints what is under the loupe again. */
  refresh() {
    if (this.open) this.#move();
  }

  #reflect() {
    this.lens.hidden = !this.open;
    this.print.classList.toggle("looking", this.open);
    find("loupe").ariaPressed = String(this.open);
  }

  #follow({ clientX, clientY }) {
    const box = this.print.getBoundingClientRect();
    this.#at = { x: clamp((clientX - box.left) / box.width), y: clamp((clientY - box.top) / box.height) };
    this.#move();
  }

  #step(event) {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!step) return;
    event.preventDefault();
    const size = event.shiftKey ? 0.1 : 0.02;
    this.#at = { x: clamp(this.#at.x + step[0] * size), y: clamp(this.#at.y + step[1] * size) };
    this.#move();
  }

  async #move() {
    this.lens.style.setProperty("--x", `${100 * this.#at.x}%`);
    this.lens.style.setProperty("--y", `${100 * this.#at.y}%`);
    this.#stale = true;
    if (this.#busy) return;
    this.#busy = true;
    try {
      await this.held;
      while (this.#stale && this.open) {
        this.#stale = false;
        await this.#paint();
      }
    } finally {
      this.#busy = false;
    }
  }

  async #paint() {
    const { photo, recipe } = this.studio;
    const whole = sizeOf(photo, recipe["long-side"]);
    const side = Math.round(this.lens.clientWidth * devicePixelRatio);
    const margin = marginOf(this.studio.finishedParams(this.style()));
    const [x, width, left] = around(this.#at.x, side, margin, whole.width);
    const [y, height, top] = around(this.#at.y, side, margin, whole.height);
    const scale = photo.width / whole.width;
    const part = { x: x * scale, y: y * scale, width: width * scale, height: height * scale };
    const { rgba, colorSpace } = await this.studio.crop(this.style(), part, width, height);
    Object.assign(this.glass, { width: side, height: side });
    const context = this.glass.getContext("2d", { colorSpace });
    context.putImageData(new ImageData(rgba, width, height, { colorSpace }), left, top);
  }
}

/** A stretch of `side` pixels around `at` with a margin on both ends, cut off at the photo's: start, length, and where it lands. */
function around(at, side, margin, length) {
  const start = Math.round(at * length - side / 2);
  const from = Math.max(0, start - margin);
  const to = Math.min(length, start + side + margin);
  return [from, Math.max(1, to - from), from - start];
}

/** How far around a pixel its painting looks: beyond it, what is left out of a crop changes nothing that can be seen. */
function marginOf({ size, shade, sigmaS, line }) {
  if (size) return size + 6;
  return line * 8 + (shade ? Math.ceil(2 / shade) * line : Math.min(400, Math.ceil(1.6 * sigmaS)));
}

const clamp = (value) => Math.min(1, Math.max(0, value));
