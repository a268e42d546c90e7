import { DataList, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { AuditEvent } from '../../api/types.ts';
import { actorName } from '../../events/sentence.ts';
import { reasonInWords, title } from '../../events/words.ts';
import { Section } from '../../pieces/section.tsx';
import { Time } from '../../pieces/time.tsx';
import { TextLink } from '../../pieces/links.tsx';

export function EventFacts({ event }: { event: AuditEvent }): ReactNode {
  const { request, actor, target } = event;
  return (
    <Section title="Facts">
      <DataList labelWidth="92px" gap="sm">
        <Fact label="When">
          <Time at={event.occurred_at} as="exact" />
        </Fact>
        <Fact label="Place">{event.index === null ? 'Not yet in order' : `#${String(event.index)}`}</Fact>
        {event.reason !== null && <Fact label="Reason">{title(reasonInWords(event.reason))}</Fact>}
        <Fact label="Actor">
          {actorName(event)} <Kind>{title(actor.type)}</Kind>
          {actor.hint !== null && <Mono>{actor.hint}</Mono>}
        </Fact>
        {target !== null && (
          <Fact label="Target">
            <TargetLink event={event} /> <Kind>{title(target.type)}</Kind>
          </Fact>
        )}
        {request !== null && (
          <>
            <Fact label="Request">
              <Mono>
                {request.method} {request.route} → {request.status}
              </Mono>
            </Fact>
            <Fact label="Address">
              <Mono>{request.ip ?? 'erased'}</Mono>
            </Fact>
            <Fact label="Agent">{request.user_agent ?? 'none'}</Fact>
          </>
        )}
      </DataList>
    </Section>
  );
}

function TargetLink({ event }: { event: AuditEvent }): ReactNode {
  const { target } = event;
  if (target === null) return null;
  const name = target.name ?? target.id ?? '';
  if (target.type !== 'token' || target.id === null) return name;
  return (
    <TextLink to="/tokens/$tokenId" params={{ tokenId: target.id }} size="sm" underline="always">
      {name}
    </TextLink>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }): ReactNode {
  return (
    <DataList.Item>
      <DataList.ItemLabel>{label}</DataList.ItemLabel>
      <DataList.ItemValue miw={0}>{children}</DataList.ItemValue>
    </DataList.Item>
  );
}

function Kind({ children }: { children: ReactNode }): ReactNode {
  return (
    <Text span size="xs" c="dimmed">
      {children}
    </Text>
  );
}

function Mono({ children }: { children: ReactNode }): ReactNode {
  return (
    <Text size="sm" className="mono" style={{ overflowWrap: 'anywhere' }}>
      {children}
    </Text>
  );
}
