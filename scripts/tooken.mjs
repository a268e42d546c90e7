/** `npm run -s tooken -- …`: the command line. Its answers are JSON on standard output, which nothing else may touch. */
import { requireNode } from './node-version.mjs';

requireNode();
const { fail, prepare } = await import('./prepare.mjs');
await prepare({ say: (line) => console.error(line) }).catch(fail);
await import('../dist/bundle/cli.js');
