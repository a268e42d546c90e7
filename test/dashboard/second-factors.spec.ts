import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import type { Browser, Locator } from 'playwright-core';
import { describeInBrowser, openBrowser, Visitor } from '../support/browser.js';
import { PASSWORD, person } from '../support/people.js';
import { appOf } from '../support/second-factors.js';
import { World } from '../support/world.js';

jest.setTimeout(60_000);

describeInBrowser('in the dashboard a second factor', () => {
  let world: World;
  let browser: Browser;
  let ada: Visitor;
  let email: string;
  let code: (shift?: number) => string;
  let recovery: string[];
  beforeAll(async () => {
    [world, browser] = await Promise.all([World.start({ dashboard: true }), openBrowser()]);
    // A passkey belongs to a name, not to an address.
    const url = `http://localhost:${new URL(world.urls[0]!).port}`;
    ada = await Visitor.arrive(browser, url);
    const owner = await person(world, 'owner', { sudo: false });
    ({ email } = owner);
    await ada.is(owner);
  });
  afterAll(async () => {
    await browser.close();
    await world.close();
  });

  const dialog = (): Locator => ada.page.getByRole('dialog');
  const alert = (): Promise<void> => ada.page.getByRole('alert').waitFor();
  const type = async (digits: string): Promise<void> => {
    await ada.page.getByRole('group', { name: 'Code' }).getByLabel('Digit 1').click();
    await ada.page.keyboard.type(digits);
  };
  const leave = async (): Promise<void> => {
    await ada.page.getByRole('button', { name: /Account$/ }).click();
    await ada.page.getByRole('menuitem', { name: 'Sign out' }).click();
    await ada.page.waitForURL('**/sign-in');
  };

  it('is an authenticator app, told by a QR code once one has confirmed who one is', async () => {
    await ada.open('/account');
    await ada.click('Set up app');
    await ada.confirm(PASSWORD);
    await dialog()
      .getByRole('img', { name: /^QR code/ })
      .waitFor();
    const secret = await ada.page.getByTestId('totp-secret').innerText();
    code = appOf(world, secret.replaceAll(' ', ''));
    await type(code());
    const codes = ada.page.getByTestId('recovery-code');
    await codes.first().waitFor();
    recovery = await codes.allInnerTexts();
    expect(recovery).toHaveLength(10);
    await ada.page.getByLabel('I have saved them').check();
    await ada.click('Done');
    await ada.see('10 of 10 left');
    expect(await ada.page.content()).not.toContain(recovery[0]);
  });

  it('is asked for from then on: the password alone lets nobody in', async () => {
    await leave();
    await ada.signIn(email, PASSWORD);
    await ada.see('Second factor');
    expect(await ada.page.evaluate('fetch("/v1/session").then(({ status }) => status)')).toBe(401);
    await type('000000');
    await alert();
    world.clock.advance(60_000);
    await type(code());
    await ada.see('Welcome to Tooken');
  });

  it('can be replaced by a recovery code, once', async () => {
    await leave();
    await ada.signIn(email, PASSWORD);
    await ada.page.getByRole('button', { name: 'Use a recovery code' }).click();
    await ada.fill('Recovery code', recovery[3]!);
    await ada.click('Sign in');
    await ada.see('Welcome to Tooken');
    await ada.open('/account');
    await ada.see('9 of 10 left');
  });

  it('is a passkey too, which needs no password', async () => {
    const cdp = await ada.context.newCDPSession(ada.page);
    await cdp.send('WebAuthn.enable');
    await cdp.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
      },
    });
    await ada.click('Add passkey');
    await dialog().getByLabel('Name').fill('Laptop');
    await dialog().getByRole('button', { name: 'Go on' }).click();
    await ada.confirm(PASSWORD);
    await ada.see('Laptop can sign you in from now on');
    await leave();
    await ada.click('Sign in with a passkey');
    await ada.see('Welcome to Tooken');
  });

  it('confirms what lasts, as the password does, and is removed again', async () => {
    world.clock.advance(3600_000);
    await ada.open('/account');
    await ada.click('Remove app');
    await dialog().getByRole('button', { name: 'Remove', exact: true }).click();
    const question = ada.page.getByRole('dialog', { name: 'Confirm it is you' });
    await question.getByRole('button', { name: 'Use a passkey' }).click();
    await ada.see('The authenticator app is removed');
    await ada.click('Remove Laptop');
    await ada.see('It is the last one');
    await dialog().getByRole('button', { name: 'Remove', exact: true }).click();
    await ada.page.getByRole('button', { name: 'Remove Laptop' }).waitFor({ state: 'detached' });
    await leave();
    await ada.signIn(email, PASSWORD);
    await ada.see('Welcome to Tooken');
  });

  it('has shown no fault, neither of a script nor of the policy', () => {
    expect(ada.faults).toEqual([]);
  });
});
