import { existsSync } from 'node:fs';
import { describe } from '@jest/globals';
import {
  chromium,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Page,
} from 'playwright-core';

/** Where the browser is: as told, or where Debian and others lay it. */
const PLACES = [
  process.env.TOOKEN_TEST_CHROMIUM ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];
const program = PLACES.find((place) => place !== '' && existsSync(place));

/** It speaks to nobody but the product. */
const FLAGS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync', '--disable-default-apps', '--mute-audio'],
];

/** Long, since the machine may be busy: what counts is that it comes to pass, not how soon. */
const PATIENCE_MS = 20_000;

/**
 * Like `describe`, where there is a browser. Without one it says so and passes over these tests, but not on continuous
 * integration: a check that is passed over for good checks nothing.
 */
export function describeInBrowser(name: string, tests: () => void): void {
  if (program !== undefined || process.env.CI) describe(name, tests);
  else describe.skip(`${name} [no browser: install chromium, or set TOOKEN_TEST_CHROMIUM]`, tests);
}

export async function openBrowser(): Promise<Browser> {
  if (program === undefined) throw new Error('No browser: install chromium, or set TOOKEN_TEST_CHROMIUM');
  return chromium.launch({ executablePath: program, args: FLAGS });
}

/** A browser of one person's, and what went wrong in its pages unseen. */
export class Visitor {
  /** Errors of scripts, and whatever the Content-Security-Policy has stopped. */
  readonly faults: string[] = [];
  private waiting = 0;

  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
    readonly url: string,
  ) {
    page.on('pageerror', (error) => this.faults.push(error.message));
    page.on('console', (message) => {
      if (/Content.Security.Policy|Refused to/i.test(message.text())) this.faults.push(message.text());
    });
    page.on('request', () => (this.waiting += 1));
    page.on('requestfinished', () => (this.waiting -= 1));
    page.on('requestfailed', () => (this.waiting -= 1));
  }

  static async arrive(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Visitor> {
    const context = await browser.newContext({
      // What opens stands there at once.
      reducedMotion: 'reduce',
      viewport: { width: 1280, height: 900 },
      ...options,
    });
    context.setDefaultTimeout(PATIENCE_MS);
    return new Visitor(context, await context.newPage(), url);
  }

  /** Opens a screen by its address, and waits until it stands. */
  async open(path: string): Promise<void> {
    await this.page.goto(`${this.url}${path}`);
    await this.page.getByRole('heading', { level: 1 }).first().waitFor();
  }

  /** The same without loading everything anew, as a link within the dashboard does. */
  async goTo(path: string): Promise<void> {
    if (new URL(this.page.url()).pathname === path) return;
    // The heading that is there now is of the screen before.
    await this.page.evaluate(
      `document.querySelector('h1')?.setAttribute('data-left', ''); history.pushState(null, '', '${path}')`,
    );
    await this.page.locator('h1:not([data-left])').first().waitFor();
  }

  /** Waits until all that the screen asks for is there, and drawn. */
  async rest(): Promise<void> {
    do {
      await this.page.evaluate(
        'new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))',
      );
    } while (this.waiting > 0);
    // Colours that fade into others are neither for a moment.
    await this.page.evaluate(`for (const animation of document.getAnimations())
      if (animation.effect.getComputedTiming().endTime !== Infinity) animation.finish()`);
    await this.page.locator('.mantine-Skeleton-root').first().waitFor({ state: 'detached' });
  }

  /** Signed in already, by a cookie such as `person` of people.ts gives. */
  async is({ cookie }: { cookie: string }): Promise<void> {
    const [name = '', value = ''] = cookie.split('=');
    await this.context.addCookies([{ name, value, url: this.url }]);
  }

  async signIn(email: string, password: string): Promise<void> {
    await this.open('/sign-in');
    await this.fill('E-mail', email);
    await this.fill('Password', password);
    await this.click('Sign in');
  }

  /** Fills the field of this label, in the dialog if one is open. */
  async fill(label: string, text: string): Promise<void> {
    await this.page
      .getByLabel(label, { exact: false })
      .and(this.page.locator('input, textarea'))
      .first()
      .fill(text);
  }

  async click(name: string): Promise<void> {
    await this.page.getByRole('button', { name, exact: true }).click();
  }

  /** Waits for this text. */
  async see(text: string | RegExp): Promise<void> {
    await this.page.getByText(text).first().waitFor();
  }

  async heading(): Promise<string> {
    return this.page.getByRole('heading', { level: 1 }).first().innerText();
  }

  /** The value that is shown once, and the dialog done with. */
  async takeSecret(): Promise<string> {
    const secret = await this.page.getByTestId('secret').innerText();
    await this.page.getByLabel('I have saved it').check();
    await this.click('Done');
    await this.page.getByTestId('secret').waitFor({ state: 'detached' });
    return secret.trim();
  }

  /** The same, after confirming that it is oneself. */
  async confirmedSecret(password: string): Promise<string> {
    await this.confirm(password);
    return this.takeSecret();
  }

  /** Answers the dialog that asks who one is. */
  async confirm(password: string): Promise<void> {
    const dialog = this.page.getByRole('dialog', { name: 'Confirm it is you' });
    await dialog.getByLabel('Password').and(this.page.locator('input')).fill(password);
    await dialog.getByRole('button', { name: 'Confirm' }).click();
    await dialog.waitFor({ state: 'detached' });
  }

  leave(): Promise<void> {
    return this.context.close();
  }
}
