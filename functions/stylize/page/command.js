// The card "As a command": this recipe from a terminal.

import { make } from "./wall.js";
import { say } from "./words.js";

const find = (id) => document.getElementById(id);

/** @param {Cloud | undefined} cloud */
export function openCommands(studio, cloud) {
  const { photo, recipeText } = studio;
  find("commands").replaceChildren(
    ...Object.entries(commandsFor(photo.name, photo.file.type, recipeText, cloud)).map(([word, text]) => commandBox(word, text)),
  );
  find("command-close").onclick = () => find("command-card").close();
  find("command-card").showModal();
}

export function commandsFor(name, type, recipe, cloud) {
  const api = cloud?.url.replace(/\/$/, "") ?? "$URL";
  const key = cloud && !cloud.asksForKey ? "" : ' -H "x-api-key: $KEY"';
  const file = quoted(name);
  const address = `${api}/paintings${recipe && `?${recipe}`}`;
  const bucket = cloud?.bucket || "$PHOTOS_BUCKET";
  const metadata = recipe && ` --metadata '${JSON.stringify({ recipe })}'`;
  return {
    bySelf: `curl "${address}"${key} -H 'content-type: ${type || "application/octet-stream"}' --data-binary @${file}`,
    byCli: `python -m stylize ${file} --out paintings${recipe && ` --recipe '${recipe}'`}`,
    byS3: `aws s3 cp ${file} "s3://${bucket}/"${metadata}`,
  };
}

/** For a shell. */
const quoted = (text) => (/^[\w.,+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

function commandBox(word, text) {
  const box = make("section", "terminal");
  const code = make("pre", "", text);
  code.tabIndex = 0;
  code.role = "region";
  code.ariaLabel = say(word);
  const copy = make("button", "link", say("copy"));
  copy.ariaLabel = `${say("copy")}: ${say(word)}`;
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text);
    copy.textContent = say("copied");
  });
  const head = make("header", "");
  head.append(make("h3", "", say(word)), copy);
  box.append(head, code);
  return box;
}
