import { Code, DataList, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Token } from '../../api/types.ts';
import { LastUse } from '../../pieces/last-use.tsx';
import { ScopeList } from '../../pieces/scope-list.tsx';
import { Section } from '../../pieces/section.tsx';
import { Time } from '../../pieces/time.tsx';

/** What a token is and what it may do. */
export function Facts({ token }: { token: Token }): ReactNode {
  const hasMetadata = Object.keys(token.metadata).length > 0;
  return (
    <Section title="Details">
      <DataList labelWidth="108px" gap="sm">
        <Fact label="Value">
          <Text span inherit className="mono">
            {token.hint}
          </Text>
        </Fact>
        <Fact label="Scopes">
          <ScopeList scopes={token.scopes} most={64} />
        </Fact>
        {token.subject !== null && <Fact label="Subject">{token.subject}</Fact>}
        {token.description !== null && token.description !== '' && (
          <Fact label="Description">{token.description}</Fact>
        )}
        <Fact label="Expires">
          <Time at={token.expires_at} as="date" />
        </Fact>
        {token.not_before !== null && (
          <Fact label="Valid from">
            <Time at={token.not_before} as="date" />
          </Fact>
        )}
        <Fact label="Last used">
          <LastUse at={token.last_used_at} ip={token.last_used_ip} />
        </Fact>
        <Fact label="Addresses">
          {token.allowed_ips === null ? (
            'Anywhere'
          ) : (
            <Stack gap={2}>
              {token.allowed_ips.map((range) => (
                <Text key={range} size="sm" className="mono">
                  {range}
                </Text>
              ))}
            </Stack>
          )}
        </Fact>
        {token.max_uses !== null && (
          <Fact label="Uses left">
            {(token.uses_remaining ?? 0).toLocaleString('en')} of {token.max_uses.toLocaleString('en')}
          </Fact>
        )}
        {token.rate_limit !== null && (
          <Fact label="Rate">
            {token.rate_limit.limit.toLocaleString('en')} in {token.rate_limit.window_seconds} s
          </Fact>
        )}
        <Fact label="Issued">
          <Group gap={4}>
            <Time at={token.created_at} as="date" />
            {token.created_by.name !== null && <Text size="sm">by {token.created_by.name}</Text>}
          </Group>
        </Fact>
        {token.rotated_at !== null && (
          <Fact label="Rotated">
            <Time at={token.rotated_at} as="date" />
          </Fact>
        )}
        {hasMetadata && (
          <Fact label="Metadata">
            <Code block tabIndex={0} role="region" aria-label="Metadata">
              {JSON.stringify(token.metadata, null, 2)}
            </Code>
          </Fact>
        )}
      </DataList>
    </Section>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }): ReactNode {
  return (
    <DataList.Item>
      <DataList.ItemLabel>{label}</DataList.ItemLabel>
      <DataList.ItemValue miw={0} component="dd">
        {children}
      </DataList.ItemValue>
    </DataList.Item>
  );
}
