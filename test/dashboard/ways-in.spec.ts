import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { SetupService } from '../../src/founding/setup.service.js';
import { describeInBrowser, openBrowser, Visitor } from '../support/browser.js';
import { account, PASSWORD } from '../support/people.js';
import { World } from '../support/world.js';

const EMAIL = 'ada@example.com';

jest.setTimeout(60_000);

describeInBrowser('the ways into the dashboard', () => {
  let world: World;
  let browser: Browser;
  let ada: Visitor;
  beforeAll(async () => {
    [world, browser] = await Promise.all([World.start({ dashboard: true }), openBrowser()]);
    ada = await Visitor.arrive(browser, world.urls[0]!);
  });
  afterAll(async () => {
    await browser.close();
    await world.close();
  });

  it('begin with the link of the terminal, whose secret stays in no address', async () => {
    const token = (await world.apps[0]!.get(SetupService, { strict: false }).prepare())!;
    await ada.open(`/setup#${token}`);
    expect(ada.page.url()).toBe(`${ada.url}/setup`);
    await ada.fill('E-mail', EMAIL);
    await ada.fill('Name', 'Ada Lovelace');
    await ada.fill('Password', PASSWORD);
    await ada.click('Create the owner’s account');
    await ada.see('Welcome to Tooken');
    expect(await ada.page.evaluate('document.cookie')).toBe('');
  });

  it('lead out again, and then no further than to the way in', async () => {
    await ada.page.getByRole('button', { name: /Account$/ }).click();
    await ada.page.getByRole('menuitem', { name: 'Sign out' }).click();
    await ada.see('Sign in');
    await ada.open('/settings/api-keys');
    expect(await ada.heading()).toBe('Sign in');
  });

  it('refuse a wrong password, and say what to do', async () => {
    await ada.signIn(EMAIL, 'not my password at all');
    await ada.page.getByRole('alert').waitFor();
    expect(await ada.heading()).toBe('Sign in');
  });

  it('lead to where one was going', async () => {
    // Who has just been wrong has to wait a little.
    world.clock.advance(60_000);
    await ada.open('/settings/scopes');
    await ada.fill('E-mail', EMAIL);
    await ada.fill('Password', PASSWORD);
    await ada.click('Sign in');
    await ada.page.waitForURL('**/settings/scopes');
  });

  it('never lead away from here, whatever an address says', async () => {
    const guest = await Visitor.arrive(browser, world.urls[0]!);
    await guest.open('/sign-in?to=%2F%2Fexample.com');
    await guest.fill('E-mail', EMAIL);
    await guest.fill('Password', PASSWORD);
    await guest.click('Sign in');
    await guest.see('Welcome to Tooken');
    expect(new URL(guest.page.url()).origin).toBe(world.urls[0]);
    await guest.leave();
  });

  it('are shown to their owner, who shuts them from afar', async () => {
    const forgotten = await Visitor.arrive(browser, world.urls[0]!, { userAgent: 'Firefox/1 on a Linux' });
    await forgotten.signIn(EMAIL, PASSWORD);
    await forgotten.see('Welcome to Tooken');

    await ada.open('/account');
    const row = ada.page.getByRole('listitem').filter({ hasText: 'Firefox on Linux' });
    await row.getByRole('button', { name: 'End' }).click();
    await row.waitFor({ state: 'detached' });

    await forgotten.open('/settings/scopes');
    expect(await forgotten.heading()).toBe('Sign in');
    await forgotten.leave();
  });

  it('lead in by invitation', async () => {
    await ada.open('/settings/members');
    await ada.click('Invite');
    const dialog = ada.page.getByRole('dialog');
    await dialog.getByLabel('E-mail').fill('grace@example.com');
    await dialog.getByLabel('Auditor').check();
    await dialog.getByRole('button', { name: 'Make the link' }).click();
    const link = await ada.confirmedSecret(PASSWORD);
    expect(link).toMatch(new RegExp(`^${world.urls[0]!}/invitation#`));

    const grace = await Visitor.arrive(browser, world.urls[0]!);
    await grace.page.goto(link);
    await grace.see('Join default');
    await grace.fill('Name', 'Grace Hopper');
    await grace.fill('Password', PASSWORD);
    await grace.click('Create account and join');
    await grace.page.waitForURL('**/settings/audit-log');
    await grace.leave();
  });

  it('are closed to what another origin sends with the cookie of a person', async () => {
    const { email } = await account(world, 'owner');
    const victim = await Visitor.arrive(browser, world.urls[0]!);
    await victim.signIn(email, PASSWORD);
    await victim.see('Welcome to Tooken');
    const stranger = await otherOrigin();
    await victim.page.goto(stranger.url);
    const sent = await victim.page.evaluate(async (target) => {
      const answer = await fetch(`${target}/v1/scopes`, {
        method: 'POST',
        credentials: 'include',
        mode: 'no-cors',
        body: JSON.stringify({ name: 'stolen:scope' }),
      }).then(
        ({ type }) => type,
        () => 'error',
      );
      return answer;
    }, world.urls[0]!);
    expect(['opaque', 'error']).toContain(sent);
    const { body } = await world.root.get<{ data: object[] }>('/v1/scopes');
    expect(body.data).toEqual([]);
    expect(await world.events('reason=csrf')).toHaveLength(1);
    await stranger.close();
    await victim.leave();
  });

  it('have shown no fault, neither of a script nor of the policy', () => {
    expect(ada.faults).toEqual([]);
  });
});

/** A page of somebody else's, on the same machine: of another origin, yet of the same site. */
async function otherOrigin(): Promise<{ url: string; close: () => Promise<void> }> {
  const server: Server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end('<h1>a stranger</h1>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
