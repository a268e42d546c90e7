import { Group, Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { listTokens } from '../../api/tokens.ts';
import type { Token } from '../../api/types.ts';
import { Section } from '../../pieces/section.tsx';
import { Time } from '../../pieces/time.tsx';
import { TextLink } from '../../pieces/links.tsx';

const SHOWN = 5;
const SOON_MS = 30 * 86_400_000;

/** Active tokens that end within 30 days, the next one first. */
export function ExpiringSoon(): ReactNode {
  const { data } = useQuery({
    queryKey: ['tokens', 'expiring'],
    queryFn: ({ signal }) =>
      listTokens(
        { status: 'active', expires_before: new Date(Date.now() + SOON_MS).toISOString(), limit: 100 },
        signal,
      ),
  });
  const tokens = data?.data.toSorted((a, b) => (a.expires_at ?? '').localeCompare(b.expires_at ?? ''));
  return (
    <Section title="Expiring soon" description="Active tokens that end within 30 days">
      <TokenList
        tokens={tokens}
        beside={({ expires_at: at }) => <Time at={at} size="sm" c="dimmed" />}
        empty="None. Nothing stops working by itself in the next 30 days."
      />
    </Section>
  );
}

/** Of the newest tokens those that nobody has presented yet. */
export function NeverUsed({ newest }: { newest: readonly Token[] }): ReactNode {
  const unused = newest.filter(({ last_used_at: at, status }) => at === null && status === 'active');
  return (
    <Section title="Never used" description="Active, and nobody has presented them yet">
      <TokenList
        tokens={unused}
        beside={({ created_at: at }) => (
          <Text size="sm" c="dimmed">
            issued <Time at={at} />
          </Text>
        )}
        empty="None. Every active token has been used."
      />
    </Section>
  );
}

interface TokenListProps {
  tokens: readonly Token[] | undefined;
  beside: (token: Token) => ReactNode;
  empty: string;
}

function TokenList({ tokens, beside, empty }: TokenListProps): ReactNode {
  if (tokens === undefined) return <Skeleton height={80} />;
  if (tokens.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {empty}
      </Text>
    );
  }
  return (
    <Stack gap="sm">
      {tokens.slice(0, SHOWN).map((token) => (
        <Group key={token.id} justify="space-between" wrap="nowrap">
          <TextLink to="/tokens/$tokenId" params={{ tokenId: token.id }} size="sm" fw={550} truncate>
            {token.name}
          </TextLink>
          {beside(token)}
        </Group>
      ))}
      {tokens.length > SHOWN && (
        <Text size="xs" c="dimmed">
          and {tokens.length - SHOWN} more
        </Text>
      )}
    </Stack>
  );
}
