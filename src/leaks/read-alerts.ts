import type { Fault } from '../platform/errors/problem.js';
import { fault, refusal } from '../platform/input/faults.js';
import { parseJson } from '../platform/input/strict-json.js';
import { isPlainObject } from '../platform/input/validate.js';
import type { Finding } from './leaks.service.js';

/** One alert, with what of it is kept cut to what an event holds. */
export interface Alert {
  token: string;
  finding: Finding;
}

/** As many as fit into a body, if each says where it was found. */
const MAX_ALERTS = 500;
const LIMITS = { type: 120, source: 120, url: 2048 } as const;

/**
 * The alerts of a body. Unlike our own callers' bodies it may hold more than we know: it follows GitHub's document, which
 * may grow, and to refuse it would leave what has leaked alive.
 *
 * @throws Problem `invalid_request` with every fault.
 */
export function readAlerts(bytes: Buffer): Alert[] {
  const { value } = parseJson(bytes);
  if (!Array.isArray(value) || value.length < 1 || value.length > MAX_ALERTS) {
    throw refusal(fault(`must be a list of 1 to ${MAX_ALERTS} items`));
  }
  const items = value as unknown[];
  const faults = items.flatMap((item, at): Fault[] => {
    if (!isPlainObject(item)) return fault('must be an object', `[${at}]`);
    return typeof item.token === 'string' && item.token !== ''
      ? []
      : fault('must be a string', `[${at}].token`);
  });
  if (faults.length > 0) throw refusal(faults);
  return (items as Record<string, unknown>[]).map((item) => ({
    token: item.token as string,
    finding: findingOf(item, item.token as string),
  }));
}

function findingOf(item: Record<string, unknown>, token: string): Finding {
  const finding: Finding = {};
  for (const name of ['type', 'source', 'url'] as const) {
    const text = item[name];
    // A link may carry the very value: to the line that holds it, or in a search for it.
    if (typeof text === 'string') finding[name] = text.replaceAll(token, '…').slice(0, LIMITS[name]);
  }
  return finding;
}
