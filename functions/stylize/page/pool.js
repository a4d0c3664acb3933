// The painters: one per group of styles where the processor has cores for them, each a worker of its own.

import { GROUPS } from "./painter.js";

const MOST = Object.keys(GROUPS).length;

/** Whether this browser can run the kernels: WebAssembly with SIMD, workers that have canvases. */
export function canPaint() {
  // The smallest module that uses a vector instruction.
  const simd = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11];
  return typeof WebAssembly === "object" && WebAssembly.validate(new Uint8Array(simd)) && typeof OffscreenCanvas === "function";
}

/** Compiles the kernels once and starts `count` workers with them. */
export async function startPool(count = navigator.hardwareConcurrency ?? 1) {
  const kernels = fetch(new URL("./kernels.wasm", import.meta.url));
  const module = await WebAssembly.compileStreaming(kernels).catch(async () =>
    // A host that serves .wasm as another type.
    WebAssembly.compile(await (await fetch(new URL("./kernels.wasm", import.meta.url))).arrayBuffer()),
  );
  const workers = Array.from({ length: Math.max(1, Math.min(MOST, count)) }, () => new PaintWorker());
  await Promise.all(workers.map((worker) => worker.ask("start", { module })));
  return new Pool(workers);
}

class PaintWorker {
  #worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  #asked = new Map();
  #last = 0;
  loaded; // the preview in its memory

  constructor() {
    this.#worker.onmessage = ({ data: { id, answer, fault, news } }) => {
      const { resolve, reject, tell } = this.#asked.get(id);
      if (news) return tell?.(news);
      this.#asked.delete(id);
      if (fault) reject(Object.assign(new Error(fault.message), { name: fault.name }));
      else resolve(answer);
    };
    this.#worker.onerror = (event) => {
      for (const { reject } of this.#asked.values()) reject(new Error(event.message));
      this.#asked.clear();
    };
  }

  end() {
    this.#worker.terminate();
  }

  ask(verb, given, tell) {
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject, tell });
      this.#worker.postMessage({ id, verb, given });
    });
  }
}

class Pool {
  #latest = new Map(); // group -> what is asked for while the one before is being painted

  constructor(workers) {
    this.workers = workers;
  }

  open(file, longSide) {
    return this.workers.at(-1).ask("open", { file, longSide });
  }

  /**
   * Paints a preview in the styles of a group. Of calls that come while it is busy with the group, only the last is
   * painted; the others answer undefined.
   */
  async paint(preview, group, params, strength) {
    const waiting = this.#latest.get(group);
    if (waiting) {
      waiting.next?.resolve(undefined);
      return new Promise((resolve, reject) => (waiting.next = { preview, params, strength, resolve, reject }));
    }
    const turn = {};
    this.#latest.set(group, turn);
    try {
      return await this.#paintNow(preview, group, params, strength);
    } finally {
      this.#latest.delete(group);
      const { next } = turn;
      if (next) this.paint(next.preview, group, next.params, next.strength).then(next.resolve, next.reject);
    }
  }

  async #paintNow(preview, group, params, strength) {
    const worker = this.#workerOf(group);
    const photo = worker.loaded === preview ? undefined : preview;
    worker.loaded = preview;
    try {
      return await worker.ask("paint", { photo, group, params, strength });
    } catch (error) {
      worker.loaded = undefined;
      throw error;
    }
  }

  /** Paints a photo into files; `tell` hears of each {style, blob}. */
  paintFiles(given, tell) {
    const worker = this.workers[0];
    worker.loaded = undefined;
    return worker.ask("paintFiles", given, tell);
  }

  hold(file) {
    return this.workers[0].ask("hold", { file });
  }

  crop(given) {
    this.workers[0].loaded = undefined;
    return this.workers[0].ask("crop", given);
  }

  release() {
    return this.workers[0].ask("release", {});
  }

  #workerOf(group) {
    return this.workers[Object.keys(GROUPS).indexOf(group) % this.workers.length];
  }
}
