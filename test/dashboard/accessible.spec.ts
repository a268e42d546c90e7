import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser } from 'playwright-core';
import { describeInBrowser, openBrowser, Visitor } from '../support/browser.js';
import { account, PASSWORD } from '../support/people.js';
import { World } from '../support/world.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** WCAG 2.2 AA, and what is good beyond it. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

interface Violation {
  id: string;
  nodes: { html: string; failureSummary?: string }[];
}

jest.setTimeout(120_000);

describeInBrowser('every screen', () => {
  let world: World;
  let browser: Browser;
  let token: string;
  let event: string;
  let email: string;
  let webhook: string;
  beforeAll(async () => {
    [world, browser] = await Promise.all([World.start({ dashboard: true }), openBrowser()]);
    ({ email } = await account(world, 'owner', { name: 'Ada Lovelace' }));
    const made = await world.token({ name: 'Acme', expires_in: 86_400, subject: 'partner_42' });
    token = made.id;
    await world.verify(made.token);
    await world.verify(made.token, { scopes: ['other:scope'] });
    const hook = await world.root.post('/v1/webhooks', { url: 'https://hooks.example.com/tooken' });
    webhook = hook.body.id as string;
    event = (await world.events('action=token.issue'))[0]!.id;
  });
  afterAll(async () => {
    await browser.close();
    await world.close();
  });

  const inside = (): string[] => [
    ...['/', '/tokens', '/tokens/new', `/tokens/${token}`, '/account'],
    ...['/settings/api-keys', '/settings/audit-log', `/settings/audit-log/${event}`],
    ...['/settings/scopes', '/settings/webhooks', `/settings/webhooks/${webhook}`],
    ...['/settings/members', '/settings/workspace'],
  ];
  const outside = ['/sign-in', '/setup#a', '/invitation#a', '/reset#a', '/sign-up'];

  it.each([
    { on: 'a desk, in the light', colorScheme: 'light', viewport: { width: 1280, height: 900 } },
    { on: 'a phone, in the dark', colorScheme: 'dark', viewport: { width: 390, height: 844 } },
  ] as const)(
    'on $on can be read and used by everybody: axe finds nothing',
    async ({ on: _on, ...options }) => {
      const visitor = await Visitor.arrive(browser, world.urls[0]!, options);
      const found: Record<string, string[]> = {};
      for (const path of outside) await look(visitor, path, found);
      await visitor.signIn(email, PASSWORD);
      await visitor.page.waitForURL(`${visitor.url}/`);
      for (const path of inside()) await look(visitor, path, found);
      expect(found).toEqual({});
      expect(visitor.faults).toEqual([]);
      await visitor.leave();
    },
  );

  async function look(visitor: Visitor, path: string, found: Record<string, string[]>): Promise<void> {
    const { page } = visitor;
    await visitor.open(path);
    await page.waitForLoadState('networkidle');
    const faults = await violations(visitor);
    const [width, room] = await page.evaluate<[number, number]>(
      '[document.documentElement.scrollWidth, innerWidth]',
    );
    if (width > room) faults.push(`is ${String(width - room)} pixels too wide`);
    if (faults.length > 0) found[path] = faults;
  }

  async function violations({ page }: Visitor): Promise<string[]> {
    await page.evaluate(AXE);
    const { violations: list } = await page.evaluate(
      (values) =>
        (
          globalThis as unknown as {
            axe: { run: (options: object) => Promise<{ violations: Violation[] }> };
          }
        ).axe.run({ runOnly: { type: 'tag', values } }),
      RULES,
    );
    return list.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary ?? ''}`),
    );
  }
});
