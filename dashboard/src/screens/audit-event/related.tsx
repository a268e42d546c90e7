import { Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import type { AuditEvent } from '../../api/types.ts';
import { Section } from '../../pieces/section.tsx';
import type { EventSearch } from '../audit-log/search.ts';
import { TextLink } from '../../pieces/links.tsx';

/** Everything else that this actor, this target, this address or this request did. */
export function Related({ event }: { event: AuditEvent }): ReactNode {
  const { actor, target, request } = event;
  const ways: [string, EventSearch][] = [];
  if (actor.id !== null)
    ways.push([`Everything ${actor.name ?? 'this actor'} did`, { actor_id: [actor.id] }]);
  if (target !== null && target.id !== null) {
    ways.push([`Everything done to ${target.name ?? 'this target'}`, { target_id: [target.id] }]);
  }
  if (request !== null && request.ip !== null)
    ways.push([`Everything from ${request.ip}`, { ip: [request.ip] }]);
  if (request !== null && request.id !== null) {
    ways.push(['Everything of this request', { request_id: [request.id] }]);
  }
  if (ways.length === 0) return null;
  return (
    <Section title="Look further">
      <Stack gap={6} align="flex-start">
        {ways.map(([label, search]) => (
          <TextLink key={label} to="/settings/audit-log" search={search} size="sm">
            {label}
          </TextLink>
        ))}
      </Stack>
    </Section>
  );
}
