import { ActionIcon, Button, Group, Menu, Modal, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Ellipsis, Pencil, RefreshCw, Trash2 } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import {
  deleteWebhook,
  rotateWebhookSecret,
  updateWebhook,
  type NewWebhook,
  type Webhook,
} from '../../api/webhooks.ts';
import { ConfirmByName } from '../../pieces/confirm-by-name.tsx';
import { Problem } from '../../pieces/problem.tsx';
import { SecretOnce } from '../../pieces/secret-once.tsx';
import { webhookBody, WebhookFields, type WebhookForm } from '../webhooks/webhook-fields.tsx';

/** What is seldom done to a webhook. */
export function WebhookMenu({ webhook }: { webhook: Webhook }): ReactNode {
  const [deed, setDeed] = useState<'edit' | 'delete' | null>(null);
  const [fresh, setFresh] = useState<NewWebhook | null>(null);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const rotate = useMutation({
    mutationFn: () => rotateWebhookSecret(webhook.id),
    onSuccess: async (next) => {
      setFresh(next);
      await queries.invalidateQueries({ queryKey: ['webhooks'] });
    },
  });
  const remove = useMutation({
    mutationFn: () => deleteWebhook(webhook.id),
    meta: { showsError: true },
    onSuccess: async () => {
      await navigate({ to: '/settings/webhooks' });
      await queries.invalidateQueries({ queryKey: ['webhooks'] });
    },
  });
  const host = new URL(webhook.url).host;
  return (
    <>
      <Menu width={210}>
        <Menu.Target>
          <ActionIcon variant="default" size={36} aria-label="More actions" loading={rotate.isPending}>
            <Ellipsis size={17} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<Pencil size={15} />} onClick={() => setDeed('edit')}>
            Edit
          </Menu.Item>
          <Menu.Item leftSection={<RefreshCw size={15} />} onClick={() => rotate.mutate()}>
            Rotate the secret
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item color="red" leftSection={<Trash2 size={15} />} onClick={() => setDeed('delete')}>
            Delete
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal opened={deed === 'edit'} onClose={() => setDeed(null)} title="Edit webhook" size="lg">
        <EditForm webhook={webhook} onClose={() => setDeed(null)} />
      </Modal>
      <ConfirmByName
        opened={deed === 'delete'}
        onClose={() => {
          remove.reset();
          setDeed(null);
        }}
        title={`Delete ${host}`}
        name={host}
        action="Delete webhook"
        isBusy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate()}
      >
        <Text size="sm">It is told nothing any more, and what is still waiting to be sent is dropped.</Text>
      </ConfirmByName>
      <SecretOnce secret={fresh?.secret ?? null} title="New signing secret" onDone={() => setFresh(null)}>
        Notices are signed with both, this one and the one before, for 24 hours: time to put it in place.
      </SecretOnce>
    </>
  );
}

function EditForm({ webhook, onClose }: { webhook: Webhook; onClose: () => void }): ReactNode {
  const queries = useQueryClient();
  const form = useForm<WebhookForm>({
    initialValues: {
      url: webhook.url,
      description: webhook.description ?? '',
      all: webhook.events === null,
      events: webhook.events ?? [],
    },
  });
  const save = useMutation({
    mutationFn: (values: WebhookForm) => updateWebhook(webhook.id, webhookBody(values)),
    meta: { showsError: true },
    onSuccess: async () => {
      onClose();
      await queries.invalidateQueries({ queryKey: ['webhooks'] });
    },
  });
  return (
    <form onSubmit={form.onSubmit((values) => save.mutate(values))}>
      <Stack>
        <WebhookFields form={form} />
        <Problem error={save.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={save.isPending}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
