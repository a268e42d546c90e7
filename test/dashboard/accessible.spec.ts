import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
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
  beforeAll(async () => {
    [world, browser] = await Promise.all([World.start({ dashboard: true }), openBrowser()]);
    ({ email } = await account(world, 'owner', { name: 'Ada Lovelace' }));
    const made = await world.token({ name: 'Acme', expires_in: 86_400, subject: 'partner_42' });
    token = made.id;
    await world.verify(made.token);
    await world.verify(made.token, { scopes: ['other:scope'] });
    event = (await world.events('action=token.issue'))[0]!.id;
  });
  afterAll(async () => {
    await browser.close();
    await world.close();
  });

  const inside = (): string[] => [
    ...['/', '/tokens', '/tokens/new', `/tokens/${token}`, '/account'],
    ...['/settings/api-keys', '/settings/audit-log', `/settings/audit-log/${event}`],
    ...['/settings/scopes', '/settings/members', '/settings/workspace'],
  ];
  const outside = ['/sign-in', '/setup#a', '/invitation#a', '/reset#a', '/sign-up'];

  describe.each(['light', 'dark'] as const)('in the %s', (colorScheme) => {
    it('can be read and used by everybody (axe finds nothing), and fits a phone', async () => {
      const visitor = await Visitor.arrive(browser, world.urls[0]!, { colorScheme });
      const found: Record<string, string[]> = {};
      for (const path of outside) await look(visitor, path, found);
      await visitor.signIn(email, PASSWORD);
      await visitor.see('Overview');
      for (const path of inside()) await look(visitor, path, found);
      expect(found).toEqual({});
      expect(visitor.faults).toEqual([]);
      await visitor.leave();
    });
  });

  async function look(visitor: Visitor, path: string, found: Record<string, string[]>): Promise<void> {
    const { page } = visitor;
    const faults: string[] = [];
    await page.setViewportSize({ width: 390, height: 844 });
    await visitor.open(path);
    await page.waitForLoadState('networkidle');
    await page
      .waitForFunction('document.documentElement.scrollWidth <= innerWidth', null, { timeout: 10_000 })
      .catch(() => faults.push('is too wide for a phone'));
    await page.setViewportSize({ width: 1280, height: 900 });
    faults.push(...(await violations(visitor)));
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
