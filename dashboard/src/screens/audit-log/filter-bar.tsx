import { Button, Chip, CloseButton, Group, Pill, Select, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { getRouteApi } from '@tanstack/react-router';
import { Clock, Search } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { AddFilter } from './add-filter.tsx';
import { LABELS, PRESETS, SPAN_OPTIONS, valueInWords } from './filter-words.ts';
import { LIST_FIELDS, type EventSearch, type ListField, type Span } from './search.ts';

const route = getRouteApi('/shell/settings/audit-log');
const TYPING_MS = 350;

/** Everything the log is filtered by: each a chip, and all of them the address. */
export function FilterBar(): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [typed, setTyped] = useState(search.q ?? '');
  const set = (change: Partial<EventSearch>): void => {
    void navigate({ search: (old) => ({ ...old, ...change }), replace: true });
  };
  const find = useDebouncedCallback((q: string) => set({ q: q === '' ? undefined : q }), TYPING_MS);
  const type = (q: string): void => {
    setTyped(q);
    find(q);
  };
  const clear = (): void => {
    setTyped('');
    void navigate({ search: {}, replace: true });
  };
  const chosen = LIST_FIELDS.flatMap((field) => (search[field] ?? []).map((value) => ({ field, value })));
  const without = (field: ListField, value: string): void => {
    const rest = search[field]?.filter((each) => each !== value);
    set({ [field]: rest?.length === 0 ? undefined : rest });
  };
  return (
    <Stack gap="sm">
      <Group gap="sm">
        <TextInput
          flex="1 1 14rem"
          placeholder="Search names, hints and ids"
          aria-label="Search events"
          leftSection={<Search size={15} />}
          rightSection={
            typed !== '' && <CloseButton size="sm" aria-label="Clear search" onClick={() => type('')} />
          }
          value={typed}
          onChange={(event) => type(event.currentTarget.value)}
        />
        <Select
          w={170}
          aria-label="Time"
          leftSection={<Clock size={15} />}
          data={SPAN_OPTIONS}
          value={search.from !== undefined || search.to !== undefined ? null : (search.span ?? '')}
          placeholder="Own time"
          onChange={(span) =>
            set({ span: span === '' ? undefined : (span as Span), from: undefined, to: undefined })
          }
          allowDeselect={false}
        />
        <AddFilter
          onAdd={(field, value) => set({ [field]: [...new Set([...(search[field] ?? []), value])] })}
          onTime={set}
        />
      </Group>
      <Group gap="xs">
        {PRESETS.map(({ label, filters }) => (
          <Chip
            key={label}
            size="xs"
            variant="outline"
            checked={isExactly(search, filters)}
            onChange={() => void navigate({ search: ({ span }) => ({ span, ...filters }), replace: true })}
          >
            {label}
          </Chip>
        ))}
      </Group>
      {(chosen.length > 0 || search.from !== undefined || search.to !== undefined) && (
        <Group gap={6}>
          {chosen.map(({ field, value }) => (
            <Pill
              key={`${field} ${value}`}
              size="md"
              withRemoveButton
              onRemove={() => without(field, value)}
              removeButtonProps={{
                'aria-label': `Remove ${LABELS[field]} ${value}`,
                'aria-hidden': false,
                tabIndex: 0,
              }}
            >
              <Text span inherit c="dimmed">
                {LABELS[field]}
              </Text>{' '}
              {valueInWords(field, value)}
            </Pill>
          ))}
          {(['from', 'to'] as const).map((end) => {
            const at = search[end];
            return at === undefined ? null : (
              <Pill key={end} size="md" withRemoveButton onRemove={() => set({ [end]: undefined })}>
                {end} {new Date(at).toLocaleString()}
              </Pill>
            );
          })}
          <Button size="compact-xs" variant="subtle" color="gray" onClick={clear}>
            Clear all
          </Button>
        </Group>
      )}
    </Stack>
  );
}

function isExactly(search: EventSearch, filters: EventSearch): boolean {
  const { span: _span, ...rest } = search;
  return JSON.stringify(sorted(rest)) === JSON.stringify(sorted(filters));
}

function sorted(search: EventSearch): [string, unknown][] {
  return Object.entries(search)
    .filter(([, value]) => Boolean(value))
    .sort(([a], [b]) => a.localeCompare(b));
}
