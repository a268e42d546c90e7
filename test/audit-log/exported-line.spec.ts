import { hash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import canonicalize from 'canonicalize';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { leafHash } from '../../src/audit-log/proofs/merkle.js';
import { renderEvent } from '../../src/audit-log/reading/render-event.js';
import { csvLines, CSV_HEADER } from '../../src/audit-log/streams/export-csv.js';
import { exportLine, leafOfLine, type PlacedEvent } from '../../src/audit-log/streams/exported-line.js';
import { anyText, placed, textsOf } from './any-event.js';

type Path = (string | number)[];

describe('a line of an export', () => {
  it('leads back to the leaf, byte for byte, whatever the event says', () => {
    fc.assert(
      fc.property(placed, (event) => {
        const line = exportLine(event);
        expect(leafOfLine(line)).toEqual({
          id: (JSON.parse(event.body) as { id: string }).id,
          index: Number(event.index),
          leaf: event.body,
          leafHash: event.leafHash.toString('base64'),
          personalOk: event.personal === null ? null : true,
        });
      }),
    );
  });

  it('is one line, in the form of RFC 8785', () => {
    fc.assert(
      fc.property(placed, (event) => {
        const line = exportLine(event);
        expect(line).toBe(canonicalize(JSON.parse(line)));
        expect(line).not.toMatch(/[\n\r]/);
      }),
    );
  });

  it('shows the event as the API does, and besides only what proves it', () => {
    fc.assert(
      fc.property(placed, (event) => {
        const { personal, leaf_hash, ...shown } = JSON.parse(exportLine(event)) as Record<string, unknown>;
        expect(shown).toEqual(JSON.parse(JSON.stringify(renderEvent(event))));
        expect(leaf_hash).toBe(leafHash(event.body).toString('base64'));
        const { salt = null } = JSON.parse(event.personal ?? '{}') as { salt?: string };
        expect(personal).toEqual({ commitment: expect.any(String), salt });
      }),
    );
  });

  it('tells of any change to any of its fields', () => {
    fc.assert(
      fc.property(placed, fc.nat(), fc.jsonValue({ maxDepth: 1 }), (event, at, value) => {
        const before = exportLine(event);
        const line = JSON.parse(before) as Record<string, unknown>;
        const paths = pathsOf(line);
        const path = paths[at % paths.length]!;
        set(line, path, value);
        const after = canonicalize(line)!;
        fc.pre(after !== before && !isErasing(event, path, value));
        expect(isSame(event, after)).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });

  it('tells of any field that is added or taken away', () => {
    fc.assert(
      fc.property(placed, fc.nat(), fc.boolean(), (event, at, adds) => {
        const line = JSON.parse(exportLine(event)) as Record<string, unknown>;
        const paths = pathsOf(line);
        const path = paths[at % paths.length]!;
        const holder = get(line, path.slice(0, -1));
        fc.pre(!Array.isArray(holder));
        if (adds) holder.added = null;
        else Reflect.deleteProperty(holder, path.at(-1)!);
        expect(isSame(event, canonicalize(line)!)).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });

  it('tells of names and addresses that were put back into an erased event', () => {
    const [event] = fc.sample(placed, { numRuns: 1, seed: 7 });
    const line = JSON.parse(exportLine({ ...event!, personal: null })) as { actor: { name: string } };
    line.actor.name = 'Somebody else';
    expect(leafOfLine(canonicalize(line)!).personalOk).toBe(false);
  });

  it('binds what is personal as is documented: SHA-256 over its RFC 8785 text', () => {
    fc.assert(
      fc.property(placed, (event) => {
        const line = JSON.parse(exportLine(event)) as {
          actor: { name: string | null };
          target: { name: string | null } | null;
          request: { ip: string | null; user_agent: string | null } | null;
          details: Record<string, unknown> | null;
          personal: { commitment: string; salt: string | null };
        };
        fc.pre(line.personal.salt !== null);
        const text = canonicalize({
          actor_name: line.actor.name ?? undefined,
          client_ip: line.details?.client_ip,
          client_user_agent: line.details?.user_agent,
          ip: line.request?.ip ?? undefined,
          salt: line.personal.salt,
          target_name: line.target?.name ?? undefined,
          user_agent: line.request?.user_agent ?? undefined,
        })!;
        expect(hash('sha256', text, 'base64')).toBe(line.personal.commitment);
      }),
    );
  });
});

describe('the CSV of an export', () => {
  const read = (text: string): (string | null)[][] =>
    parse(text, {
      cast: (cell, { quoting }) => (cell === '' && !quoting ? null : cell.replace(/^'/, '')),
      record_delimiter: '\r\n',
    });

  it('has the JSON paths as its columns, with dots', () => {
    expect(CSV_HEADER).toBe(
      'id,index,occurred_at,environment,action,outcome,reason,count,actor.type,actor.id,actor.name,actor.hint,' +
        'target.type,target.id,target.name,request.id,request.method,request.route,request.status,request.ip,' +
        'request.user_agent,changes,details\r\n',
    );
  });

  it('gives the events back, whatever they say', () => {
    const [columns] = read(CSV_HEADER);
    fc.assert(
      fc.property(fc.array(placed, { minLength: 1, maxLength: 3 }), (stored) => {
        const events = stored.map(renderEvent);
        expect(read(csvLines(events))).toEqual(
          events.map((event) => columns!.map((path) => cellOf(event, path!))),
        );
      }),
    );
  });

  it('begins no cell as a formula', () => {
    const starts = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠', "'"];
    const [event] = fc.sample(placed, 1);
    fc.assert(
      fc.property(fc.constantFrom(...starts), anyText, (start, text) => {
        const name = (start + text).toWellFormed();
        const shown = renderEvent(event!);
        const csv = csvLines([{ ...shown, actor: { ...shown.actor, name } }]);
        const [row] = parse(csv, { record_delimiter: '\r\n' });
        expect(row![10]).toBe(`'${name}`);
      }),
    );
  });
});

/** Whether the line still stands for this event and nothing else. */
function isSame(event: PlacedEvent, line: string): boolean {
  try {
    const { leaf, index, leafHash: stated, personalOk } = leafOfLine(line);
    return (
      leaf === event.body &&
      index === Number(event.index) &&
      stated === event.leafHash.toString('base64') &&
      personalOk !== false
    );
  } catch {
    return false;
  }
}

/** Taking the salt away where there is nothing else that is personal is what erasing does. */
function isErasing({ personal }: PlacedEvent, path: Path, value: unknown): boolean {
  return path.join('.') === 'personal.salt' && value === null && textsOf(personal).length === 1;
}

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const inner = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  const own = path.length === 0 ? [] : [path];
  return [
    ...own,
    ...inner.flatMap((key) => pathsOf((value as Record<string, unknown>)[key], [...path, key])),
  ];
}

function get(value: unknown, path: Path): Record<string, unknown> {
  return path.reduce((inner, key) => (inner as Record<string, unknown>)[key], value) as Record<
    string,
    unknown
  >;
}

function set(value: unknown, path: Path, to: unknown): void {
  get(value, path.slice(0, -1))[path.at(-1)!] = to;
}

function cellOf(event: object, path: string): string | null {
  const value = path
    .split('.')
    .reduce<unknown>((inner, key) => (inner as Record<string, unknown> | null)?.[key], event);
  if (value === null || value === undefined) return null;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
