// The painter: the kernels of the cloud, as WebAssembly, on one photo in one memory. Runs in a worker, and in Node.
//
// kernels.wasm has no allocator: everything from `__heap_base` on is laid out here. From the start of the heap lie
// the photo and the differences of its neighbors, which stay for as long as the photo does, so that a slider repaints
// without them being made again; what one style needs lies after them and is used by the next style as well.
// The contract of each kernel is in kernels.h, that of the numbers in reference.py.

const ABI = 4;
const LINE = 64; // bytes of a cache line: where planes start
const PAGE = 65536; // bytes by which WebAssembly's memory grows
const ITERATIONS = 3; // of watercolor
const SQRT3 = Math.fround(Math.sqrt(3));

/** Styles that are painted at once, the longest chain of passes first. */
export const GROUPS = { watercolor: ["watercolor"], oil: ["oil"], pencil: ["sketch", "color-pencil"] };

export class Painter {
  /** @param {WebAssembly.Instance} instance of kernels.wasm, for this painter alone */
  constructor(instance) {
    this.kernels = instance.exports;
    const abi = this.kernels.stylize_abi();
    if (abi !== ABI) throw new Error(`expected kernels of ABI ${ABI}, got ABI ${abi}`);
    this.heap = wholeLines(this.kernels.__heap_base.value);
  }

  /** Takes a photo, (height, width, 3) uint8 BGR; it is copied. */
  load(bgr, width, height) {
    this.width = width;
    this.height = height;
    this.stride = this.#size("plane_stride", width);
    this.photo = this.heap;
    this.across = wholeLines(this.photo + 3 * width * height);
    this.down = wholeLines(this.across + 4 * this.stride * height);
    this.rest = wholeLines(this.down + 4 * this.stride * height);
    this.comparedAt = 0; // width of the lines for which the differences were made
    this.#grow(this.across);
    this.#bytes(this.photo, 3 * width * height).set(bgr);
  }

  /** The photo that was loaded. */
  get bgr() {
    return this.#bytes(this.photo, 3 * this.width * this.height);
  }

  /**
   * Paints the styles of a group. The views that it answers are of this painter's memory: copy them before the next call.
   * @param {"pencil" | "oil" | "watercolor"} group
   * @param {{sigmaS: number, sigmaR: number, shade: number, size: number, levels: number, line: number}} p those of the group
   * @returns {Object<string, Uint8Array>} slug of a style to its painting: BGR, or gray for the sketch
   */
  paint(group, p) {
    if (group !== "oil") this.#compare(p.line);
    return { pencil: () => this.#pencil(p), oil: () => this.#oil(p), watercolor: () => this.#watercolor(p) }[group]();
  }

  #pencil({ sigmaS, sigmaR, shade, line }) {
    const { width, height, photo, across, down, stride } = this;
    const pixels = width * height;
    const need = this.#size("pencil_scratch", width, height, shade, line);
    const [counts, sketch, color, scratch] = this.#layOut(2 * pixels, pixels, 3 * pixels, need);
    const reach = [slope(sigmaS, sigmaR), radius(sigmaS, 0), shade, line];
    this.#call("pencil_columns", down, width, height, 0, width, ...reach, stride, counts, scratch, need);
    this.#call("pencil_rows", photo, width, height, 0, height, ...reach, across, stride, counts, sketch, color, scratch, need);
    return { sketch: this.#bytes(sketch, pixels), "color-pencil": this.#bytes(color, 3 * pixels) };
  }

  #oil({ size, levels }) {
    const { width, height, photo } = this;
    const need = this.#size("oil_scratch", width, height, size, levels);
    const [painting, scratch] = this.#layOut(3 * width * height, need);
    this.#call("oil_rows", photo, width, height, 0, height, size, levels, painting, scratch, need);
    return { oil: this.#bytes(painting, 3 * width * height) };
  }

  #watercolor({ sigmaS, sigmaR, line }) {
    const { width, height, photo, across, down, stride } = this;
    const need = this.#size("watercolor_scratch", width, height);
    const [washes, painting, scratch] = this.#layOut(8 * stride * height, 3 * width * height, need);
    for (let k = 0; k < ITERATIONS; k++) {
      const reach = [slope(sigmaS, sigmaR), radius(sigmaS, k)];
      const first = k === 0 ? 1 : 0;
      this.#call("watercolor_rows", photo, width, height, 0, height, ...reach, first, across, washes, stride, scratch, need);
      this.#call("watercolor_columns", down, width, height, 0, width, ...reach, washes, stride, scratch, need);
    }
    this.#call("watercolor_edges", washes, width, height, 0, height, line, stride, painting, scratch, need);
    return { watercolor: this.#bytes(painting, 3 * width * height) };
  }

  /** The differences of neighbors, once per photo and width of lines; where lines are wide, those of its guide. */
  #compare(line) {
    if (this.comparedAt === line) return;
    this.#grow(this.rest);
    const { width, height, across, down, stride } = this;
    let photo = this.photo;
    if (line > 1) {
      const need = this.#size("guide_scratch", width);
      const [guide, scratch] = this.#layOut(3 * width * height, need);
      this.#call("guide_rows", photo, width, height, 0, height, line, guide, scratch, need);
      photo = guide;
    }
    this.#call("differences_rows", photo, width, height, 0, height, across, down, stride);
    this.comparedAt = line;
  }

  /** Addresses of blocks of so many bytes each, after what stays. */
  #layOut(...sizes) {
    let end = this.rest;
    const starts = sizes.map((size) => {
      const start = end;
      end = wholeLines(end + size);
      return start;
    });
    this.#grow(end);
    return starts;
  }

  #grow(end) {
    const more = end - this.kernels.memory.buffer.byteLength;
    if (more > 0) this.kernels.memory.grow(Math.ceil(more / PAGE)); // a RangeError where there is no memory left
  }

  #bytes(start, length) {
    return new Uint8Array(this.kernels.memory.buffer, start, length);
  }

  #size(name, ...given) {
    const size = this.kernels[`stylize_${name}_baseline`](...given) >>> 0;
    if (size === 0) throw new RangeError(`${name}: expected a size and parameters in range, got ${given}`);
    return size;
  }

  #call(name, ...given) {
    const status = this.kernels[`stylize_${name}_baseline`](...given);
    if (status !== 0) throw new RangeError(`${name}: expected arguments in range, got status ${status}`);
  }
}

/** Bytes of memory that painting so many pixels takes at most, the browser's own copies of them included. */
export const bytesToPaint = (pixels) => 34 * pixels + 2 ** 24;

function wholeLines(bytes) {
  return Math.ceil(bytes / LINE) * LINE;
}

/** float32 in the order of the reference: the last bit moves a window's bounds. */
function slope(sigmaS, sigmaR) {
  return Math.fround(Math.fround(sigmaS) / Math.fround(sigmaR));
}

function radius(sigmaS, iteration) {
  const sigma = Math.fround((sigmaS * Math.sqrt(3) * 2 ** (ITERATIONS - 1 - iteration)) / Math.sqrt(4 ** ITERATIONS - 1));
  return Math.fround(SQRT3 * sigma);
}
