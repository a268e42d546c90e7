import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';

const root = join(import.meta.dirname, '../..');
const sources = join(root, 'src/');
const require = createRequire(import.meta.url);

/**
 * Puts a module that Node has loaded in the place of a file: of Nest's packages, and of a source file that which was
 * built of it. It is loaded once a worker and shared by all test files. So the tests run the very code that is shipped,
 * which the global set-up has built.
 */
export default {
  process(_source, path) {
    const file = path.startsWith(sources)
      ? join(root, 'dist', relative(sources, path).replace(/\.ts$/, '.js'))
      : path;
    const module = `requireBuilt(${JSON.stringify(file)})`;
    const exports = Object.keys(require(file)).map((name) =>
      name === 'default' ? 'export default built.default;' : `export const ${name} = built.${name};`,
    );
    return { code: [`const built = ${module};`, ...exports].join('\n') };
  },
  getCacheKey: (source, path) => createHash('sha256').update(`1\0${path}\0${source}`).digest('hex'),
};
