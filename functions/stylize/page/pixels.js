// Photos into pixels and pixels into pictures, in a worker: RGBA as browsers have it, BGR as the painter does.

/** A photo that this browser can't decode. */
export class Undecodable extends Error {}

/**
 * Decodes a photo, upright, with the numbers of its file: profiles other than sRGB and Display P3 are converted to sRGB.
 * @returns {Promise<{bitmap: ImageBitmap, colorSpace: "srgb" | "display-p3"}>}
 */
export async function decode(file) {
  const profile = await profileOf(file);
  const colorSpace = profile === "display-p3" && hasP3() ? "display-p3" : "srgb";
  const asItIs = profile === "srgb" || colorSpace === "display-p3";
  const options = { colorSpaceConversion: asItIs ? "none" : "default", premultiplyAlpha: "none" };
  try {
    return { bitmap: await createImageBitmap(file, options), colorSpace };
  } catch (error) {
    throw new Undecodable(`expected a photo that this browser decodes, got ${file.type || file.name}: ${error.message}`);
  }
}

/** A part of a bitmap, scaled to width x height, as BGR; transparency becomes white. */
export function readPixels(bitmap, width, height, part = { x: 0, y: 0, width: bitmap.width, height: bitmap.height }) {
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, part.x, part.y, part.width, part.height, 0, 0, width, height);
  return toBgr(context.getImageData(0, 0, width, height).data);
}

function toBgr(rgba) {
  const words = new Uint32Array(rgba.buffer);
  const bgr = new Uint8Array(3 * words.length);
  for (let i = 0, at = 0; i < words.length; i++, at += 3) {
    const word = words[i];
    let r = word & 255;
    let g = (word >>> 8) & 255;
    let b = (word >>> 16) & 255;
    const alpha = word >>> 24;
    if (alpha !== 255) [r, g, b] = [r, g, b].map((level) => Math.round((level * alpha + 255 * (255 - alpha)) / 255));
    bgr[at] = b;
    bgr[at + 1] = g;
    bgr[at + 2] = r;
  }
  return bgr;
}

/**
 * A painting as RGBA, laid over its photo.
 * @param painting BGR, or gray when it has as many bytes as pixels
 * @param strength percent of the painting; the rest is the photo
 */
export function toRgba(painting, photo, strength) {
  const pixels = photo.length / 3;
  const words = new Uint32Array(pixels);
  const [green, red, next] = painting.length === pixels ? [0, 0, 1] : [1, 2, 3];
  for (let i = 0, p = 0; i < pixels; i++, p += next)
    words[i] = 0xff000000 | (painting[p] << 16) | (painting[p + green] << 8) | painting[p + red];
  const rgba = new Uint8ClampedArray(words.buffer);
  if (strength < 100) layOver(rgba, photo, strength);
  return rgba;
}

function layOver(rgba, photo, strength) {
  for (let i = 0, p = 0; i < rgba.length; i += 4, p += 3)
    for (let c = 0; c < 3; c++) rgba[i + c] = Math.round((rgba[i + c] * strength + photo[p + 2 - c] * (100 - strength)) / 100);
}

/** Encodes RGBA as a file. A browser that lacks the format gives PNG: the blob's type says so. */
export async function encode(rgba, width, height, colorSpace, format, quality) {
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext("2d", { colorSpace }).putImageData(new ImageData(rgba, width, height, { colorSpace }), 0, 0);
  return canvas.convertToBlob({ type: `image/${format}`, quality: quality / 100 });
}

function hasP3() {
  try {
    return new ImageData(1, 1, { colorSpace: "display-p3" }).colorSpace === "display-p3";
  } catch {
    return false;
  }
}

/** "srgb" also stands for no profile; looks where JPEG, PNG, WebP and HEIC keep theirs, near the start. */
async function profileOf(file) {
  const head = new Uint8Array(await file.slice(0, 2 ** 18).arrayBuffer());
  const text = new TextDecoder("latin1").decode(head);
  const start = Math.max(text.indexOf("ICC_PROFILE\0"), text.indexOf("ICCP"), text.indexOf("colrprof"));
  if (start < 0) return text.includes("iCCP") ? "other" : "srgb";
  const named = text.slice(start, start + 8192).replaceAll("\0", "");
  if (/Display ?P3/.test(named)) return "display-p3";
  return /sRGB/.test(named) ? "srgb" : "other";
}
