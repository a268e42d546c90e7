import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { describeInBrowser, openBrowser, Visitor } from '../support/browser.js';
import { account, PASSWORD } from '../support/people.js';
import { World } from '../support/world.js';

jest.setTimeout(60_000);

describeInBrowser('the policies of a workspace, in the dashboard,', () => {
  let world: World;
  let browser: Browser;
  let ada: Visitor;
  const policies = async () => (await world.root.get('/v1/workspace')).body;
  const field = (label: string) =>
    ada.page.getByLabel(label).and(ada.page.locator('input:not([type=hidden])'));
  const save = async () => {
    await ada.click('Save');
    await ada.page.locator('button[type=submit]:disabled:not([data-loading])').waitFor();
  };

  beforeAll(async () => {
    [world, browser] = await Promise.all([World.start({ dashboard: true }), openBrowser()]);
    await world.token({ name: 'Acme' });
    const { email } = await account(world, 'owner');
    ada = await Visitor.arrive(browser, world.urls[0]!);
    await ada.signIn(email, PASSWORD);
    await ada.see('Overview');
  });
  afterAll(async () => {
    await browser.close();
    await world.close();
  });

  it('are all changed by an owner, from either environment, and shown as they were set', async () => {
    await ada.page.getByRole('radiogroup', { name: 'Environment' }).getByText('Test').click();
    await ada.open('/settings/workspace');
    await field('Maximum lifetime').fill('90');
    await ada.page.getByRole('switch', { name: 'Require an expiry' }).check();
    await ada.page.getByRole('switch', { name: 'Strict scopes' }).check();
    await field('Default prefix').fill('acme');
    await field('Suspend after days without use').fill('60');
    await ada.page.getByRole('radio', { name: 'Tell and revoke' }).check();
    for (const range of ['127.0.0.0/8', '203.0.113.0/24']) {
      await field('Allowed addresses').fill(range);
      await ada.page.keyboard.press('Enter');
    }
    await save();
    expect(await policies()).toMatchObject({
      max_token_ttl: 7_776_000,
      require_expiry: true,
      strict_scopes: true,
      default_prefix: 'acme',
      inactive_after_days: 60,
      reuse_policy: 'revoke',
      allowed_management_ips: ['127.0.0.0/8', '203.0.113.0/24'],
    });
    await ada.page.reload();
    await ada.see('203.0.113.0/24');
    expect(await field('Maximum lifetime').inputValue()).toBe('90');
  });

  it('are changed one by one: what the reader leaves alone stays as somebody else has set it', async () => {
    await world.root.patch('/v1/workspace', { inactive_after_days: 30 });
    await field('Maximum lifetime').fill('');
    await save();
    expect(await policies()).toMatchObject({ max_token_ttl: null, inactive_after_days: 30 });
  });

  it('come with the tokens that they would refuse today, of the environment that is shown', async () => {
    await ada.see('None: every token meets the policies.');
    await ada.page.getByRole('radiogroup', { name: 'Environment' }).getByText('Live').click();
    const row = ada.page.getByRole('row').filter({ hasText: 'Acme' });
    await row.getByText('Has no expiry').waitFor();
    await row.getByRole('link', { name: 'Acme' }).waitFor();
  });

  it('tell a fault beside the field that has it', async () => {
    await field('Default prefix').fill('tok');
    await field('Allowed addresses').fill('10.0.0.0/33');
    await ada.page.keyboard.press('Enter');
    await ada.click('Save');
    await ada.see('10.0.0.0/33 must be an IPv4 or IPv6 address or CIDR range');
    await ada.see(/^Must be 2 to 16 of a-z and 0-9/);
    expect(await policies()).toMatchObject({ default_prefix: 'acme' });
  });

  it('are read by a developer, who cannot change them', async () => {
    const { email } = await account(world, 'developer');
    const dev = await Visitor.arrive(browser, world.urls[0]!);
    await dev.signIn(email, PASSWORD);
    await dev.see('Overview');
    await dev.open('/settings/workspace');
    await dev.see('owners and admins can change it');
    expect(await dev.page.getByRole('button', { name: 'Save' }).count()).toBe(0);
    for (const kind of ['textbox', 'switch', 'radio'] as const) {
      const main = dev.page.getByRole('main').getByRole(kind);
      for (const each of await main.all()) expect(await each.isDisabled()).toBe(true);
    }
    await dev.page.getByRole('row').filter({ hasText: 'Acme' }).waitFor();
    expect(dev.faults).toEqual([]);
    await dev.leave();
  });

  it('have caused no fault, neither of a script nor of the content policy', () => {
    expect(ada.faults).toEqual([]);
  });
});
