import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { readConfig } from '../../src/platform/config/config.js';

/** What the code really asks the environment for. */
function variablesRead(): string[] {
  const read = new Set<string>();
  const environment = new Proxy<Record<string, string>>(
    {},
    {
      get: (_target, name) => {
        read.add(String(name));
        return undefined;
      },
    },
  );
  readConfig(environment, () => true);
  return [...read].sort();
}

/** The variables of `.env.example`, each on a line of its own, with the values shown. */
function example(): [name: string, value: string][] {
  const lines = readFileSync('.env.example', 'utf8').matchAll(/^#?([A-Z][A-Z_]*)=(.*)$/gm);
  return [...lines].map((match) => [match[1]!, match[2]!]);
}

describe('.env.example', () => {
  it('names every variable that is read, once, and no other', () => {
    expect(
      example()
        .map(([name]) => name)
        .sort(),
    ).toEqual(variablesRead());
  });

  it('shows the defaults: uncommenting all of it changes nothing', () => {
    expect(readConfig(Object.fromEntries(example()), () => true)).toEqual(readConfig({}, () => true));
  });

  it('sets nothing itself', () => {
    expect(readFileSync('.env.example', 'utf8')).not.toMatch(/^[A-Z]/m);
  });
});

it('docs/configuration.md has a row for every variable, and for no other', () => {
  const rows = readFileSync('docs/configuration.md', 'utf8').matchAll(/^\| `([A-Z][A-Z_]*)`/gm);
  expect([...rows].map((match) => match[1]).sort()).toEqual(variablesRead());
});
