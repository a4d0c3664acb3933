// Paintings as files: saved one by one, all in a zip, on a contact sheet, or shared.

import { bytesToPaint } from "./painter.js";
import { sizeOf } from "./recipe.js";
import { say } from "./words.js";
import { zip } from "./zip.js";

const ENDINGS = { "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/avif": "avif" };

/** The size at which a photo is painted here, and whether there is memory for it. */
export function sizeHere(studio, photo) {
  const { width, height } = sizeOf(photo, studio.recipe["long-side"]);
  const bytes = bytesToPaint(width * height) + 4 * photo.width * photo.height; // and the photo, decoded
  const phone = matchMedia("(pointer: coarse)").matches;
  const gigabytes = navigator.deviceMemory ?? (phone ? 2 : 8);
  // A quarter of the memory is what a page can ask for without being closed for it.
  return { width, height, megabytes: Math.ceil(bytes / 2 ** 20), fits: bytes <= gigabytes * 2 ** 28 };
}

/** Whether these paintings of a photo can be saved: they are there already, or can be painted here. */
export function canSave(studio, photo, styles) {
  const files = studio.filesAtHand(photo);
  return styles.every((style) => files[style]) || Boolean(studio.pool && photo.width && !photo.refused && sizeHere(studio, photo).fits);
}

export async function save(studio, photo, style) {
  const { [style]: blob } = await studio.paintFiles(photo, [style]);
  download(blob, `${stem(photo.name)}-${style}.${ENDINGS[blob.type]}`);
  return blob;
}

/**
 * One zip with a folder for every photo, as the command line writes them.
 * @returns {Promise<string[]>} names of the photos that can't be painted here
 */
export async function saveAll(studio, tell) {
  const files = [];
  const left = [];
  for (const photo of studio.photos) {
    const styles = await stylesToSave(studio, photo);
    if (!styles.length) {
      left.push(photo.name);
      continue;
    }
    tell(photo);
    const painted = await studio.paintFiles(photo, styles);
    for (const [style, blob] of Object.entries(painted)) files.push({ name: `${photo.name}/${style}.${ENDINGS[blob.type]}`, blob });
  }
  if (files.length) download(await zip(files), studio.photos.length === 1 ? `${stem(studio.photo.name)}.zip` : "paintings.zip");
  return left;
}

/** All styles of the recipe, or those that the cloud has painted of a photo that can't be painted here. */
async function stylesToSave(studio, photo) {
  const { styles } = studio.recipe;
  const atHand = styles.filter((style) => studio.filesAtHand(photo)[style]);
  if (atHand.length < styles.length) await studio.open(photo);
  return canSave(studio, photo, styles) ? styles : atHand;
}

/** The photo and its paintings side by side, with their names: one JPEG. */
export async function saveSheet(studio) {
  const { photo, recipe, paintings } = studio;
  const works = [["photo", photo.preview?.rgba], ...recipe.styles.map((style) => [style, paintings[style]])].filter(([, rgba]) => rgba);
  const { width, height } = photo.preview;
  const columns = width > height ? 2 : 3;
  const cell = { width: 900, height: Math.round((900 * height) / width) };
  const [gap, plate] = [90, 70];
  const rows = Math.ceil(works.length / columns);
  const canvas = new OffscreenCanvas(gap + columns * (cell.width + gap), gap + rows * (cell.height + plate + gap));
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.fillStyle = "#efebe3";
  context.fillRect(0, 0, canvas.width, canvas.height);
  for (const [i, [work, rgba]] of works.entries()) {
    const x = gap + (i % columns) * (cell.width + gap);
    const y = gap + Math.floor(i / columns) * (cell.height + plate + gap);
    const bitmap = await createImageBitmap(new ImageData(rgba, width, height, { colorSpace: photo.colorSpace }));
    context.shadowColor = "rgba(0, 0, 0, 0.35)";
    context.shadowBlur = 30;
    context.shadowOffsetY = 14;
    context.fillStyle = "#fff";
    context.fillRect(x - 14, y - 14, cell.width + 28, cell.height + 28);
    context.shadowColor = "transparent";
    context.drawImage(bitmap, x, y, cell.width, cell.height);
    context.fillStyle = "#2a2622";
    context.font = "italic 34px 'Iowan Old Style', Palatino, Georgia, serif";
    context.fillText(say(work), x, y + cell.height + 58, cell.width);
  }
  download(await canvas.convertToBlob({ type: "image/jpeg", quality: 0.92 }), `${stem(photo.name)}-sheet.jpg`);
}

export async function share(studio, photo, style) {
  const { [style]: blob } = await studio.paintFiles(photo, [style]);
  const file = new File([blob], `${stem(photo.name)}-${style}.${ENDINGS[blob.type]}`, { type: blob.type });
  try {
    await navigator.share({ files: [file], title: say(style) });
  } catch (error) {
    if (error.name !== "AbortError") throw error; // the visitor thought better of it
  }
}

function download(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

const stem = (name) => name.replace(/\.[^.]*$/, "") || name;
