// The card "Paint it full size": here, or in the cloud.

import { sizeHere } from "./files.js";
import { hasWords, say } from "./words.js";

const find = (id) => document.getElementById(id);
const SECONDS_PER_MEGAPIXEL = 0.12; // one painter, on a laptop

export class FullSize {
  /** @param {Cloud | undefined} cloud */
  constructor(studio, cloud) {
    Object.assign(this, { studio, cloud, card: find("full-card") });
    find("cloud-way").hidden = !cloud;
    find("full-close").addEventListener("click", () => this.card.close());
    find("here").addEventListener("click", () => this.#paintHere());
    find("cloud-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#paintInCloud();
    });
    this.card.addEventListener("close", () => this.leaving?.abort());
  }

  open() {
    const { photo } = this.studio;
    this.#notice();
    find("progress").hidden = true;
    const size = photo.width ? sizeHere(this.studio, photo) : undefined;
    find("full-size").textContent = size ? say("fullSize", { name: photo.name, ...size }) : photo.name;
    find("here-says").textContent = this.#aboutHere(size);
    find("here").hidden = !size?.fits || !this.studio.pool;
    find("key-field").hidden = !this.cloud?.needsKey;
    this.card.showModal();
  }

  #aboutHere(size) {
    if (!this.studio.pool) return say("hereCannot");
    if (!size) return say("hereHeic");
    if (!size.fits) return say("hereTooLarge", { ...size, orCloud: this.cloud ? say("orCloud") : "" });
    const seconds = Math.max(1, Math.round((SECONDS_PER_MEGAPIXEL * size.width * size.height) / 1e6));
    return say("hereSays", { ...size, seconds });
  }

  #paintHere() {
    const { studio } = this;
    const { styles } = studio.recipe;
    let ready = 0;
    const { photo } = studio;
    return this.#work(async () => {
      this.#progress(say("painting", photo), 0);
      await studio.paintFiles(photo, styles, () => this.#progress(say("ready", { n: ++ready, all: styles.length }), ready / styles.length));
      studio.dispatchEvent(new CustomEvent("photo-painted"));
    });
  }

  #paintInCloud() {
    const { studio, cloud } = this;
    if (cloud.needsKey) {
      cloud.key = find("key").value.trim();
      if (cloud.needsKey) return find("key").focus();
    }
    const { photo } = studio;
    // Where this browser can't paint, the quick tier stands in for the previews.
    const recipe = studio.pool ? studio.recipeText : studio.grammar.text({ ...studio.asked, quality: "fast" });
    const all = studio.grammar.resolve(studio.grammar.parse(recipe)).styles.length;
    let ready = 0;
    this.leaving = new AbortController();
    return this.#work(() => {
      this.#progress(say("uploading", { percent: 0 }), 0);
      const tell = {
        progress: (part) =>
          this.#progress(part < 1 ? say("uploading", { percent: Math.round(100 * part) }) : say("waiting"), part < 1 ? part : undefined),
        painting: async (style, blob) => {
          await studio.hangFile(photo, studio.recipeText, style, blob);
          this.#progress(say("ready", { n: ++ready, all }), ready / all);
        },
      };
      return cloud.paint(photo.file, recipe, tell, this.leaving.signal);
    });
  }

  /** Does the work, with the buttons at rest, and says how it went. */
  async #work(does) {
    const buttons = [find("here"), find("cloud")];
    this.#notice();
    for (const button of buttons) button.disabled = true;
    try {
      await does();
      this.#progress(say("done"), 1);
    } catch (error) {
      find("progress").hidden = true;
      if (error.code !== "aborted") this.#notice(inWords(error));
    } finally {
      for (const button of buttons) button.disabled = false;
      find("key-field").hidden = !this.cloud?.needsKey;
    }
  }

  #progress(words, part) {
    find("progress").hidden = false;
    find("bar-says").textContent = words;
    if (part === undefined) find("bar").removeAttribute("value");
    else find("bar").value = part;
  }

  #notice(words = "") {
    find("full-notice").textContent = words;
    find("full-notice").hidden = !words;
  }
}

/** An error in plain words, with what can be done about it. */
export function inWords(error) {
  if (error.code === "offline") return say("offline");
  if (error.code) return say(hasWords(`refused.${error.code}`) ? `refused.${error.code}` : "refused.other", error);
  return say("failed", error);
}
