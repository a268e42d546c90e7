import type { Worker } from 'node:worker_threads';
import { expect, it } from '@jest/globals';
import { Sequencer } from '../../src/audit-log/sequencing/sequencer.js';
import { World } from '../support/world.js';
import { sequenced } from './direct-writes.js';

it('a sequencer that dies is followed by another', async () => {
  const world = await World.start();
  try {
    const { thread } = world.apps[0]!.get<Sequencer, { thread: Worker }>(Sequencer);
    await thread.terminate();
    await world.root.get('/v1/me');
    await sequenced(world);
    const [event] = await world.events('action=me.read');
    expect(event).toMatchObject({ index: expect.any(Number) });
  } finally {
    await world.close();
  }
});
