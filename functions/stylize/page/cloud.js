// The API, as far as the page needs it: a signed upload straight to S3, then the paintings as they become ready.

const KEY = "atelier-key";
const OF_BROWSERS = new Set(["content-length", "host"]); // headers that they set, and nobody else may
const MOST_PAINTINGS_WAIT = 15 * 60_000; // a photo that waits longer is in the failed-uploads queue

/** What the API or S3 refused, or a network that is away ("offline"). */
export class CloudError extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/** The cloud that serves this page or is named by it; undefined on a page that only paints locally. */
export function cloudOfPage() {
  const named = (name) => document.querySelector(`meta[name="${name}"]`)?.content ?? "";
  const base = named("atelier-api");
  if (!base) return undefined;
  const url = new URL(base, document.baseURI).href;
  return new Cloud(url, named("atelier-api-auth") === "key", named("atelier-photos-bucket"));
}

export class Cloud {
  constructor(url, asksForKey, bucket) {
    Object.assign(this, { url, asksForKey, bucket });
  }

  get key() {
    return this.asksForKey ? (stored() ?? this.keyOfNow ?? "") : "";
  }

  set key(key) {
    this.keyOfNow = key;
    try {
      localStorage.setItem(KEY, key);
    } catch {
      // A browser that keeps nothing is asked again.
    }
  }

  get needsKey() {
    return this.asksForKey && !this.key;
  }

  /**
   * Uploads a photo and follows it until it is painted.
   * @param {{progress: (fraction: number) => void, painting: (style: string, blob: Blob) => Promise<void>}} tell
   */
  async paint(file, recipe, tell, signal) {
    const uploaded = await this.#ask("POST", "uploads", { filename: file.name, bytes: file.size, recipe });
    await send(uploaded, file, tell.progress, signal);
    await this.#follow(uploaded.key, tell, signal);
  }

  /** Manifests of the photos that were dealt with last, on a cloud that lists them. */
  recent(limit) {
    return this.#ask("GET", `paintings?limit=${limit}`);
  }

  async fetchPainting(url, signal) {
    return (await reach(url, { signal })).blob();
  }

  async #follow(key, tell, signal) {
    const path = `paintings/${key.split("/").map(encodeURIComponent).join("/")}`;
    const fetched = new Set();
    const until = Date.now() + MOST_PAINTINGS_WAIT;
    for (let wait = 150; Date.now() < until; wait = Math.min(2000, 1.3 * wait)) {
      const manifest = await this.#ask("GET", path, undefined, signal);
      for (const { style, url } of manifest.paintings ?? []) {
        if (fetched.has(style) || !url) continue;
        fetched.add(style);
        await tell.painting(style, await this.fetchPainting(url, signal));
      }
      if (manifest.status === "refused") throw new CloudError(manifest.error.code, manifest.error.message);
      if (manifest.status === "done") return;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
    throw new CloudError("timeout", "");
  }

  async #ask(method, path, body, signal) {
    const headers = this.key ? { "x-api-key": this.key } : {};
    if (body) headers["content-type"] = "application/json";
    const answer = await reach(this.url + path, { method, headers, body: body && JSON.stringify(body), signal }, true);
    const said = await answer.json().catch(() => ({}));
    if (answer.ok) return said;
    // API Gateway answers a wrong key itself.
    const code = said.error?.code ?? (answer.status === 403 || answer.status === 401 ? "not_authorized" : "other");
    if (code === "not_authorized") this.key = "";
    throw new CloudError(code, said.error?.message ?? said.message ?? `HTTP ${answer.status}`);
  }
}

/** Sends a file by a presigned request. With XMLHttpRequest: fetch does not tell how much of a body has been sent. */
function send({ method, url, headers }, file, progress, signal) {
  const request = new XMLHttpRequest();
  request.open(method, url);
  for (const [name, value] of Object.entries(headers))
    if (!OF_BROWSERS.has(name.toLowerCase())) request.setRequestHeader(name, value);
  return new Promise((resolve, reject) => {
    request.upload.onprogress = ({ loaded, total }) => progress(loaded / total);
    request.onload = () => (request.status < 300 ? resolve() : reject(refusalOfS3(request)));
    request.onerror = () => reject(new CloudError("offline", ""));
    signal?.addEventListener("abort", () => request.abort());
    request.onabort = () => reject(new CloudError("aborted", ""));
    request.send(file);
  });
}

function refusalOfS3({ status, responseText }) {
  const said = new DOMParser().parseFromString(responseText, "application/xml");
  const code = said.querySelector("Code")?.textContent;
  return new CloudError(code === "EntityTooLarge" ? "photo_too_large" : "other", code ?? `HTTP ${status}`);
}

async function reach(url, options, anyStatus = false) {
  let answer;
  try {
    answer = await fetch(url, options);
  } catch (error) {
    throw new CloudError(error.name === "AbortError" ? "aborted" : "offline", error.message);
  }
  if (!answer.ok && !anyStatus) throw new CloudError("other", `HTTP ${answer.status}`);
  return answer;
}

function stored() {
  try {
    return localStorage.getItem(KEY) || undefined;
  } catch {
    return undefined;
  }
}
