import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { describeInBrowser, openBrowser, Visitor } from '../support/browser.js';
import { account, PASSWORD } from '../support/people.js';
import { World } from '../support/world.js';

jest.setTimeout(60_000);

describeInBrowser('in the dashboard an owner', () => {
  let world: World;
  let browser: Browser;
  let ada: Visitor;
  beforeAll(async () => {
    [world, browser] = await Promise.all([World.start({ dashboard: true }), openBrowser()]);
    const { email } = await account(world, 'owner');
    ada = await Visitor.arrive(browser, world.urls[0]!);
    await ada.signIn(email, PASSWORD);
    await ada.see('Welcome to Tooken');
  });
  afterAll(async () => {
    await browser.close();
    await world.close();
  });

  const statusOf = async (secret: string): Promise<number> => (await world.as(secret).get('/v1/me')).status;
  const dialog = () => ada.page.getByRole('dialog');
  let key: string;
  let token: string;

  it('creates an API key after confirming who they are, and sees its value once', async () => {
    await ada.open('/settings/api-keys');
    await ada.click('Create API key');
    await dialog().getByLabel('Name').fill('Deployment');
    await dialog().getByRole('button', { name: 'Create' }).click();
    key = await ada.confirmedSecret(PASSWORD);
    expect(key).toMatch(/^tok_live_[0-9A-Za-z]{36}$/);
    expect(await statusOf(key)).toBe(200);
    expect(await ada.page.content()).not.toContain(key);
    await ada.open('/settings/api-keys');
    expect(await ada.page.content()).not.toContain(key);
  });

  it('regenerates it by typing its name: the old value is refused, the new one is good', async () => {
    await ada.click('Regenerate Deployment');
    const regenerate = dialog().getByRole('button', { name: 'Regenerate' });
    expect(await regenerate.isDisabled()).toBe(true);
    await dialog().getByLabel(/^Type/).fill('Deployment');
    await regenerate.click();
    const next = await ada.takeSecret();
    expect([await statusOf(key), await statusOf(next)]).toEqual([401, 200]);
    key = next;
  });

  it('is told when it was last used, and deletes it: it is refused at once', async () => {
    await ada.open('/settings/api-keys');
    await ada.click('Delete Deployment');
    await dialog().getByText('Last used').waitFor();
    await dialog().getByLabel(/^Type/).fill('Deployment');
    await dialog().getByRole('button', { name: 'Delete API key' }).click();
    await ada.page.getByRole('table').getByText('Deployment').waitFor({ state: 'detached' });
    expect(await statusOf(key)).toBe(401);
  });

  it('issues a token with scopes and an end, which is valid from then on', async () => {
    await ada.open('/tokens/new');
    await ada.fill('Name', 'Acme');
    await ada.page.getByRole('textbox', { name: 'Scopes' }).fill('invoices:read');
    await ada.page.getByRole('option', { name: /^Add invoices:read/ }).click();
    await ada.page.keyboard.press('Escape');
    await ada.page.getByRole('radiogroup', { name: 'Expires in' }).getByText('30 days').click();
    await ada.fill('Subject', 'partner_42');
    await ada.click('Issue token');
    token = await ada.takeSecret();
    await ada.page.waitForURL('**/tokens/token_*');
    await ada.page.getByRole('heading', { level: 1, name: 'Acme' }).waitFor();
    expect(await world.verify(token, { scopes: ['invoices:read'] })).toMatchObject({
      valid: true,
      subject: 'partner_42',
    });
    expect(await world.verify(token, { scopes: ['invoices:write'] })).toMatchObject({
      code: 'insufficient_scope',
    });
  });

  it('is shown every fault beside the field that has it', async () => {
    await ada.open('/tokens/new');
    await ada.fill('Name', 'Wrong');
    await ada.page.getByRole('textbox', { name: 'Scopes' }).fill('invoices:read');
    await ada.page
      .getByRole('option', { name: /invoices:read/ })
      .first()
      .click();
    await ada.page.keyboard.press('Escape');
    await ada.page.getByRole('button', { name: /^Limits/ }).click();
    await ada.page
      .getByLabel('Allowed addresses')
      .and(ada.page.locator('input:not([type=hidden])'))
      .fill('not-an-address');
    await ada.page.keyboard.press('Enter');
    await ada.click('Issue token');
    await ada.page.getByRole('alert').getByText('allowed_ips').waitFor();
    await ada.see('Must be an IPv4 or IPv6 address or CIDR range');
  });

  it('finds it, sees its life, and revokes it: it is refused from the next request on', async () => {
    await ada.open('/tokens');
    await ada.fill('Search tokens', 'acm');
    await ada.page.waitForURL('**/tokens?q=acm');
    await ada.page.getByRole('link', { name: 'Acme' }).click();
    await ada.see('issued the token');
    await ada.click('Revoke');
    await dialog().getByLabel('Reason').fill('The contract ended');
    await dialog().getByLabel(/^Type/).fill('Acme');
    await dialog().getByRole('button', { name: 'Revoke token' }).click();
    await ada.see('The contract ended');
    expect(await world.verify(token)).toMatchObject({ valid: false, code: 'revoked' });
  });

  it('reads in the log what they did, and has it proven by the browser', async () => {
    await ada.open('/settings/audit-log?action=%5B%22token.revoke%22%5D');
    await ada.page.getByRole('link', { name: /revoked the token Acme/ }).click();
    await ada.see('Everything done to Acme');
    await ada.click('Check');
    await ada.see('This event is in the signed log, exactly as it is shown here.');
    await ada.see('First visit: this checkpoint is now remembered here');
  });

  it('is told when the log shows another event than was signed', async () => {
    await ada.page.route('**/v1/audit-events/evt_*', async (route) => {
      const answer = await route.fetch();
      const event = (await answer.json()) as Record<string, unknown>;
      await route.fulfill({ json: { ...event, occurred_at: '2020-01-01T00:00:00.000Z' } });
    });
    await ada.page.reload();
    await ada.click('Check');
    await ada.see('What is shown differs from what was recorded');
    await ada.page.unrouteAll();
  });

  it('follows the log live', async () => {
    await ada.open('/settings/audit-log');
    await ada.page.getByRole('switch', { name: 'Live' }).check();
    await ada.see('Following');
    await world.root.post('/v1/scopes', { name: 'reports:export' });
    await ada.page.getByRole('link', { name: /added the scope reports:export/ }).waitFor();
  });

  it('is shown of the test environment only what is there', async () => {
    await ada.open('/tokens');
    await ada.page.getByRole('radiogroup', { name: 'Environment' }).getByText('Test').click();
    await ada.see('No tokens yet');
    await ada.page.getByRole('radiogroup', { name: 'Environment' }).getByText('Live').click();
    await ada.page.getByRole('link', { name: 'Acme' }).waitFor();
  });

  it('has seen no fault, neither of a script nor of the policy', () => {
    expect(ada.faults).toEqual([]);
  });
});
