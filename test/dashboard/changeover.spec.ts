import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import type { Browser, Locator } from 'playwright-core';
import { describeInBrowser, openBrowser, Visitor } from '../support/browser.js';
import { person } from '../support/people.js';
import { until } from '../support/product.js';
import { World } from '../support/world.js';
import { Receiver } from '../webhooks/receiver.js';
import { ALLOWED } from '../webhooks/webhook-world.js';

jest.setTimeout(60_000);

describeInBrowser('in the dashboard', () => {
  let world: World;
  let browser: Browser;
  let receiver: Receiver;
  let ada: Visitor;
  beforeAll(async () => {
    [world, browser, receiver] = await Promise.all([
      World.start({ dashboard: true, env: ALLOWED }),
      openBrowser(),
      Receiver.start(),
    ]);
    ada = await Visitor.arrive(browser, world.urls[0]!);
    await ada.is(await person(world, 'owner'));
  });
  afterAll(async () => {
    await browser.close();
    await world.close();
    await receiver.close();
  });

  const dialog = (): Locator => ada.page.getByRole('dialog');
  const press = (name: string): Promise<void> => dialog().getByRole('button', { name, exact: true }).click();

  it('a token gets a new value, the old one has a grace, and its users are told of until it is ended', async () => {
    const { id, token: old } = await world.token({ name: 'Acme' });
    await ada.open(`/tokens/${id}`);
    await ada.click('Rotate');
    await press('Rotate');
    const fresh = await ada.takeSecret();
    expect(await world.verify(fresh)).toMatchObject({ valid: true });
    await ada.see('Nobody has used it since the rotation');

    await world.verify(old);
    await until(async () => {
      const { body } = await world.root.get<{ previous: { uses_since_rotation: number } }>(
        `/v1/tokens/${id}`,
      );
      return body.previous.uses_since_rotation === 1;
    });
    await ada.page.reload();
    await ada.see('Still used: once since');
    await ada.click('End it now');
    await ada.see('The former value is over');
    expect(await world.verify(old)).toMatchObject({ valid: false, code: 'expired' });
  });

  it('all tokens of a partner end at once, after one has seen which', async () => {
    const tokens = [];
    for (const name of ['Import', 'Export']) tokens.push(await world.token({ name, subject: 'partner_42' }));
    const other = await world.token({ subject: 'partner_7' });
    await ada.open('/tokens');
    await ada.click('Revoke by filter');
    await dialog().getByLabel('Subject').fill('partner_42');
    await press('Show what would be hit');
    await dialog().getByText('2 tokens would be revoked').waitFor();
    await dialog().getByText('partner_42 (2)').waitFor();
    expect(await world.verify(tokens[0]!.token)).toMatchObject({ valid: true });

    await dialog().getByLabel('Reason').fill('They were broken into');
    await press('Revoke 2');
    await ada.see('2 tokens are revoked');
    for (const { token } of tokens) expect(await world.verify(token)).toMatchObject({ code: 'revoked' });
    expect(await world.verify(other.token)).toMatchObject({ valid: true });
  });

  it('a webhook is added, tried out, and what was sent is seen and sent again', async () => {
    await ada.open('/settings/webhooks');
    await ada.click('Add webhook');
    await dialog().getByLabel('Address').fill(`${receiver.url}/hook`);
    await press('Add');
    expect(await ada.takeSecret()).toMatch(/^whsec_/);
    await ada.page.getByRole('link', { name: receiver.url }).click();
    await ada.click('Send a test');
    await receiver.has(1, '/hook');
    await ada.click('webhook.test');
    await dialog().getByText('Answered 204').waitFor();
    await press('Send again');
    await receiver.has(2, '/hook');
    const [first, second] = receiver.at('/hook');
    expect(second!.headers['webhook-id']).toBe(first!.headers['webhook-id']);
  });

  it('nothing went wrong unseen', () => {
    expect(ada.faults).toEqual([]);
  });
});
