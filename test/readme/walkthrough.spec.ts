import { describe, expect, it } from '@jest/globals';
import { startScreen } from '../../src/start-screen.js';
import { World } from '../support/world.js';
import { Likeness } from './alike.js';
import { blocksOf, examplesOf, pages, type Page } from './pages.js';
import { hasCurl, runInOneShell } from './shell.js';

/** Where the pages think that the product runs. */
const URL_OF_PAGES = 'http://127.0.0.1:3000';
const itWithCurl = hasCurl ? it : it.skip;
const readme = pages().find(({ path }) => path === 'README.md')!;
const withExamples = pages().filter((page) => examplesOf(page).length > 0);

/** A page's own first key, and the address of the instance that is tried. */
function tailored(script: string, world: World): string {
  return script.replaceAll(URL_OF_PAGES, world.urls[0]!).replace(/^KEY=.*$/m, `KEY=${world.rootKey}`);
}

/** What the page says its scripts print, and what they print. */
async function tryOut(page: Page, world: World): Promise<{ said: unknown[]; seen: unknown[] }> {
  const examples = examplesOf(page);
  const printed = await runInOneShell(examples.map(({ script }) => tailored(script, world)));
  const [ofPage, ofRun] = [new Likeness(), new Likeness()];
  const at = ({ line }: { line: number }) => `${page.path}:${String(line)}`;
  return {
    said: examples.map(({ line, output }) => ({
      at: at({ line }),
      prints: ofPage.of(output?.info ?? 'text', output?.text ?? ''),
    })),
    seen: examples.map(({ line, output }, index) => ({
      at: at({ line }),
      prints: ofRun.of(output?.info ?? 'text', printed[index]!.replaceAll(world.urls[0]!, URL_OF_PAGES)),
    })),
  };
}

describe('what the pages tell a reader to type', () => {
  itWithCurl.each(withExamples.map((page): [string, Page] => [page.path, page]))(
    'prints what %s says',
    async (_path, page) => {
      const world = await World.start();
      try {
        const { said, seen } = await tryOut(page, world);
        expect(seen).toEqual(said);
      } finally {
        await world.close();
      }
    },
  );

  it('is tried wherever it calls the product', () => {
    const untried = pages().flatMap((page) =>
      blocksOf(page)
        .filter(({ info, text }) => info !== 'sh run' && /\bcurl /.test(text))
        .map(({ line }) => `${page.path}:${String(line)}`),
    );
    expect(untried).toEqual([]);
    expect(examplesOf(readme).length).toBeGreaterThan(0);
  });
});

it('the README shows the start screen as it is', () => {
  const alike = (text: string): string => new Likeness().of('text', text);
  const key = /tok_live_[0-9A-Za-z]{36}/.exec(readme.text)?.[0] ?? '';
  const setup = /\/setup#([\w-]{43})/.exec(readme.text)?.[1] ?? '';
  const screen = startScreen(URL_OF_PAGES, { key } as Parameters<typeof startScreen>[1], false, setup);
  const shown = blocksOf(readme).find(({ text }) => text.includes('Tooken is running'))?.text ?? '';
  expect(alike(shown)).toContain(alike(screen));
});
