import { Button, Group, Modal, Stack } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { createWebhook, type NewWebhook } from '../../api/webhooks.ts';
import { Problem } from '../../pieces/problem.tsx';
import { webhookBody, WebhookFields, type WebhookForm } from './webhook-fields.tsx';

interface CreateWebhookProps {
  opened: boolean;
  onClose: () => void;
  onCreated: (webhook: NewWebhook) => void;
}

export function CreateWebhook({ opened, onClose, onCreated }: CreateWebhookProps): ReactNode {
  return (
    <Modal opened={opened} onClose={onClose} title="Add webhook" size="lg">
      <Form onClose={onClose} onCreated={onCreated} />
    </Modal>
  );
}

function Form({ onClose, onCreated }: Omit<CreateWebhookProps, 'opened'>): ReactNode {
  const queries = useQueryClient();
  const form = useForm<WebhookForm>({
    initialValues: { url: '', description: '', all: true, events: [] },
  });
  const create = useMutation({
    mutationFn: (values: WebhookForm) => createWebhook({ ...webhookBody(values), enabled: true }),
    meta: { showsError: true },
    onSuccess: async (webhook) => {
      onCreated(webhook);
      await queries.invalidateQueries({ queryKey: ['webhooks'] });
    },
  });
  return (
    <form onSubmit={form.onSubmit((values) => create.mutate(values))}>
      <Stack>
        <WebhookFields form={form} />
        <Problem error={create.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            type="submit"
            loading={create.isPending}
            disabled={!form.values.all && form.values.events.length === 0}
          >
            Add
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
