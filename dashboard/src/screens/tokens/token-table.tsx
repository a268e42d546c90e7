import { Box, Checkbox, EmptyState, Stack, Table, Text } from '@mantine/core';
import { SearchX, Ticket } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Pages } from '../../api/pages.ts';
import type { Token } from '../../api/types.ts';
import { LastUse } from '../../pieces/last-use.tsx';
import { Rows } from '../../pieces/rows.tsx';
import { ScopeList } from '../../pieces/scope-list.tsx';
import { Time } from '../../pieces/time.tsx';
import { TokenStatus } from '../../pieces/token-status.tsx';
import { isFiltered, type TokenSearch } from './search.ts';
import { ButtonLink, TextLink } from '../../pieces/links.tsx';

interface TokenTableProps {
  pages: Pages<Token>;
  chosen: readonly Token[];
  /** Null where one may only look. */
  onChoose: ((chosen: readonly Token[]) => void) | null;
  search: TokenSearch;
}

export function TokenTable({ pages, chosen, onChoose, search }: TokenTableProps): ReactNode {
  const open = pages.items.filter(({ status }) => status !== 'revoked');
  return (
    <Rows
      pages={pages}
      label="Tokens"
      minWidth={860}
      phoneWidth={0}
      head={
        <>
          {onChoose !== null && (
            <Table.Th w={44}>
              <Checkbox
                size="xs"
                aria-label="Choose all that are shown"
                checked={open.length > 0 && chosen.length === open.length}
                indeterminate={chosen.length > 0 && chosen.length < open.length}
                onChange={(event) => onChoose(event.currentTarget.checked ? open : [])}
              />
            </Table.Th>
          )}
          <Table.Th>Name</Table.Th>
          <Table.Th visibleFrom="sm">Status</Table.Th>
          <Table.Th visibleFrom="sm">Scopes</Table.Th>
          <Table.Th visibleFrom="sm">Expires</Table.Th>
          <Table.Th>Last used</Table.Th>
        </>
      }
      row={(token) => (
        <TokenRow
          key={token.id}
          token={token}
          isChosen={chosen.some(({ id }) => id === token.id)}
          onChoose={
            onChoose === null
              ? null
              : (isChosen) =>
                  onChoose(isChosen ? [...chosen, token] : chosen.filter(({ id }) => id !== token.id))
          }
        />
      )}
      empty={isFiltered(search) ? <NothingFound /> : <NoneYet mayIssue={onChoose !== null} />}
    />
  );
}

interface TokenRowProps {
  token: Token;
  isChosen: boolean;
  onChoose: ((isChosen: boolean) => void) | null;
}

function TokenRow({ token, isChosen, onChoose }: TokenRowProps): ReactNode {
  return (
    <Table.Tr>
      {onChoose !== null && (
        <Table.Td>
          <Checkbox
            size="xs"
            aria-label={`Choose ${token.name}`}
            checked={isChosen}
            disabled={token.status === 'revoked'}
            onChange={(event) => onChoose(event.currentTarget.checked)}
          />
        </Table.Td>
      )}
      <Table.Td maw={{ base: 190, sm: 280 }}>
        <Stack gap={0}>
          <TextLink
            to="/tokens/$tokenId"
            params={{ tokenId: token.id }}
            fw={550}
            size="sm"
            truncate
            c="var(--mantine-color-text)"
          >
            {token.name}
          </TextLink>
          <Text size="xs" c="dimmed" className="mono truncate">
            {token.hint}
            {token.subject !== null && ` · ${token.subject}`}
          </Text>
          <Box hiddenFrom="sm" mt={4}>
            <TokenStatus status={token.status} />
          </Box>
        </Stack>
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <TokenStatus status={token.status} />
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <ScopeList scopes={token.scopes} />
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <Time at={token.expires_at} size="sm" />
      </Table.Td>
      <Table.Td fz="sm">
        <LastUse at={token.last_used_at} ip={token.last_used_ip} />
      </Table.Td>
    </Table.Tr>
  );
}

function NothingFound(): ReactNode {
  return (
    <EmptyState
      icon={<SearchX size={26} />}
      title="No token matches"
      description="Loosen a filter, or look in the other environment."
    >
      <EmptyState.Actions>
        <ButtonLink to="/tokens" search={{}} variant="default">
          Clear filters
        </ButtonLink>
      </EmptyState.Actions>
    </EmptyState>
  );
}

function NoneYet({ mayIssue }: { mayIssue: boolean }): ReactNode {
  return (
    <EmptyState
      icon={<Ticket size={26} />}
      title="No tokens yet"
      description="Issue one for a partner, a service or an integration, with just the scopes it needs."
    >
      {mayIssue && (
        <EmptyState.Actions>
          <ButtonLink to="/tokens/new">Issue token</ButtonLink>
        </EmptyState.Actions>
      )}
    </EmptyState>
  );
}
