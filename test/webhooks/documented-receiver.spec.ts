import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { until } from '../support/product.js';
import { NOTICE_TYPES, TEST_NOTICE } from '../../src/webhooks/notice-types.js';
import { delivery, startWorld, webhook } from './webhook-world.js';

const page = readFileSync('docs/webhooks.md', 'utf8');

describe('docs/webhooks.md', () => {
  it('shows a receiver that takes what is signed, and refuses what is not', async () => {
    const world = await startWorld();
    const script = /^```js\n([^]*?)^```$/m.exec(page)![1]!;
    const start = async (port: string, secret: string) => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
        env: { PORT: port, WEBHOOK_SECRET: secret },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let printed = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
      await until(() => printed.includes('listening on'));
      return { child, printed: () => printed, port: /listening on (\d+)/.exec(printed)![1]! };
    };
    // Somebody else's secret first, since the port must be known before the webhook is made.
    let receiver = await start('0', 'whsec_RVhBTVBMRS1FWEFNUExFLUVYQU1QTEUtRVhBTVBMRS0=');
    const stop = async (): Promise<void> => {
      receiver.child.kill();
      await once(receiver.child, 'exit');
    };
    try {
      const { port } = receiver;
      const { id, secret } = await webhook(world.root, `http://127.0.0.1:${port}/`);
      const test = await world.root.post(`/v1/webhooks/${id}/test`);
      const refused = await delivery(world.root, id, (each) => each.last_attempt !== null);
      expect(refused.last_attempt).toMatchObject({ status: 401 });
      await stop();
      receiver = await start(port, secret);
      await world.root.post(`/v1/webhooks/${id}/deliveries/${refused.id}/replay`);
      await delivery(world.root, id, ({ status }) => status === 'delivered');
      await until(() => receiver.printed().includes(`webhook.test ${String(test.body.event_id)}`));
    } finally {
      await stop();
      await world.close();
    }
  });

  it('has a row for every type of notice, and for no other', () => {
    const rows = [...page.matchAll(/^\| `([a-z_]+\.[a-z_]+)`/gm)].map((match) => match[1]);
    expect(rows.sort()).toEqual([...NOTICE_TYPES, TEST_NOTICE].sort());
  });
});
