import { Alert, Grid, Skeleton, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useReader } from '../../api/session.ts';
import { tokenQuery } from '../../api/tokens.ts';
import type { Token } from '../../api/types.ts';
import { Handle } from '../../pieces/handle.tsx';
import { Page } from '../../pieces/page.tsx';
import { Problem } from '../../pieces/problem.tsx';
import { Time } from '../../pieces/time.tsx';
import { TokenStatus } from '../../pieces/token-status.tsx';
import { Family } from './family.tsx';
import { FormerValue } from './former-value.tsx';
import { Facts } from './facts.tsx';
import { Life } from './life.tsx';
import { TokenActions } from './token-actions.tsx';
import { Usage } from './usage.tsx';
import { TextLink } from '../../pieces/links.tsx';

const route = getRouteApi('/shell/tokens/$tokenId');

/** One token: what it may do, how it is used, its life, and how to end it. */
export function TokenScreen(): ReactNode {
  const { tokenId } = route.useParams();
  const { data: token, error, refetch } = useQuery(tokenQuery(tokenId));
  const crumbs = [
    <TextLink key="tokens" to="/tokens" size="sm">
      Tokens
    </TextLink>,
    token?.name ?? '…',
  ];
  if (error !== null) {
    return (
      <Page title="Token" crumbs={crumbs}>
        <Problem error={error} retry={() => void refetch()} />
      </Page>
    );
  }
  if (token === undefined) {
    return (
      <Page title="Token" crumbs={crumbs}>
        <Skeleton height={320} radius="md" />
      </Page>
    );
  }
  return <Filled token={token} crumbs={crumbs} />;
}

function Filled({ token, crumbs }: { token: Token; crumbs: ReactNode[] }): ReactNode {
  const { may } = useReader();
  return (
    <Page
      title={token.name}
      beside={<TokenStatus status={token.status} />}
      description={<Handle id={token.id} what="token id" />}
      crumbs={crumbs}
      actions={may('manage tokens') && <TokenActions token={token} />}
    >
      {token.revoked_at !== null && (
        <Alert color="red" title="Revoked">
          <Time at={token.revoked_at} as="exact" />
          {token.revoked_reason !== null && `: ${token.revoked_reason}`}
        </Alert>
      )}
      <FormerValue token={token} mayEnd={may('manage tokens') && token.status !== 'revoked'} />
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Stack gap="lg">
            {may('read the log') && <Usage tokenId={token.id} />}
            {may('read the log') && <Life token={token} />}
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Stack gap="lg">
            <Facts token={token} />
            <Family token={token} />
          </Stack>
        </Grid.Col>
      </Grid>
    </Page>
  );
}
