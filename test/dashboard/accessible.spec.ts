import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser } from 'playwright-core';
import { describeInBrowser, openBrowser, Visitor } from '../support/browser.js';
import { PASSWORD, person, type Person } from '../support/people.js';
import { quietWebhook } from '../support/quiet-webhook.js';
import { withApp } from '../support/second-factors.js';
import { World } from '../support/world.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** WCAG 2.2 AA, and what is good beyond it. */
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const EVERYTHING = { runOnly: { type: 'tag', values: TAGS } };
/** What else of it the other colours could break. */
const COLOURS = { runOnly: { type: 'rule', values: ['color-contrast'] } };
const DESK = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };

interface Violation {
  id: string;
  nodes: { html: string; failureSummary?: string }[];
}

jest.setTimeout(120_000);

describeInBrowser('every screen', () => {
  let world: World;
  let browser: Browser;
  let ada: Visitor;
  let owner: Person;
  let found: Record<string, string[]>;
  let token: string;
  let event: string;
  let webhook: string;
  beforeAll(async () => {
    [world, browser] = await Promise.all([World.start({ dashboard: true }), openBrowser()]);
    const made = await world.token({ name: 'Acme', expires_in: 86_400, subject: 'partner_42' });
    token = made.id;
    await world.verify(made.token);
    await world.verify(made.token, { scopes: ['other:scope'] });
    await world.root.post(`/v1/tokens/${token}/rotate`, { grace_period_seconds: 3600 });
    // So that the workspace has something to report.
    await world.root.patch('/v1/workspace', { max_token_ttl: 3600 });
    ({ id: webhook } = await quietWebhook(world.root));
    event = (await world.events('action=token.issue'))[0]!.id;
    owner = await person(world, 'owner', { name: 'Ada Lovelace' });
    // A passkey belongs to a name, not to an address.
    const url = `http://localhost:${new URL(world.urls[0]!).port}`;
    ada = await Visitor.arrive(browser, url, { viewport: PHONE, colorScheme: 'dark' });
  });
  afterAll(async () => {
    await browser.close();
    await world.close();
  });

  it('before signing in is readable and usable by everybody: axe finds nothing', async () => {
    found = {};
    for (const path of ['/sign-in', '/setup#a', '/invitation#a', '/reset#a', '/sign-up']) {
      await ada.open(path);
      await look(path);
    }
    expect(found).toEqual({});
  });

  it('after it, too', async () => {
    found = {};
    await ada.is(owner);
    await ada.open('/');
    const paths = [
      ...['/', '/tokens', '/tokens/new', `/tokens/${token}`, '/account'],
      ...['/settings/api-keys', '/settings/audit-log', `/settings/audit-log/${event}`],
      ...['/settings/scopes', '/settings/webhooks', `/settings/webhooks/${webhook}`],
      ...['/settings/members', '/settings/workspace'],
    ];
    for (const path of paths) {
      await ada.goTo(path);
      await look(path);
    }
    expect(found).toEqual({});
  });

  it('and every dialog', async () => {
    found = {};
    const dialogs: [path: string, button: string][] = [
      ['/tokens', 'Revoke by filter'],
      [`/tokens/${token}`, 'Rotate'],
      [`/tokens/${token}`, 'Revoke'],
      ['/settings/api-keys', 'Create API key'],
      ['/settings/webhooks', 'Add webhook'],
      [`/settings/webhooks/${webhook}`, 'webhook.test'],
      ['/settings/members', 'Invite'],
      ['/account', 'Add passkey'],
      ['/account', 'Set up app'],
    ];
    for (const [path, button] of dialogs) {
      await ada.goTo(path);
      await ada.click(button);
      await ada.page.getByRole('dialog').waitFor();
      await look(`${path}: ${button}`, '[role=dialog]');
      await ada.page.keyboard.press('Escape');
    }
    expect(found).toEqual({});
  });

  it('and what comes with a second factor', async () => {
    found = {};
    await withApp(world, owner.by);
    await ada.page.reload();
    await ada.click('Make new ones');
    await ada.see('the only time they are shown');
    await look('recovery codes', '[role=dialog]');
    await ada.context.clearCookies();
    await ada.signIn(owner.email, PASSWORD);
    await ada.see('Second factor');
    await look('second factor');
    expect(found).toEqual({});
    expect(ada.faults).toEqual([]);
  });

  /** On a phone in the dark, and then, without loading it anew, on a desk in the light. */
  async function look(name: string, part?: string): Promise<void> {
    const { page } = ada;
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.setViewportSize(PHONE);
    await ada.rest();
    const faults = await violations(COLOURS, part);
    const isTooWide = 'document.documentElement.scrollWidth > innerWidth';
    if (await page.evaluate<boolean>(isTooWide)) faults.push('is too wide for a phone');
    await page.setViewportSize(DESK);
    await page.emulateMedia({ colorScheme: 'light' });
    await ada.rest();
    faults.push(...(await violations(EVERYTHING, part)));
    if (faults.length > 0) found[name] = faults;
  }

  async function violations(rules: object, part = 'html'): Promise<string[]> {
    if (!(await ada.page.evaluate('"axe" in window'))) await ada.page.evaluate(AXE);
    const options = { ...rules, resultTypes: ['violations'], preload: false };
    const { violations: list } = await ada.page.evaluate<{ violations: Violation[] }>(
      `axe.run(${JSON.stringify(part)}, ${JSON.stringify(options)})`,
    );
    return list.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ''}`),
    );
  }
});
