import { stringify } from 'csv-stringify/sync';
import type { AuditEventDto } from '../audit-events.dto.js';
import type { ExportWriter } from './export-writer.js';
import { shownIn, type Entry } from './log-pages.js';

type Cell = string | number | null;

/** The columns are the JSON paths, in the API's order; what may hold anything is a cell of JSON. */
const CELLS: Record<string, (event: AuditEventDto) => Cell> = {
  id: ({ id }) => id,
  index: ({ index }) => index,
  occurred_at: ({ occurred_at }) => occurred_at,
  environment: ({ environment }) => environment,
  action: ({ action }) => action,
  outcome: ({ outcome }) => outcome,
  reason: ({ reason }) => reason,
  count: ({ count }) => count,
  'actor.type': ({ actor }) => actor.type,
  'actor.id': ({ actor }) => actor.id,
  'actor.name': ({ actor }) => actor.name,
  'actor.hint': ({ actor }) => actor.hint,
  'target.type': ({ target }) => target?.type ?? null,
  'target.id': ({ target }) => target?.id ?? null,
  'target.name': ({ target }) => target?.name ?? null,
  'request.id': ({ request }) => request?.id ?? null,
  'request.method': ({ request }) => request?.method ?? null,
  'request.route': ({ request }) => request?.route ?? null,
  'request.status': ({ request }) => request?.status ?? null,
  'request.ip': ({ request }) => request?.ip ?? null,
  'request.user_agent': ({ request }) => request?.user_agent ?? null,
  changes: ({ changes }) => changes && JSON.stringify(changes),
  details: ({ details }) => details && JSON.stringify(details),
};

/** First line of every CSV export (RFC 4180 §2.3). */
export const CSV_HEADER = write([Object.keys(CELLS)]);

/** A line for each event (RFC 4180). Pure. */
export function csvLines(events: readonly AuditEventDto[]): string {
  return write(events.map((event) => Object.values(CELLS).map((cellOf) => cellOf(event))));
}

/** For spreadsheets: the events and nothing else, so that there is nothing to check them by. */
export class CsvWriter implements ExportWriter {
  head(): Promise<string> {
    return Promise.resolve(CSV_HEADER);
  }

  page(entries: readonly Entry[]): Promise<string> {
    return Promise.resolve(csvLines(shownIn(entries)));
  }

  end(): Promise<string> {
    return Promise.resolve('');
  }
}

/**
 * A text that a spreadsheet would take for a formula gets an apostrophe in front, as OWASP advises. So does one that
 * begins with an apostrophe itself: whoever takes a leading one away always has the text as it was.
 */
function write(rows: Cell[][]): string {
  return stringify(rows, {
    record_delimiter: '\r\n',
    escape_formulas: true,
    cast: {
      string: (text) => {
        if (text === '') return EMPTY;
        return /^['\n]/.test(text) ? `'${text}` : text;
      },
    },
  });
}

/** Quoted, which tells it from null. */
const EMPTY = { value: '', quoted_empty: true };
