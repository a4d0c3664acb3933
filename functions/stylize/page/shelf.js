// The shelf under the wall: the photos, when there are several.

import { make } from "./wall.js";
import { say } from "./words.js";

const SIDE = 112; // pixels of a thumbnail's longer side: two for one of the page

export class Shelf {
  #thumbs = new WeakMap();

  constructor(studio, element) {
    Object.assign(this, { studio, element });
    studio.addEventListener("photos", () => this.#fill());
    studio.addEventListener("photo", () => this.#mark());
  }

  #fill() {
    const { photos } = this.studio;
    this.element.hidden = photos.length < 2;
    this.element.replaceChildren(...photos.map((photo) => this.#place(photo)));
    this.#mark();
  }

  #place(photo) {
    const item = make("li", "");
    const button = make("button", "slide");
    button.ariaLabel = photo.name;
    button.title = photo.name;
    button.append(this.#thumb(photo));
    button.addEventListener("click", () => this.studio.show(photo));
    const remove = make("button", "remove", "×");
    remove.ariaLabel = say("remove", photo);
    remove.addEventListener("click", () => this.studio.takeDown(photo));
    item.append(button, remove);
    return item;
  }

  #thumb(photo) {
    const known = this.#thumbs.get(photo);
    if (known) return known;
    const canvas = make("canvas", "");
    this.#thumbs.set(photo, canvas);
    createImageBitmap(photo.file, { resizeHeight: SIDE, resizeQuality: "medium" })
      .then((bitmap) => {
        Object.assign(canvas, { width: bitmap.width, height: bitmap.height });
        canvas.getContext("2d").drawImage(bitmap, 0, 0);
        bitmap.close();
      })
      .catch(() => canvas.classList.add("unknown")); // one that can't be decoded keeps a blank
    return canvas;
  }

  #mark() {
    const { photos, photo } = this.studio;
    [...this.element.children].forEach((item, i) => {
      if (photos[i] === photo) item.firstChild.setAttribute("aria-current", "true");
      else item.firstChild.removeAttribute("aria-current");
    });
  }
}
