/** Installs and builds, and runs nothing. */
import { requireNode } from './node-version.mjs';

requireNode();
const { fail, prepare } = await import('./prepare.mjs');
await prepare({ say: (line) => console.log(line) }).catch(fail);
