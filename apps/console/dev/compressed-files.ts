import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Plugin } from 'vite';

const COMPRESSED = /\.(css|html|js|json|svg|txt|webmanifest)$/;
/** The server fills in a nonce each time. */
const PAGE = 'index.html';
/** Below this a header more costs what compression brings. */
const MIN_BYTES = 1_024;

const encoders = {
  br: async (content: Buffer) =>
    await promisify(brotliCompress)(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
  gz: async (content: Buffer) => await promisify(gzip)(content, { level: 9 }),
};

/** Lays `x.br` and `x.gz` beside each file of the build, so that the server compresses nothing while it serves. */
export function compressedFiles(): Plugin {
  return {
    name: 'holdfast-compressed-files',
    apply: 'build',
    writeBundle: {
      order: 'post',
      async handler({ dir = '' }) {
        const names = (await readdir(dir, { recursive: true })).filter(
          (name) => COMPRESSED.test(name) && name !== PAGE,
        );
        await Promise.all(
          names.map(async (name) => {
            const file = join(dir, name);
            const content = await readFile(file);
            if (content.length < MIN_BYTES) return;
            for (const [ending, encode] of Object.entries(encoders))
              await writeFile(`${file}.${ending}`, await encode(content));
          }),
        );
      },
    },
  };
}
