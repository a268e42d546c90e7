const RFC_3339 =
  /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:Z|([+-])(\d{2}):(\d{2}))$/i;

const LAST = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/**
 * The milliseconds since the epoch that an RFC 3339 date-time stands for; NaN if the text is none, names a day
 * or an hour that does not exist, or lies outside of the years 1970 to 9999 (in UTC). Digits after the
 * milliseconds are dropped, so an expiry is never later than what was written. A leap second, `:60`, is refused
 * as no clock here can show one.
 */
export function instant(text: string): number {
  const match = RFC_3339.exec(text);
  if (!match) return NaN;
  const part = (group: number) => Number(match[group] ?? 0);
  const [year, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map(part) as SixNumbers;
  const millisecond = Number((match[7] ?? '').padEnd(3, '0').slice(0, 3));
  if (year < 1969 || hour > 23 || minute > 59 || second > 59 || part(9) > 23 || part(10) > 59) return NaN;

  const local = new Date(Date.UTC(year, month - 1, day, hour, minute, second, millisecond));
  // Date.UTC carries 31 April over into May.
  if (local.getUTCMonth() !== month - 1 || local.getUTCDate() !== day) return NaN;

  const offset = (part(9) * 60 + part(10)) * 60_000 * (match[8] === '-' ? -1 : 1);
  const result = local.getTime() - offset;
  return result >= 0 && result <= LAST ? result : NaN;
}

type SixNumbers = [number, number, number, number, number, number];
