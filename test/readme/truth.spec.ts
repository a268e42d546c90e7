import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { GRANTS } from '../../src/platform/database/migrate.js';
import { pages, type Page } from './pages.js';

const all = pages();
const each = all.map((page): [string, Page] => [page.path, page]);

/** As GitHub makes them. */
function anchorsOf({ text }: Page): Set<string> {
  const headings = [...text.matchAll(/^#+ (.*)$/gm)].map((match) => match[1]!);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

describe.each(each)('%s', (path, page) => {
  it('links only to what is there', () => {
    const dead = [...page.text.matchAll(/\]\(([^)\s]+)\)/g)]
      .map((match) => match[1]!)
      .filter((link) => !/^(https?|mailto):/.test(link))
      .filter((link) => {
        const [file = '', anchor] = link.split('#');
        const target = file === '' ? path : join(dirname(path), file);
        if (!existsSync(target)) return true;
        const other = all.find((one) => one.path === target);
        return anchor !== undefined && other !== undefined && !anchorsOf(other).has(anchor);
      });
    expect(dead).toEqual([]);
  });

  it('names only files and folders that are there', () => {
    const named = [
      ...page.text.matchAll(/`((?:src|test|scripts|migrations|bench|docs|openapi|\.ci)\/[\w./-]*)`/g),
    ].map((match) => match[1]!);
    expect(named.filter((file) => !existsSync(file))).toEqual([]);
  });

  it('names only commands that are there', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      scripts: Record<string, string>;
    };
    const named = [...page.text.matchAll(/\bnpm run (?:-s )?([\w:]+)/g)].map((match) => match[1]!);
    expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
  });
});

it('the README maps every route of the API document, and no other', () => {
  const { paths } = JSON.parse(readFileSync('openapi/openapi.json', 'utf8')) as {
    paths: Record<string, Record<string, unknown>>;
  };
  const documented = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const readme = all.find(({ path }) => path === 'README.md')!;
  const mapped = [...readme.text.matchAll(/^\| `([A-Z]+ \/\S*)`/gm)].map((match) => match[1]!);
  expect([...mapped].sort()).toEqual([...documented].sort());
});

it('docs/production.md says of every table what the app’s role may do with it', () => {
  const { text } = all.find(({ path }) => path === 'docs/production.md')!;
  const rows = [...text.matchAll(/^\| (`\w+`(?:, `\w+`)*) +\| (select[a-z, ]*?) +\|$/gm)];
  const documented = rows.map(([, tables, may]) => [may, tables!.replaceAll('`', '').split(', ')]);
  expect(Object.fromEntries(documented)).toEqual(GRANTS);
});
