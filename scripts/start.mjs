/** `npm start`: makes the clone ready and runs the product in this very process, so that signals and the exit code are its own. */
import { requireNode } from './node-version.mjs';

requireNode();
const { fail, prepare } = await import('./prepare.mjs');
await prepare({ say: (line) => console.log(line) }).catch(fail);
await import('../dist/main.js');
