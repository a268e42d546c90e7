import { EmptyState, Group, Stack, Switch, Table, Text } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { ScrollText } from 'lucide-react';
import { useCallback, useState, type ReactNode } from 'react';
import { listEvents } from '../../api/audit.ts';
import { usePages, type Pages } from '../../api/pages.ts';
import type { AuditEvent } from '../../api/types.ts';
import { Page } from '../../pieces/page.tsx';
import { Rows } from '../../pieces/rows.tsx';
import { EventRow } from './event-row.tsx';
import { ExportMenu } from './export-menu.tsx';
import { FilterBar } from './filter-bar.tsx';
import { SearchByValue } from './search-by-value.tsx';
import { canFollow, matches } from './matches.ts';
import { filtersOf, type EventSearch } from './search.ts';
import { useTail } from './tail.ts';

const route = getRouteApi('/shell/settings/audit-log');

/** Every decision, as it happens and as it happened. */
export function AuditLog(): ReactNode {
  const search = route.useSearch();
  const [wantsLive, setWantsLive] = useState(false);
  const mayFollow = canFollow(search);
  const isLive = wantsLive && mayFollow;
  const admit = useCallback((event: AuditEvent) => matches(event, search), [search]);
  const tail = useTail(isLive, admit);
  const pages = withNewer(
    usePages(['events', 'list', search], (cursor, signal) =>
      listEvents({ ...filtersOf(search), limit: 50, cursor }, signal),
    ),
    tail.events,
  );
  return (
    <Page
      title="Audit Log"
      description="Every decision, granted or refused, written before its answer left. Nothing here can be changed, and every event can be proven."
      actions={
        <>
          <LiveSwitch
            isOn={isLive}
            mayFollow={mayFollow}
            isConnected={tail.isConnected}
            onChange={setWantsLive}
          />
          <SearchByValue />
          <ExportMenu search={search} />
        </>
      }
    >
      <Stack gap="md">
        <FilterBar />
        <Rows
          pages={pages}
          label="Audit events"
          minWidth={760}
          phoneWidth={0}
          head={
            <>
              <Table.Th>Event</Table.Th>
              <Table.Th visibleFrom="sm">Outcome</Table.Th>
              <Table.Th visibleFrom="sm">From</Table.Th>
              <Table.Th visibleFrom="sm">Time</Table.Th>
            </>
          }
          row={(event) => <EventRow key={event.id} event={event} />}
          empty={<Nothing search={search} />}
        />
      </Stack>
    </Page>
  );
}

interface LiveSwitchProps {
  isOn: boolean;
  mayFollow: boolean;
  isConnected: boolean;
  onChange: (isOn: boolean) => void;
}

function LiveSwitch({ isOn, mayFollow, isConnected, onChange }: LiveSwitchProps): ReactNode {
  return (
    <Group gap="xs">
      {isOn && (
        <Text size="xs" c="dimmed" role="status">
          {isConnected ? 'Following' : 'Connecting…'}
        </Text>
      )}
      <Switch
        label="Live"
        checked={isOn}
        disabled={!mayFollow}
        title={mayFollow ? undefined : 'Not with a fixed time or an address range'}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    </Group>
  );
}

function Nothing({ search }: { search: EventSearch }): ReactNode {
  return (
    <EmptyState
      icon={<ScrollText size={26} />}
      title={Object.values(search).some(Boolean) ? 'No event matches' : 'Nothing has happened yet'}
      description="Widen the time, or take a filter away."
    />
  );
}

/** What the tail brought stands above what was read; an event of both stands there once. */
function withNewer(pages: Pages<AuditEvent>, newer: readonly AuditEvent[]): Pages<AuditEvent> {
  const known = new Set(newer.map(({ id }) => id));
  return { ...pages, items: [...newer, ...pages.items.filter(({ id }) => !known.has(id))] };
}
