import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { packTexts } from '../../src/platform/database/text-array.js';
import { cloneDatabase, type TestDatabase } from '../support/test-database.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await cloneDatabase();
});
afterAll(() => database.drop());

/** PostgreSQL's text has no NUL, and UTF-8 no half of a surrogate pair. */
const text = fc.string({ unit: 'grapheme' }).filter((each) => !each.includes('\0') && each.isWellFormed());

it('PostgreSQL reads a packed array as what was packed, whatever it is', async () => {
  const arrays = fc.array(
    fc.option(
      fc.oneof(
        text,
        text.map((each) => each.repeat(5_000)),
      ),
    ),
  );
  await fc.assert(
    fc.asyncProperty(arrays, async (texts) => {
      const [row] = await database.query<{ texts: (string | null)[] }>('select $1::text[] as texts', [
        packTexts(texts),
      ]);
      expect(row!.texts).toEqual(texts);
    }),
  );
});
