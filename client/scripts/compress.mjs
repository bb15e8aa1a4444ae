// Gives every compressible file of a folder its precompressed twins (.br, .gz), which the server sends as they are.
// A twin that is there is left alone: whoever replaces a file removes its twins.
import { readdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, gzip, constants as zlib } from "node:zlib";

// Pages are missing here on purpose: each answer carries its own nonce, so they are never sent as they lie.
const COMPRESSIBLE = new Set([".bin", ".css", ".js", ".json", ".mjs", ".svg", ".txt", ".wasm"]);
// Quality 11 takes a minute for the 31 MB snapshot and saves little over 9.
const BROTLI_QUALITY_11_BYTES = 2_000_000;

const [folder] = process.argv.slice(2);

const exists = (path) =>
  stat(path).then(
    () => true,
    () => false,
  );

const brotli = (data) =>
  promisify(brotliCompress)(data, {
    params: {
      [zlib.BROTLI_PARAM_QUALITY]: data.length > BROTLI_QUALITY_11_BYTES ? 9 : 11,
      [zlib.BROTLI_PARAM_SIZE_HINT]: data.length,
    },
  });

async function twin(path, suffix, compressed) {
  if (await exists(path + suffix)) return;
  await writeFile(`${path}.part${suffix}`, await compressed(await readFile(path)));
  // Half a twin must never pass for a whole one.
  await rename(`${path}.part${suffix}`, path + suffix);
}

const names = (await readdir(folder, { recursive: true })).filter((name) => COMPRESSIBLE.has(extname(name)));
await Promise.all(
  names.flatMap((name) => {
    const path = join(folder, name);
    return [twin(path, ".br", brotli), twin(path, ".gz", (data) => promisify(gzip)(data, { level: 9 }))];
  }),
);
