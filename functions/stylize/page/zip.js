// A zip without compression: pictures are compressed already.

const POLYNOMIAL = 0xedb88320;
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  for (let bit = 0; bit < 8; bit++) byte = (byte >>> 1) ^ (byte & 1 ? POLYNOMIAL : 0);
  return byte;
});

/** @param {{name: string, blob: Blob}[]} files names with slashes are in folders; all together less than 4 GB */
export async function zip(files) {
  const parts = [];
  const directory = [];
  let at = 0;
  for (const { name, blob } of files) {
    const path = new TextEncoder().encode(name);
    const about = describe(crc32(new Uint8Array(await blob.arrayBuffer())), blob.size, path.length);
    parts.push(fields([4, 0x04034b50]), about, path, blob);
    // Of one entry: made by version 2.0, then the same, no comment, no attributes, where its file starts.
    directory.push(fields([4, 0x02014b50], [2, 20]), about, fields([2, 0], [2, 0], [2, 0], [4, 0], [4, at]), path);
    at += 30 + path.length + blob.size;
  }
  const entries = new Blob(directory);
  const [count, none] = [[2, files.length], [2, 0]];
  return new Blob([...parts, entries, fields([4, 0x06054b50], none, none, count, count, [4, entries.size], [4, at], none)], {
    type: "application/zip",
  });
}

/** What both headers of a file say: version 2.0, names in UTF-8, stored, now, checksum and sizes. */
function describe(crc, size, nameLength) {
  const now = new Date();
  const time = (now.getHours() << 11) | (now.getMinutes() << 5) | (now.getSeconds() >> 1);
  const date = ((now.getFullYear() - 1980) << 9) | ((now.getMonth() + 1) << 5) | now.getDate();
  return fields([2, 20], [2, 0x0800], [2, 0], [2, time], [2, date], [4, crc], [4, size], [4, size], [2, nameLength], [2, 0]);
}

function crc32(bytes) {
  let crc = -1;
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 255] ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** Little-endian numbers of so many bytes each. */
function fields(...numbers) {
  return Uint8Array.from(numbers.flatMap(([bytes, value]) => Array.from({ length: bytes }, (_, i) => (value >>> (8 * i)) & 255)));
}
