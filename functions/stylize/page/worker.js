// One painter in a worker. A message is {id, verb, given}; it is answered with {id, answer} or {id, fault}.
//
// The first, "start", brings the compiled kernels. A photo's pixels stay in the painter's memory until another's are
// loaded; "hold" keeps a decoded photo for the crops of the loupe until "release".

import { Painter } from "./painter.js";
import { decode, encode, readPixels, toRgba } from "./pixels.js";

let painter;
let held;

const verbs = {
  async start({ module }) {
    painter = new Painter(await WebAssembly.instantiate(module));
  },

  /** Decodes a photo and reduces it to what its preview is painted from. */
  async open({ file, longSide }) {
    const { bitmap, colorSpace } = await decode(file);
    const { width, height } = bitmap;
    const scale = Math.min(1, longSide / Math.max(width, height));
    const small = { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
    const bgr = readPixels(bitmap, small.width, small.height);
    bitmap.close();
    const rgba = toRgba(bgr, bgr, 100);
    return send({ width, height, colorSpace, preview: { ...small, bgr, rgba } }, [rgba.buffer]);
  },

  /** Paints `photo`, or where it is left out the one before: RGBA by style. */
  paint({ photo: given, group, params, strength }) {
    if (given) painter.load(given.bgr, given.width, given.height);
    const paintings = painter.paint(group, params);
    const photo = painter.bgr;
    const shown = Object.entries(paintings).map(([style, painting]) => [style, toRgba(painting, photo, strength)]);
    return send(Object.fromEntries(shown), shown.map(([, rgba]) => rgba.buffer));
  },

  /** Decodes a photo and paints it at width x height, one file by style, each as it is ready. */
  async paintFiles({ file, width, height, groups, strength, format, quality }, tell) {
    const { bitmap, colorSpace } = await decode(file);
    painter.load(readPixels(bitmap, width, height), width, height);
    bitmap.close();
    for (const { group, params, styles } of groups) {
      const paintings = painter.paint(group, params);
      for (const style of styles) {
        const rgba = toRgba(paintings[style], painter.bgr, strength);
        tell({ style, blob: await encode(rgba, width, height, colorSpace, format, quality) });
      }
    }
  },

  async hold({ file }) {
    held = await decode(file);
  },

  /** Paints a part of the photo that is held: `part` of it, scaled to width x height. */
  crop({ part, width, height, group, params, style, strength }) {
    painter.load(readPixels(held.bitmap, width, height, part), width, height);
    const rgba = toRgba(painter.paint(group, params)[style], painter.bgr, strength);
    return send({ rgba, colorSpace: held.colorSpace }, [rgba.buffer]);
  },

  release() {
    held?.bitmap.close();
    held = undefined;
  },
};

/** An answer together with what moves with it instead of being copied. */
const send = (answer, transfer) => ({ answer, transfer });

/** Messages take turns: a painter has one memory, and some verbs wait in between. */
let turn = Promise.resolve();
addEventListener("message", ({ data }) => {
  turn = turn.then(() => carryOut(data));
});

async function carryOut({ id, verb, given }) {
  try {
    const tell = (news) => postMessage({ id, news });
    const done = (await verbs[verb](given, tell)) ?? {};
    postMessage({ id, answer: done.answer }, done.transfer ?? []);
  } catch (error) {
    postMessage({ id, fault: { name: error.constructor.name, message: error.message } });
  }
}
