// Photos that somebody else puts into the photos bucket, by any client of S3. Only on a laptop, where a page may read
// them: they are hung like photos that were dropped, with the paintings that the cloud has made of them.

import { CloudError } from "./cloud.js";
import { inWords } from "./fullsize.js";

const EVERY = 2000; // ms between two looks
const MOST = 12; // photos of one look
const SAMPLE = "coffee.jpg"; // `make run` paints it, and a page has it hanging from the beginning
const SENT_TO_API = /^[0-9a-f]{32}\.\w+$/; // keys of photos whose sender has the paintings already

/**
 * Watches for as long as the page is open.
 * @param {string} at address of the photos, relative to the page
 * @param {(words: string) => void} notice hears of photos that were refused
 */
export async function watch(studio, cloud, at, notice) {
  const seen = new Map(); // key to etag
  const isNews = ({ photo: { key, etag } }) => key !== SAMPLE && !SENT_TO_API.test(key) && seen.get(key) !== etag;
  for (;;) {
    if (document.visibilityState === "visible") await look().catch(ignoreAbsence);
    await new Promise((resolve) => setTimeout(resolve, EVERY));
  }

  async function look() {
    const news = (await cloud.recent(MOST)).photos.filter(isNews);
    for (const { photo } of news) seen.set(photo.key, photo.etag);
    const painted = news.filter(({ status }) => status === "done");
    const files = await Promise.all(painted.map(({ photo }) => photoFile(at, photo.key)));
    const hanging = studio.photos.filter((photo) => !photo.sample).length;
    if (files.length) await studio.hang(files);
    for (const [i, { paintings }] of painted.entries()) await hangPaintings(studio.photos[hanging + i], paintings);
    for (const { photo, error } of news) if (error) notice(`${nameOf(photo.key)}: ${inWords(error)}`);
  }

  async function hangPaintings(photo, paintings) {
    for (const { style, url } of paintings)
      await studio.hangFile(photo, studio.recipeText, style, await cloud.fetchPainting(url));
  }
}

async function photoFile(at, key) {
  const blob = await (await fetch(new URL(at + key.split("/").map(encodeURIComponent).join("/"), document.baseURI))).blob();
  return new File([blob], nameOf(key), { type: "" });
}

const nameOf = (key) => key.slice(key.lastIndexOf("/") + 1);

/** A cloud that is away for a while, or a photo that is gone by now, is no matter: there is another look. */
function ignoreAbsence(error) {
  if (!(error instanceof CloudError || error instanceof TypeError)) throw error;
}
