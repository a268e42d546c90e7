import { Button, Code, DataList, Skeleton, Stack } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Pause, Play, Send } from 'lucide-react';
import type { ReactNode } from 'react';
import { readWebhook, testWebhook, updateWebhook, type Webhook } from '../../api/webhooks.ts';
import { Handle } from '../../pieces/handle.tsx';
import { TextLink } from '../../pieces/links.tsx';
import { Page } from '../../pieces/page.tsx';
import { Problem } from '../../pieces/problem.tsx';
import { Section } from '../../pieces/section.tsx';
import { Time } from '../../pieces/time.tsx';
import { WebhookStatus } from '../webhooks/webhooks.tsx';
import { Deliveries } from './deliveries.tsx';
import { WebhookMenu } from './webhook-menu.tsx';

const route = getRouteApi('/shell/settings/webhooks/$webhookId');

/** One webhook: what it is told, and what became of every notice. */
export function WebhookScreen(): ReactNode {
  const { webhookId } = route.useParams();
  const {
    data: webhook,
    error,
    refetch,
  } = useQuery({
    queryKey: ['webhooks', webhookId],
    queryFn: ({ signal }) => readWebhook(webhookId, signal),
  });
  return (
    <Page
      title={webhook === undefined ? 'Webhook' : new URL(webhook.url).host}
      beside={webhook && <WebhookStatus isEnabled={webhook.enabled} />}
      description={<Handle id={webhookId} what="webhook id" />}
      crumbs={[
        <TextLink key="webhooks" to="/settings/webhooks" size="sm">
          Webhooks
        </TextLink>,
        'Webhook',
      ]}
      actions={webhook && <Actions webhook={webhook} />}
    >
      {error !== null && <Problem error={error} retry={() => void refetch()} />}
      {webhook === undefined && error === null && <Skeleton height={240} radius="md" />}
      {webhook && (
        <Stack gap="lg">
          <Facts webhook={webhook} />
          <Deliveries webhookId={webhookId} />
        </Stack>
      )}
    </Page>
  );
}

function Actions({ webhook }: { webhook: Webhook }): ReactNode {
  const queries = useQueryClient();
  const test = useMutation({
    mutationFn: () => testWebhook(webhook.id),
    onSuccess: async () => {
      notifications.show({ color: 'teal', message: 'A test is on its way' });
      await queries.invalidateQueries({ queryKey: ['deliveries', webhook.id] });
    },
  });
  const enable = useMutation({
    mutationFn: () => updateWebhook(webhook.id, { enabled: !webhook.enabled }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['webhooks'] }),
  });
  return (
    <>
      <Button
        variant="default"
        leftSection={<Send size={15} />}
        loading={test.isPending}
        onClick={() => test.mutate()}
      >
        Send a test
      </Button>
      <Button
        variant="default"
        leftSection={webhook.enabled ? <Pause size={15} /> : <Play size={15} />}
        loading={enable.isPending}
        onClick={() => enable.mutate()}
      >
        {webhook.enabled ? 'Pause' : 'Go on'}
      </Button>
      <WebhookMenu webhook={webhook} />
    </>
  );
}

function Facts({ webhook }: { webhook: Webhook }): ReactNode {
  const facts: [string, ReactNode][] = [
    ['Address', <Code key="url">{webhook.url}</Code>],
    ['Description', webhook.description],
    ['Told of', webhook.events === null ? 'Everything' : webhook.events.join(', ')],
    ['Secret', <Code key="secret">{webhook.secret_hint}</Code>],
    [
      'Former secret',
      webhook.previous_secret_until && (
        <>
          signs too, until <Time at={webhook.previous_secret_until} as="date" />
        </>
      ),
    ],
    ['Added', <Time key="added" at={webhook.created_at} as="date" />],
  ];
  return (
    <Section title="Details">
      <DataList labelWidth="120px" gap="sm">
        {facts
          .filter(([, value]) => value !== null && value !== '')
          .map(([label, value]) => (
            <DataList.Item key={label}>
              <DataList.ItemLabel>{label}</DataList.ItemLabel>
              <DataList.ItemValue miw={0}>{value}</DataList.ItemValue>
            </DataList.Item>
          ))}
      </DataList>
    </Section>
  );
}
