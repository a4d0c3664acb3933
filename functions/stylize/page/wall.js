// The wall: the photo and its paintings in their frames, one large and the others small.

import { STYLES } from "./studio.js";
import { say } from "./words.js";

const WORKS = ["photo", ...STYLES];

export class Wall {
  front = "oil";
  #figures = new Map();

  /** @param {() => void} enter called when the large work is clicked */
  constructor(studio, element, enter) {
    Object.assign(this, { studio, element, enter });
    for (const work of WORKS) element.append(this.#figure(work));
    studio.addEventListener("photo", () => this.#rehang());
    studio.addEventListener("painting", ({ detail }) => this.#show(detail.style, detail.fromCloud));
    studio.addEventListener("recipe", () => this.#takeTheirPlaces());
    this.#takeTheirPlaces();
  }

  /** The work in front, or the photo's first painting where that is the photo. */
  get painting() {
    return this.front === "photo" ? this.studio.recipe.styles[0] : this.front;
  }

  bringToFront(work) {
    const swap = () => {
      this.front = work;
      this.#takeTheirPlaces();
    };
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (document.startViewTransition && !still) document.startViewTransition(swap);
    else swap();
  }

  /** Writes the plates, in the language of the page. */
  writePlates() {
    const { photo } = this.studio;
    const finished = photo ? this.studio.filesAtHand(photo) : {};
    for (const [work, { frame, canvas, title, medium, source }] of this.#figures) {
      const name = say(work);
      title.textContent = name;
      medium.textContent = say(`${work}-medium`);
      source.textContent = photo ? sourceOf(photo, work, Boolean(finished[work])) : "";
      canvas.ariaLabel = name;
      frame.ariaLabel = say(work === this.front ? "toRoom" : "toFront", { work: name });
    }
  }

  #figure(work) {
    const figure = make("figure", "work");
    figure.dataset.work = work;
    const frame = make("button", "frame");
    const canvas = make("canvas", "picture");
    canvas.width = 3;
    canvas.height = 2;
    canvas.role = "img";
    const [title, medium, source] = ["b", "i", "small"].map((tag) => make(tag, ""));
    const plate = make("figcaption", "plate");
    plate.append(title, medium, source);
    frame.append(canvas);
    figure.append(frame, plate);
    frame.addEventListener("click", () => (work === this.front ? this.enter() : this.bringToFront(work)));
    this.#figures.set(work, { figure, frame, canvas, title, medium, source });
    return figure;
  }

  #takeTheirPlaces() {
    const { styles } = this.studio.recipe;
    if (this.front !== "photo" && !styles.includes(this.front)) this.front = styles[0];
    for (const [work, { figure }] of this.#figures) {
      figure.hidden = work !== "photo" && !styles.includes(work);
      figure.classList.toggle("front", work === this.front);
    }
    this.element.dataset.works = styles.length + 1;
    this.writePlates();
  }

  #rehang() {
    const { photo } = this.studio;
    const { width, height, rgba } = photo.preview ?? { width: 3, height: 2 };
    this.element.style.setProperty("--ratio", width / height);
    this.element.classList.toggle("still", !this.studio.pool || Boolean(photo.refused)); // no painting is on its way
    for (const { figure, canvas } of this.#figures.values()) {
      Object.assign(canvas, { width, height }); // wipes it as well
      figure.classList.add("blank");
    }
    if (rgba) this.#draw("photo", rgba);
    this.writePlates();
  }

  #show(style, fadesIn) {
    this.#draw(style, this.studio.paintings[style]);
    if (fadesIn) this.#figures.get(style).canvas.animate({ opacity: [0, 1] }, { duration: reducedMotion() ? 0 : 700 });
    this.writePlates();
  }

  #draw(work, rgba) {
    const { figure, canvas } = this.#figures.get(work);
    figure.classList.remove("blank");
    draw(canvas, rgba, this.studio.photo);
  }
}

/** Puts the pixels of a preview onto a canvas of its size, in the photo's colors. */
export function draw(canvas, rgba, { preview: { width, height }, colorSpace }) {
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  // A canvas keeps the color space that it first had: a photo of another one gets it converted.
  const context = canvas.getContext("2d", { colorSpace });
  context.putImageData(new ImageData(rgba, width, height, { colorSpace }), 0, 0);
}

export const reducedMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

export function make(tag, className, text = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

function sourceOf(photo, work, isFinished) {
  const whole = photo.refused ? say("notShown") : photo.width ? `${photo.width} × ${photo.height}` : "";
  const parts = [work === "photo" ? photo.name : say("after", { name: photo.name })];
  if (isFinished) parts.push(say("fullOf", photo));
  else if (work === "photo") parts.push(whole);
  return parts.filter(Boolean).join(" · ");
}
