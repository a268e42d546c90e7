/** `npm start`: makes the clone ready and runs the product in this very process, so that signals and the exit code are its own. */
import { requireNode } from './node-version.mjs';

requireNode();
endWithNpm();
const { fail, prepare } = await import('./prepare.mjs');
await prepare({ say: (line) => console.log(line) }).catch(fail);
await import('../dist/bundle/main.js');

/**
 * npm passes a signal on to the shell that it has started us in, which dies of it and tells us nothing: without
 * this, whoever stops npm leaves a product behind that nobody knows of.
 */
function endWithNpm() {
  if (process.env.npm_lifecycle_event !== 'start' || process.platform === 'win32') return;
  const shell = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 250).unref();
}
