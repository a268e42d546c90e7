import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { cleanUp, emptyFolder, Product, processesOn, until } from '../support/product.js';
import { ALLOWED, webhook } from './webhook-world.js';
import { Receiver } from './receiver.js';

jest.setTimeout(180_000);

describe('what happened before the server was killed', () => {
  afterAll(cleanUp);

  it('is told after it was started again, though nothing of it had been sent', async () => {
    const receiver = await Receiver.start();
    const settings = { ...ALLOWED, TOOKEN_DATA_DIR: emptyFolder() };
    try {
      let product = await Product.start(settings);
      const { key } = product;
      let root = product.as(key!);
      const hook = await webhook(root, receiver.url, { enabled: false });
      await root.post(`/v1/webhooks/${hook.id}/test`);
      const { body: token } = await root.post<{ id: string }>('/v1/tokens', { name: 'x', scopes: ['a:b'] });
      await root.patch(`/v1/webhooks/${hook.id}`, { enabled: true });
      // Committed before its answer; whatever comes of it is not.
      expect((await root.delete(`/v1/tokens/${token.id}`)).status).toBe(204);
      await product.stop('SIGKILL');
      await until(() => processesOn(settings.TOOKEN_DATA_DIR).length === 0);

      product = await Product.start(settings);
      root = product.as(key!);
      // What was under way when it was killed comes a second time, when its lease is over: at least once.
      await until(() => receiver.notices().some(({ type }) => type === 'token.revoked'));
      const [notice] = receiver.notices().filter(({ type }) => type === 'token.revoked');
      expect(notice!.data).toMatchObject({ token: { id: token.id } });
      expect(await product.stop()).toBe(0);
    } finally {
      await cleanUp();
      await receiver.close();
    }
  });
});
