import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { AuditEvent } from '../api/types.ts';
import { sentenceOf } from './sentence.ts';

/** An event as a sentence, its names set off. */
export function EventLine({ event }: { event: AuditEvent }): ReactNode {
  const { actor, verb, target, end } = sentenceOf(event);
  return (
    <Text size="sm" component="span" lineClamp={2}>
      <Text span inherit fw={600}>
        {actor}
      </Text>{' '}
      {verb}
      {target !== null && (
        <>
          {' '}
          <Text span inherit fw={600}>
            {target}
          </Text>
        </>
      )}
      {end !== null && (
        <Text span inherit c="dimmed">
          {' — '}
          {end}
        </Text>
      )}
    </Text>
  );
}
