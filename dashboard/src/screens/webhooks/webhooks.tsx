import { Badge, Button, EmptyState, Stack, Table, Text } from '@mantine/core';
import { Plus, Webhook as Icon } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { usePages } from '../../api/pages.ts';
import { listWebhooks, type NewWebhook, type Webhook } from '../../api/webhooks.ts';
import { TextLink } from '../../pieces/links.tsx';
import { Page } from '../../pieces/page.tsx';
import { Rows } from '../../pieces/rows.tsx';
import { SecretOnce } from '../../pieces/secret-once.tsx';
import { Time } from '../../pieces/time.tsx';
import { CreateWebhook } from './create-webhook.tsx';

/** Who is told of what happens here. */
export function Webhooks(): ReactNode {
  const [isCreating, setCreating] = useState(false);
  const [fresh, setFresh] = useState<NewWebhook | null>(null);
  const pages = usePages(['webhooks'], listWebhooks);
  const add = (
    <Button leftSection={<Plus size={16} />} onClick={() => setCreating(true)}>
      Add webhook
    </Button>
  );
  return (
    <Page
      title="Webhooks"
      description="Tell your own systems when a token expires soon, is suspended, revoked or leaked. Signed as Standard Webhooks has it, tried again for three days."
      actions={pages.items.length > 0 && add}
    >
      <Rows
        pages={pages}
        label="Webhooks"
        minWidth={620}
        phoneWidth={0}
        head={
          <>
            <Table.Th>Address</Table.Th>
            <Table.Th>Status</Table.Th>
            <Table.Th visibleFrom="sm">Told of</Table.Th>
            <Table.Th visibleFrom="sm">Added</Table.Th>
          </>
        }
        row={(webhook) => <Row key={webhook.id} webhook={webhook} />}
        empty={
          <EmptyState
            icon={<Icon size={26} />}
            title="No webhooks"
            description="Your on-call channel may want to know before a partner’s token ends."
          >
            <EmptyState.Actions>{add}</EmptyState.Actions>
          </EmptyState>
        }
      />
      <CreateWebhook
        opened={isCreating}
        onClose={() => setCreating(false)}
        onCreated={(webhook) => {
          setCreating(false);
          setFresh(webhook);
        }}
      />
      <SecretOnce secret={fresh?.secret ?? null} title="Signing secret" onDone={() => setFresh(null)}>
        Your receiver verifies with it that a notice comes from here.
      </SecretOnce>
    </Page>
  );
}

function Row({ webhook }: { webhook: Webhook }): ReactNode {
  return (
    <Table.Tr>
      <Table.Td maw={{ base: 220, sm: 380 }}>
        <Stack gap={0}>
          <TextLink
            to="/settings/webhooks/$webhookId"
            params={{ webhookId: webhook.id }}
            size="sm"
            fw={550}
            truncate
            c="var(--mantine-color-text)"
          >
            {webhook.url}
          </TextLink>
          {webhook.description !== null && (
            <Text size="xs" c="dimmed" truncate>
              {webhook.description}
            </Text>
          )}
        </Stack>
      </Table.Td>
      <Table.Td>
        <WebhookStatus isEnabled={webhook.enabled} />
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <Text size="sm">
          {webhook.events === null ? 'Everything' : `${String(webhook.events.length)} kinds`}
        </Text>
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <Time at={webhook.created_at} size="sm" />
      </Table.Td>
    </Table.Tr>
  );
}

export function WebhookStatus({ isEnabled }: { isEnabled: boolean }): ReactNode {
  return isEnabled ? <Badge color="teal">Sending</Badge> : <Badge color="gray">Paused</Badge>;
}
