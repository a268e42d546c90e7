import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

const COMPRESSIBLE = new Set(['.js', '.css', '.svg']);
/** Below this the headers cost more than is saved. */
const WORTH_IT = 1024;
/** The best two levels take ten times as long for two per cent. */
const BROTLI_QUALITY = 9;

/** Lays a `.br` and a `.gz` beside every file that shrinks, so that the server compresses nothing itself. */
export function compress(): Plugin {
  let folder = '';
  return {
    name: 'tooken-compress',
    apply: 'build',
    configResolved(config) {
      folder = join(config.root, config.build.outDir);
    },
    closeBundle() {
      for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
        if (!COMPRESSIBLE.has(extname(name))) continue;
        const path = join(folder, name);
        const content = readFileSync(path);
        if (content.length < WORTH_IT) continue;
        const params = { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY };
        writeFileSync(`${path}.br`, brotliCompressSync(content, { params }));
        writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
      }
    },
  };
}
