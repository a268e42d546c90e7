import { CloseButton, Group, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Search } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { knownScopesQuery } from '../../api/scopes.ts';
import { STATUS_OPTIONS } from '../../pieces/token-status.tsx';
import type { TokenSearch } from './search.ts';

const route = getRouteApi('/shell/tokens');
const TYPING_MS = 300;
const DAYS = [7, 30, 90];

/** Search and filters; each is part of the address, so that a view can be kept and sent. */
export function TokenFilters(): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { data: scopes } = useQuery(knownScopesQuery);
  const [typed, setTyped] = useState(search.q ?? '');
  const set = (change: Partial<TokenSearch>): void => {
    void navigate({ search: (old) => ({ ...old, ...change }), replace: true });
  };
  const find = useDebouncedCallback((q: string) => set({ q: q === '' ? undefined : q }), TYPING_MS);
  const type = (q: string): void => {
    setTyped(q);
    find(q);
  };
  return (
    <Group gap="sm">
      <TextInput
        flex="3 1 17rem"
        placeholder="Search name, subject, description or hint"
        aria-label="Search tokens"
        leftSection={<Search size={15} />}
        rightSection={
          typed !== '' && <CloseButton size="sm" aria-label="Clear search" onClick={() => type('')} />
        }
        value={typed}
        onChange={(event) => type(event.currentTarget.value)}
      />
      <Select
        flex="1 1 8.5rem"
        placeholder="Any status"
        aria-label="Status"
        data={STATUS_OPTIONS}
        value={search.status ?? null}
        onChange={(status) => set({ status: (status ?? undefined) as TokenSearch['status'] })}
        clearable
      />
      <Select
        flex="1 1 8.5rem"
        placeholder="Any scope"
        aria-label="Scope"
        data={scopes?.map(({ name }) => name) ?? []}
        value={search.scope ?? null}
        onChange={(scope) => set({ scope: scope ?? undefined })}
        searchable
        clearable
        nothingFoundMessage="No such scope"
      />
      <Select
        flex="1 1 8.5rem"
        placeholder="Any expiry"
        aria-label="Expiry"
        data={expiryOptions(search.expires_before)}
        value={search.expires_before ?? null}
        onChange={(before) => set({ expires_before: before ?? undefined })}
        clearable
      />
    </Group>
  );
}

/** Ends of days, so that a choice means the same all day long; and what the address says, if it is none of them. */
function expiryOptions(current: string | undefined): { value: string; label: string }[] {
  const options = DAYS.map((days) => {
    const end = new Date();
    end.setHours(24 * (days + 1), 0, 0, 0);
    return { value: end.toISOString(), label: `Within ${String(days)} days` };
  });
  if (current === undefined || options.some(({ value }) => value === current)) return options;
  return [{ value: current, label: `Before ${current.slice(0, 10)}` }, ...options];
}
