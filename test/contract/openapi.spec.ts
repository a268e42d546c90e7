import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve as absolute } from 'node:path';
import { World } from '../support/world.js';
import { DOCUMENT, faultsOf, named, OPERATIONS, resolve, type Schema, TEXT } from './openapi-document.js';

describe('openapi/openapi.json', () => {
  it('is what the built product generates', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tooken-openapi-'));
    const file = join(folder, 'openapi.json');
    try {
      execFileSync(process.execPath, [absolute('dist/write-openapi.js'), file]);
      const isCurrent = readFileSync(file, 'utf8') === TEXT;
      expect(isCurrent ? 'current' : 'stale: write it anew with `npm run openapi`, and commit it').toBe(
        'current',
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  describe('beside the running product', () => {
    let world: World;
    beforeAll(async () => {
      world = await World.start();
    });
    afterAll(() => world.close());

    it('has every route with its every method, and no other', () => {
      const tree = world.apps[0]!.getHttpAdapter().getInstance().printRoutes({ commonPrefix: false });
      const documented = OPERATIONS.map(({ method, path }) => `${method} ${path}`);
      expect(routesIn(tree).sort()).toEqual(documented.sort());
    });
  });
});

describe('the document leaves nobody guessing:', () => {
  const sentence = /^[^a-z].*[^.]\.$/s;

  it.each(named(OPERATIONS))(
    '%s has a summary, a tag, and descriptions of all that goes in and out',
    (_name, operation) => {
      expect(operation.summary).toMatch(/^[A-Z].*[^.;,]$/);
      expect(operation.summary.length).toBeLessThanOrEqual(100);
      if (operation.description !== undefined) expect(operation.description).toMatch(sentence);
      expect(DOCUMENT.tags.map(({ name }) => name)).toEqual(expect.arrayContaining(operation.tags));
      expect(operation.tags).toHaveLength(1);
      for (const { name, description, schema } of operation.parameters) {
        expect({ name, description }).toEqual({ name, description: expect.stringMatching(sentence) });
        expect({ name, type: schema.type }).toEqual({ name, type: expect.any(String) });
      }
      for (const [status, { description }] of Object.entries(operation.responses)) {
        expect({ status, description }).toEqual({ status, description: expect.stringMatching(sentence) });
      }
    },
  );

  it.each(Object.entries(DOCUMENT.components.schemas))(
    '%s and its every field have a description',
    (_name, schema) => {
      expect(schema.description).toMatch(sentence);
      const undescribed = Object.entries(schema.properties ?? {}).filter(
        ([, { description }]) => description === undefined || !sentence.test(description),
      );
      expect(undescribed.map(([name]) => name)).toEqual([]);
    },
  );

  it('no number is left open when a whole one is meant', () => {
    const numbers = everySchema(DOCUMENT.components.schemas).filter(
      ({ schema, path }) => [schema.type].flat().includes('number') && !path.includes('oneOf'),
    );
    expect(numbers.map(({ path }) => path)).toEqual([]);
  });
});

describe('every example follows the schema it stands in:', () => {
  it.each(Object.entries(DOCUMENT.components.schemas))('%s', (_name, schema) => {
    for (const { schema: inner, path } of everySchema(schema)) {
      const faults = inner.example === undefined ? [] : faultsOf(inner, inner.example);
      expect({ path, faults }).toEqual({ path, faults: [] });
    }
    // And as a whole, as readers of the document show it.
    expect(faultsOf(schema, exampleOf(schema))).toEqual([]);
  });

  it.each(named(OPERATIONS))('%s', (_name, { body, parameters, responses }) => {
    if (body !== null) expect(faultsOf(body.schema, body.example)).toEqual([]);
    for (const { name, schema } of parameters) {
      const example = schema.example ?? schema.default;
      expect({ name, example }).toEqual({ name, example: expect.anything() });
      expect({ name, faults: faultsOf(schema, example) }).toEqual({ name, faults: [] });
    }
    for (const { content, headers } of Object.values(responses)) {
      for (const { schema, example } of Object.values(content)) {
        if (example !== undefined) expect(faultsOf(schema, example)).toEqual([]);
      }
      for (const { schema, example } of Object.values(headers)) expect(faultsOf(schema, example)).toEqual([]);
    }
  });

  it('no example is a secret that could be taken for a real one', async () => {
    const { parseSecret } = await import('../../src/platform/secrets/secret.js');
    const secrets = TEXT.match(/\b[a-z][a-z0-9]{1,15}_(?:live|test)_[0-9A-Za-z]{36}\b/g) ?? [];
    expect(secrets.length).toBeGreaterThan(0);
    expect(secrets.filter((secret) => parseSecret(secret) !== null)).toEqual([]);
  });
});

/** `GET /v1/tokens/{id}` and so on, from the tree that Fastify draws of its routes. HEAD comes with every GET. */
function routesIn(tree: string): string[] {
  const way: string[] = [];
  return tree.split('\n').flatMap((line) => {
    const [, indent, segment, methods] = /^([│ ]*)[├└]── (\S*)(?: \((.*)\))?$/.exec(line) ?? [];
    if (indent === undefined || segment === undefined) return [];
    way.splice(indent.length / 4, Infinity, segment);
    const path = way.join('').replace(/:(\w+)/g, '{$1}');
    return (methods?.split(', ') ?? [])
      .filter((method) => method !== 'HEAD')
      .map((method) => `${method} ${path}`);
  });
}

/** The schema and all that stand in it, each with the path to it. */
function everySchema(value: unknown, path = ''): { schema: Schema; path: string }[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.entries(value).flatMap(([key, member]) =>
    key === 'example' ? [] : everySchema(member, `${path}/${key}`),
  );
  return 'type' in value || '$ref' in value || 'anyOf' in value
    ? [{ schema: value as Schema, path }, ...inner]
    : inner;
}

/** What tools make of a schema that has no example of its own. */
function exampleOf(schema: Schema): unknown {
  const { example, items, properties, anyOf } = resolve(schema);
  if (example !== undefined) return example;
  if (anyOf !== undefined) return exampleOf(anyOf[0]!);
  if (items !== undefined) return [exampleOf(items)];
  if (properties === undefined) throw new Error(`No example in ${JSON.stringify(schema)}`);
  return Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, exampleOf(field)]));
}
