import { Group, Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { CornerDownRight } from 'lucide-react';
import type { ReactNode } from 'react';
import { listTokens, tokenQuery } from '../../api/tokens.ts';
import type { Token } from '../../api/types.ts';
import { Section } from '../../pieces/section.tsx';
import { TokenStatus } from '../../pieces/token-status.tsx';
import { TextLink } from '../../pieces/links.tsx';

const ISSUER = 'tokens:write';

/** The token that issued it, and those it has issued: they end with it. */
export function Family({ token }: { token: Token }): ReactNode {
  const mayHaveChildren = token.scopes.some((scope) => scope === ISSUER || scope === 'tokens:*');
  if (token.parent_id === null && !mayHaveChildren) return null;
  return (
    <Section title="Family" description="What ends a token ends all below it">
      <Stack gap="xs">
        {token.parent_id !== null && <Parent id={token.parent_id} />}
        <Member token={token} depth={token.parent_id === null ? 0 : 1} isSelf />
        {mayHaveChildren && <Children token={token} depth={token.parent_id === null ? 1 : 2} />}
      </Stack>
    </Section>
  );
}

function Parent({ id }: { id: string }): ReactNode {
  const { data } = useQuery(tokenQuery(id));
  return data ? <Member token={data} depth={0} /> : <Skeleton height={20} />;
}

function Children({ token, depth }: { token: Token; depth: number }): ReactNode {
  const { data } = useQuery({
    queryKey: ['tokens', 'children', token.id],
    queryFn: ({ signal }) => listTokens({ limit: 100 }, signal),
  });
  if (data === undefined) return <Skeleton height={20} />;
  const children = data.data.filter(({ parent_id: parent }) => parent === token.id);
  if (children.length === 0) {
    return (
      <Text size="sm" c="dimmed" pl={depth * 22}>
        It has issued none lately.
      </Text>
    );
  }
  return children.map((child) => <Member key={child.id} token={child} depth={depth} />);
}

function Member({
  token,
  depth,
  isSelf = false,
}: {
  token: Token;
  depth: number;
  isSelf?: boolean;
}): ReactNode {
  return (
    <Group gap="xs" wrap="nowrap" pl={depth * 22}>
      {depth > 0 && <CornerDownRight size={14} aria-hidden />}
      {isSelf ? (
        <Text size="sm" fw={650} truncate>
          {token.name}
        </Text>
      ) : (
        <TextLink to="/tokens/$tokenId" params={{ tokenId: token.id }} size="sm" truncate>
          {token.name}
        </TextLink>
      )}
      <TokenStatus status={token.status} />
    </Group>
  );
}
