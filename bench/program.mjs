import { constants } from 'node:os';
import { requireNode } from '../scripts/node-version.mjs';

// Before the modules that are imported behind this one are run.
requireNode();

/**
 * Runs one of the bench's programs on the built product and prints what it returns. Ctrl-C ends everything it has
 * opened, and leaves nothing behind.
 *
 * @param work gets the lifetime of what it opens, and says what it is about to do. It imports what needs packages itself:
 * they may only just have been installed.
 */
export async function program(work) {
  const { prepare } = await import('../scripts/prepare.mjs');
  const { Lifetime } = await import('./lifetime.mjs');
  const lifetime = new Lifetime();
  const say = (line) => console.error(`… ${line}`);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => void lifetime.end().then(() => process.exit(128 + constants.signals[signal])));
  }
  try {
    await prepare({ say });
    console.log(await work(lifetime, say));
  } catch (error) {
    // What was broken off fails as a consequence.
    if (!lifetime.isEnding) {
      console.error(error);
      for (const words of lifetime.lastWords) console.error(words);
      process.exitCode = 1;
    }
  } finally {
    await lifetime.end();
  }
}
