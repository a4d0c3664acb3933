// The page: puts the studio and the wall together, and gives every button its work. What a first visit does not need
// (the dark room, files, the cloud) is loaded when it is first asked for.

import { canPaint, startPool } from "./pool.js";
import { BadRecipe, Grammar } from "./recipe.js";
import { Shelf } from "./shelf.js";
import { Studio } from "./studio.js";
import { Wall } from "./wall.js";
import { language, say, switchLanguage, writeWords } from "./words.js";

const find = (id) => document.getElementById(id);
const USUAL = "brush=picture"; // previews and paintings of full size look alike
const asset = (name) => fetch(new URL(name, import.meta.url));
const phone = matchMedia("(pointer: coarse)").matches && Math.min(screen.width, screen.height) < 600;

writeWords();
const sample = asset("./sample.jpg").then((answer) => answer.blob());
const starting = canPaint() ? startPool() : undefined;
const grammar = new Grammar(await (await asset("./recipe.json")).json());
const studio = new Studio(grammar, recipeOfLink(), phone ? 800 : 1200);
const hasCloud = Boolean(document.querySelector('meta[name="atelier-api"]').content);
const wall = new Wall(studio, find("wall"), enterRoom);
const theFiles = () => import("./files.js");
const theCloud = once(async () => hasCloud ? (await import("./cloud.js")).cloudOfPage() : undefined);
const theRoom = once(async () => new (await import("./room.js")).Room(studio, (style) => wall.bringToFront(style)));
const theCard = once(async () => new (await import("./fullsize.js")).FullSize(studio, await theCloud()));
new Shelf(studio, find("shelf"));

listen();
const ready = attempt(async () => {
  studio.pool = await starting;
  if (!studio.pool) notice(say("noSimd"), hasCloud);
});
await hang([new File([await sample], say("sample"), { type: "image/jpeg" })], { sample: true });
document.documentElement.dataset.ready = "";
watchForPhotos();
navigator.serviceWorker?.register(new URL("./sw.js", import.meta.url), { scope: new URL("./", document.baseURI).pathname }).catch(() => {
  // Without it (a browser that keeps nothing, a host without TLS) the page works as long as there is a network.
});

/** Hangs what others put into the photos bucket, where the page may read it. */
async function watchForPhotos() {
  const at = document.querySelector('meta[name="atelier-photos"]').content;
  if (at) (await import("./newcomers.js")).watch(studio, await theCloud(), at, notice);
}

/** Makes something when it is first asked for, and answers the same from then on. */
function once(makes) {
  let made;
  return () => (made ??= makes());
}

function recipeOfLink() {
  const text = location.search.slice(1);
  try {
    return grammar.parse(text || USUAL);
  } catch (error) {
    if (!(error instanceof BadRecipe)) throw error;
    notice(say("badLink", error));
    return grammar.parse(USUAL);
  }
}

function listen() {
  const click = (id, does) => find(id).addEventListener("click", () => attempt(does));
  click("hang", () => find("files").click());
  click("camera", () => find("shot").click());
  click("lights", switchLights);
  click("language", speakOther);
  click("full", openCard);
  click("enter", enterRoom);
  click("save", () => saveOne(wall.painting));
  click("room-save", async () => saveOne((await theRoom()).style));
  click("save-all", saveEverything);
  click("sheet", saveSheet);
  click("link", copyLink);
  click("share", shareOne);
  click("command", async () => (await import("./command.js")).openCommands(studio, await theCloud()));
  find("camera").hidden = !matchMedia("(pointer: coarse)").matches;
  find("share").hidden = !navigator.canShare?.({ files: [new File([""], "a.jpg", { type: "image/jpeg" })] });
  for (const id of ["files", "shot"])
    find(id).addEventListener("change", ({ target }) => {
      hang([...target.files]); // a copy: clearing the input empties its list
      target.value = ""; // the same file may be chosen again
    });
  listenForDrops();
  addEventListener("paste", ({ clipboardData }) => hang(pictures(clipboardData.files)));
  studio.addEventListener("recipe", () => history.replaceState(null, "", linkOfRecipe()));
  studio.addEventListener("photo", () => studio.pool && !studio.photo.sample && notice(""));
  studio.addEventListener("photo-painted", () => wall.writePlates());
  studio.addEventListener("refused", ({ detail }) => noticeRefusal(detail.photo));
}

function listenForDrops() {
  let inside = 0; // every element tells of the pointer's coming and going
  const veil = (change) => {
    inside = Math.max(0, inside + change);
    find("veil").hidden = inside === 0;
  };
  const withFiles = (event) => event.dataTransfer?.types.includes("Files");
  addEventListener("dragenter", (event) => withFiles(event) && veil(+1));
  addEventListener("dragleave", (event) => withFiles(event) && veil(-1));
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    veil(-inside);
    hang(pictures(event.dataTransfer.files));
  });
}

/** What is, or may be, a picture: some systems do not know the types of HEIC and AVIF. */
const pictures = (files) => [...files].filter(({ type, name }) => type.startsWith("image/") || /\.(hei[cf]|avif|jpe?g|png|webp)$/i.test(name));

function hang(files, how) {
  return attempt(async () => {
    if (!files.length) return;
    await ready;
    if (how?.sample && studio.photos.length) return; // a photo was hung while the kernels came
    await studio.hang(files, how);
    if (!how?.sample) tell(say("painted", studio.photo));
  });
}

async function enterRoom() {
  (await theRoom()).enter(wall.painting);
}

async function openCard() {
  (await theCard()).open();
}

async function saveOne(style) {
  const { save, canSave } = await theFiles();
  if (!canSave(studio, studio.photo, [style])) return openCard(); // it says why, and what else there is
  tell(say("painting", studio.photo));
  const blob = await save(studio, studio.photo, style);
  const wanted = studio.recipe.format;
  if (blob.type === `image/${wanted}`) tell(say("saved"));
  else notice(say("otherFormat", { format: wanted.toUpperCase(), got: blob.type.slice(6).toUpperCase() }), hasCloud);
  wall.writePlates();
}

async function shareOne() {
  const { share, canSave } = await theFiles();
  if (!canSave(studio, studio.photo, [wall.painting])) return openCard();
  await share(studio, studio.photo, wall.painting);
}

async function saveEverything() {
  const { saveAll } = await theFiles();
  const left = await saveAll(studio, (photo) => tell(say("painting", photo)));
  if (left.length === studio.photos.length) return openCard();
  if (left.length) notice(say("leftOut", { names: left.join(", ") }));
  else tell(say("saved"));
  wall.writePlates();
}

async function saveSheet() {
  if (!studio.photo.preview) return openCard();
  await (await theFiles()).saveSheet(studio);
  tell(say("saved"));
}

function linkOfRecipe() {
  const text = studio.recipeText;
  return new URL(text === USUAL ? "./" : `./?${text}`, document.baseURI);
}

async function copyLink() {
  await navigator.clipboard.writeText(new URL(`./?${studio.recipeText}`, document.baseURI));
  tell(say("linkCopied"));
}

function switchLights() {
  const root = document.documentElement;
  const dark = root.dataset.lights ? root.dataset.lights === "off" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.lights = dark ? "on" : "off";
}

function speakOther() {
  switchLanguage();
  wall.writePlates();
  if (studio.photo?.sample) studio.photo.name = say("sample");
  tell(language);
}

function noticeRefusal({ name, refused }) {
  if (refused === "heic") notice(say("heic", { name }), hasCloud);
  else notice(say("cannotDecode", { name }));
}

/** Shows what stands in the way, with the cloud as a way out where there is one. */
function notice(words, offerCloud = false) {
  const box = find("notice");
  box.replaceChildren(words);
  box.hidden = !words;
  if (!offerCloud) return;
  const button = Object.assign(document.createElement("button"), { className: "link", textContent: say("offerCloud") });
  button.addEventListener("click", openCard);
  box.append(" ", button);
}

/** Says what has happened, to eyes and to screen readers. */
function tell(words) {
  const said = find("said");
  said.textContent = words;
  said.classList.add("shown");
  clearTimeout(tell.timer);
  tell.timer = setTimeout(() => said.classList.remove("shown"), 2500);
}

async function attempt(does) {
  try {
    await does();
  } catch (error) {
    notice(say("failed", error));
    throw error; // for the console
  }
}
