// The studio: the photos that were hung, the recipe, and the paintings of the photo that is shown. It knows no elements;
// the wall and the dark room listen to its events:
//   photos            the list of photos has changed
//   photo             another photo is shown; its paintings follow
//   painting {style}  a painting of the photo that is shown is ready, or has been painted anew
//   recipe            the recipe has changed
//   refused {photo}   a photo can't be painted here; photo.refused says why: "heic" or "undecodable"

import { GROUPS } from "./painter.js";
import { sizeOf } from "./recipe.js";

export const STYLES = ["sketch", "color-pencil", "oil", "watercolor"];
const GROUP_OF = Object.fromEntries(Object.entries(GROUPS).flatMap(([group, styles]) => styles.map((style) => [style, group])));

export const groupOf = (style) => GROUP_OF[style];

export class Studio extends EventTarget {
  photos = [];
  photo; // the one that is shown
  paintings = {}; // of it: style -> RGBA of the preview's size
  pool; // undefined until it has started, and where this browser can't paint

  /**
   * @param {Grammar} grammar
   * @param asked the recipe to begin with, as Grammar.parse reads it
   * @param {number} previewSide pixels along the longer side of a preview
   */
  constructor(grammar, asked, previewSide) {
    super();
    Object.assign(this, { grammar, asked, previewSide });
  }

  get recipe() {
    return this.grammar.resolve(this.asked);
  }

  get recipeText() {
    return this.grammar.text(this.asked);
  }

  /** Hangs files beside the photos that hang already, and shows the first of them. A sample makes room for any. */
  async hang(files, { sample = false } = {}) {
    const photos = [...files].map((file) => ({ file, name: file.name, sample, paintedFiles: {} }));
    if (!photos.length) return;
    this.photos = [...this.photos.filter((photo) => !photo.sample), ...photos];
    this.#tell("photos");
    await this.show(photos[0]);
  }

  takeDown(photo) {
    const at = this.photos.indexOf(photo);
    this.photos = this.photos.filter((other) => other !== photo);
    this.#tell("photos");
    if (photo === this.photo && this.photos.length) return this.show(this.photos[Math.min(at, this.photos.length - 1)]);
  }

  /** Shows a photo and paints it. */
  async show(photo) {
    this.wanted = photo;
    await this.open(photo);
    if (this.wanted !== photo) return; // another was asked for meanwhile
    this.photo = photo;
    this.paintings = {};
    this.#tell("photo");
    const files = Object.entries(this.filesAtHand(photo));
    if (photo.preview?.bgr) await this.#paint(Object.keys(GROUPS));
    else if (files.length) for (const [style, blob] of files) await this.hangFile(photo, this.recipeText, style, blob);
    else if (photo.refused) this.#tell("refused", { photo });
  }

  /** The files of finished paintings of a photo by the present recipe, by style. */
  filesAtHand(photo) {
    return photo.filesOf === this.recipeText ? photo.paintedFiles : {};
  }

  /** Decodes a photo for its preview, unless that is there; afterwards its size is known, or photo.refused. */
  async open(photo) {
    if (photo.preview?.bgr || !this.pool) return;
    try {
      Object.assign(photo, await this.pool.open(photo.file, this.previewSide), { refused: undefined });
      for (const other of this.photos) if (other !== photo && other !== this.photo) other.preview = undefined; // memory
    } catch (error) {
      if (error.name !== "Undecodable") throw error;
      photo.refused = isHeic(photo.file) ? "heic" : "undecodable";
    }
  }

  /** Asks for other values of some fields; undefined asks for none. Paints what they change. */
  async change(values) {
    const before = this.recipe;
    this.asked = { ...this.asked, ...values };
    for (const [name, value] of Object.entries(this.asked)) if (value === undefined) delete this.asked[name];
    this.#tell("recipe");
    const { recipe } = this;
    const changed = Object.keys(recipe).filter((name) => String(recipe[name]) !== String(before[name]));
    const groups = Object.keys(GROUPS).filter((group) => changed.some((name) => touches(name, group)));
    if (this.photo?.preview?.bgr) await this.#paint(groups);
  }

  async #paint(groups) {
    await Promise.all(groups.map((group) => this.#paintGroup(group)));
  }

  async #paintGroup(group) {
    const { photo, recipe } = this;
    const wanted = GROUPS[group].filter((style) => recipe.styles.includes(style));
    if (!wanted.length) return;
    const { bgr, width, height } = photo.preview;
    const pixels = (photo.preview.pixels ??= { bgr, width, height }); // the same for as long as the preview is
    const params = this.grammar.params(recipe, group, Math.max(width, height), longest(sizeOf(photo, recipe["long-side"])));
    const paintings = await this.pool.paint(pixels, group, params, recipe.strength);
    if (!paintings || this.photo !== photo) return;
    for (const style of wanted) {
      this.paintings[style] = paintings[style];
      this.#tell("painting", { style });
    }
  }

  /** What the loupe shows: a part of the photo that is held, painted at the size of the finished painting. */
  crop(style, part, width, height) {
    const { recipe } = this;
    const params = this.finishedParams(style);
    return this.pool.crop({ part, width, height, group: groupOf(style), params, style, strength: recipe.strength });
  }

  /** What the painter is told for a style of the finished painting. */
  finishedParams(style) {
    const side = longest(sizeOf(this.photo, this.recipe["long-side"]));
    return this.grammar.params(this.recipe, groupOf(style), side, side);
  }

  /**
   * Paints a photo at its full size into files and keeps them for as long as the recipe stays.
   * @param {string[]} styles
   * @param {(style: string) => void} [tell] hears of each that is ready
   * @returns {Promise<Object<string, Blob>>} by style
   */
  async paintFiles(photo, styles, tell = () => {}) {
    const { recipe, recipeText } = this;
    if (photo.filesOf !== recipeText) Object.assign(photo, { filesOf: recipeText, paintedFiles: {} });
    const files = photo.paintedFiles;
    const missing = styles.filter((style) => !files[style]);
    if (missing.length) await this.open(photo);
    const size = sizeOf(photo, recipe["long-side"]);
    const groups = Object.keys(GROUPS)
      .map((group) => ({ group, styles: missing.filter((style) => groupOf(style) === group) }))
      .filter((group) => group.styles.length)
      .map((group) => ({ ...group, params: this.grammar.params(recipe, group.group, longest(size), longest(size)) }));
    const how = { strength: recipe.strength, format: recipe.format, quality: recipe["encode-quality"] };
    if (groups.length)
      await this.pool.paintFiles({ file: photo.file, ...size, groups, ...how }, ({ style, blob }) => {
        files[style] = blob;
        tell(style);
      });
    return Object.fromEntries(styles.map((style) => [style, files[style]]));
  }

  /** Hangs a painting that the cloud made, and keeps its file. */
  async hangFile(photo, recipeText, style, blob) {
    if (photo.filesOf !== recipeText) Object.assign(photo, { filesOf: recipeText, paintedFiles: {} });
    photo.paintedFiles[style] = blob;
    if (photo !== this.photo) return;
    const { width, height } = photo.preview ?? (await this.#previewOf(photo, blob));
    const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
    context.imageSmoothingQuality = "high";
    context.drawImage(await createImageBitmap(blob), 0, 0, width, height);
    this.paintings[style] = context.getImageData(0, 0, width, height).data;
    this.#tell("painting", { style, fromCloud: true });
  }

  /** A photo that can't be decoded here gets the size of its first painting. */
  async #previewOf(photo, blob) {
    const { width, height } = await createImageBitmap(blob);
    const small = sizeOf({ width, height }, this.previewSide);
    Object.assign(photo, { width, height, colorSpace: "srgb", preview: small });
    this.#tell("photo");
    return small;
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

const longest = ({ width, height }) => Math.max(width, height);

function touches(field, group) {
  return field.startsWith(`${group}-`) || ["strength", "styles", "brush", "long-side"].includes(field);
}

function isHeic(file) {
  return /hei[cf]/i.test(file.type) || /\.hei[cf]$/i.test(file.name);
}
