/**
 * Loaded into the product before itself (`node --import`): profiles its main thread when the bench says so, and leaves
 * it alone until then.
 */
import { writeFile } from 'node:fs/promises';
import { Session } from 'node:inspector/promises';
import { isMainThread } from 'node:worker_threads';

const INTERVAL_US = 200;

if (isMainThread && process.channel !== undefined) {
  const session = new Session();
  session.connect();
  process.on('message', async ({ begin, end }) => {
    if (begin === true) {
      await session.post('Profiler.enable');
      await session.post('Profiler.setSamplingInterval', { interval: INTERVAL_US });
      await session.post('Profiler.start');
    }
    if (end !== undefined) {
      const { profile } = await session.post('Profiler.stop');
      await writeFile(end, JSON.stringify(profile));
    }
    process.send({ done: true });
  });
  // It ends when it is asked to, whether we listen or not.
  process.channel.unref();
}
