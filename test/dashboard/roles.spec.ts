import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { describeInBrowser, openBrowser, Visitor } from '../support/browser.js';
import { account, PASSWORD, type Role } from '../support/people.js';
import { World } from '../support/world.js';

const ALL = ['Overview', 'Tokens', 'API Keys', 'Audit Log', 'Scopes', 'Webhooks', 'Members', 'Workspace'];

/** What each role is shown the way to, and which screens it is refused. */
const ROLES: { role: Role; shown: string[]; home: RegExp; refused: string[] }[] = [
  { role: 'admin', shown: ALL, home: /\/$/, refused: [] },
  {
    role: 'developer',
    shown: ['Overview', 'Tokens', 'Scopes', 'Workspace'],
    home: /\/$/,
    refused: ['/settings/api-keys', '/settings/audit-log', '/settings/members'],
  },
  {
    role: 'auditor',
    shown: ['Audit Log'],
    home: /\/settings\/audit-log$/,
    refused: [
      ...['/tokens', '/tokens/new', '/settings/api-keys', '/settings/scopes'],
      ...['/settings/webhooks', '/settings/members', '/settings/workspace'],
    ],
  },
];

const CLOSED_TO_AUDITORS = ['tokens', 'api-keys', 'scopes', 'webhooks', 'members', 'workspace'].map(
  (name) => `/v1/${name}`,
);

jest.setTimeout(60_000);

describeInBrowser('the dashboard of', () => {
  let world: World;
  let browser: Browser;
  beforeAll(async () => {
    [world, browser] = await Promise.all([World.start({ dashboard: true }), openBrowser()]);
    await world.token();
  });
  afterAll(async () => {
    await browser.close();
    await world.close();
  });

  it.each(ROLES)(
    '$role shows the way to what the role may use, and to nothing else',
    async ({ role, ...wanted }) => {
      const { email } = await account(world, role);
      const visitor = await Visitor.arrive(browser, world.urls[0]!);
      await visitor.signIn(email, PASSWORD);
      await visitor.page.waitForURL(wanted.home);
      const links = visitor.page.getByRole('navigation', { name: 'Main' }).getByRole('link');
      await links.first().waitFor();
      expect((await links.allInnerTexts()).filter((text) => text !== 'API reference')).toEqual(wanted.shown);

      for (const path of wanted.refused) {
        await visitor.page.goto(`${visitor.url}${path}`);
        await visitor.see('Not for your role');
      }
      const statuses = await visitor.page.evaluate(
        async (paths) => Promise.all(paths.map(async (path) => (await fetch(path)).status)),
        role === 'auditor' ? [...CLOSED_TO_AUDITORS] : [],
      );
      expect(new Set(statuses)).toEqual(new Set(role === 'auditor' ? [403] : []));
      expect(visitor.faults).toEqual([]);
      await visitor.leave();
    },
  );
});
