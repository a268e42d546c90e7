import { Text, Tooltip, type TextProps } from '@mantine/core';
import { useEffect, useState, type ReactNode } from 'react';

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const absolute = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
const second = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});
const exact = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

/** “3 minutes ago”, “in 2 days”. */
export function fromNow(at: Date, now = Date.now()): string {
  const seconds = Math.round((at.getTime() - now) / 1000);
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? ['second', 1];
  if (unit === 'second' && Math.abs(seconds) < 10) return seconds > 0 ? 'in a moment' : 'just now';
  return relative.format(Math.trunc(seconds / size), unit);
}

interface TimeProps extends TextProps {
  at: string | null;
  /** Shown when there is no such moment. */
  none?: string;
  /** As a date, as a distance, or to the second. */
  as?: 'date' | 'distance' | 'second' | 'exact';
}

/** A moment in the reader's own time zone; UTC on hover and focus. */
export function Time({ at, none = 'Never', as = 'distance', ...text }: TimeProps): ReactNode {
  useMinuteTick(as === 'distance' && at !== null);
  if (at === null) {
    return (
      <Text span inherit={text.size === undefined} c="dimmed" {...text}>
        {none}
      </Text>
    );
  }
  const date = new Date(at);
  const shown = {
    distance: () => fromNow(date),
    date: () => absolute.format(date),
    second: () => second.format(date),
    exact: () => exact.format(date),
  };
  const label = (
    <>
      {as !== 'exact' && <div>{exact.format(date)}</div>}
      <div>{date.toISOString().replace('T', ' ').replace('Z', ' UTC')}</div>
    </>
  );
  return (
    <Tooltip label={label}>
      <Text span inherit={text.size === undefined} className="nowrap numbers" {...text}>
        <time dateTime={at}>{shown[as]()}</time>
      </Text>
    </Tooltip>
  );
}

/** Distances grow while one looks at them. */
function useMinuteTick(isOn: boolean): void {
  const [, tick] = useState(0);
  useEffect(() => {
    if (!isOn) return undefined;
    const timer = setInterval(() => tick((n) => n + 1), 30_000);
    return () => clearInterval(timer);
  }, [isOn]);
}
