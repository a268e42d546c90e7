/** `npm run screenshots`: every screen of the dashboard, light and dark, on a desk and on a phone, into docs/screenshots. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { prepare, ROOT } from './prepare.mjs';
import { startExample } from './screenshots-example.mjs';

const FOLDER = join(ROOT, 'docs', 'screenshots');
const PLACES = [process.env.TOOKEN_TEST_CHROMIUM, '/usr/bin/chromium', '/usr/bin/google-chrome'];
const SIZES = { desk: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };
/** Enough for text to be sharp; a third of a PNG. */
const QUALITY = 0.9;

await prepare();
const executablePath = PLACES.find((place) => place && existsSync(place));
if (executablePath === undefined)
  throw new Error('No browser: install chromium, or set TOOKEN_TEST_CHROMIUM');
const example = await startExample();
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
const developer = await browser.newPage();
rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER, { recursive: true });
for (const colorScheme of ['light', 'dark']) {
  for (const [size, viewport] of Object.entries(SIZES)) await takeAll(colorScheme, size, viewport);
}
await browser.close();
await example.stop();

async function takeAll(colorScheme, size, viewport) {
  const context = await browser.newContext({
    colorScheme,
    viewport,
    reducedMotion: 'reduce',
    timezoneId: 'UTC',
  });
  const page = await context.newPage();
  await page.clock.setFixedTime(example.now);
  const take = async ([name, path, prepareScreen]) => {
    await page.goto(`${example.url}${path}`);
    await page.waitForLoadState('networkidle');
    await page.locator('.mantine-Skeleton-root').first().waitFor({ state: 'detached' });
    await prepareScreen?.(page);
    const png = await page.screenshot({ animations: 'disabled' });
    writeFileSync(join(FOLDER, `${name}-${size}-${colorScheme}.webp`), await asWebp(png));
  };
  for (const screen of example.outside) await take(screen);
  await page.goto(`${example.url}/sign-in`);
  await page.getByLabel('E-mail').fill(example.email);
  await page.getByLabel('Password').and(page.locator('input')).fill(example.password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForURL(`${example.url}/`);
  for (const screen of example.inside) await take(screen);
  await context.close();
  console.log(`${colorScheme}, ${size}`);
}

/* global document, Image -- of the page, in which this is evaluated */
/** The browser's own encoder: no package is needed for it. */
async function asWebp(png) {
  const url = await developer.evaluate(
    async ([source, quality]) => {
      const image = new Image();
      image.src = source;
      await image.decode();
      const canvas = document.createElement('canvas');
      canvas.width = image.width;
      canvas.height = image.height;
      canvas.getContext('2d').drawImage(image, 0, 0);
      return canvas.toDataURL('image/webp', quality);
    },
    [`data:image/png;base64,${png.toString('base64')}`, QUALITY],
  );
  return Buffer.from(url.slice(url.indexOf(',') + 1), 'base64');
}
