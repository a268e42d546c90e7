import { Button, Group, Modal, Stack, TagsInput, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { updateToken } from '../../api/tokens.ts';
import type { Token } from '../../api/types.ts';
import { Problem } from '../../pieces/problem.tsx';
import { RateFields } from '../../pieces/rate-fields.tsx';
import { ScopePicker } from '../../pieces/scope-picker.tsx';

interface EditTokenProps {
  token: Token;
  opened: boolean;
  onClose: () => void;
}

export function EditToken({ token, opened, onClose }: EditTokenProps): ReactNode {
  return (
    <Modal opened={opened} onClose={onClose} title={`Edit ${token.name}`} size="lg">
      <Form token={token} onClose={onClose} />
    </Modal>
  );
}

function Form({ token, onClose }: Omit<EditTokenProps, 'opened'>): ReactNode {
  const queries = useQueryClient();
  const form = useForm({
    initialValues: {
      name: token.name,
      description: token.description ?? '',
      scopes: token.scopes,
      addresses: token.allowed_ips ?? [],
      rateLimit: token.rate_limit?.limit ?? '',
      rateWindow: token.rate_limit?.window_seconds ?? 60,
    },
  });
  const update = useMutation({
    mutationFn: ({ name, description, scopes, addresses, rateLimit, rateWindow }: typeof form.values) =>
      updateToken(token.id, {
        name: name.trim(),
        description: description.trim() === '' ? null : description,
        scopes,
        allowed_ips: addresses.length === 0 ? null : addresses,
        rate_limit: rateLimit === '' ? null : { limit: Number(rateLimit), window_seconds: rateWindow },
      }),
    meta: { showsError: true },
    onSuccess: async () => {
      onClose();
      await queries.invalidateQueries({ queryKey: ['tokens'] });
      await queries.invalidateQueries({ queryKey: ['events'] });
    },
  });
  return (
    <form onSubmit={form.onSubmit((values) => update.mutate(values))}>
      <Stack>
        <TextInput label="Name" required maxLength={120} {...form.getInputProps('name')} data-autofocus />
        <ScopePicker
          value={form.values.scopes}
          onChange={(scopes) => form.setFieldValue('scopes', scopes)}
          error={form.errors.scopes}
        />
        <TagsInput
          label="Allowed addresses"
          description="None means anywhere"
          splitChars={[',', ' ', ';']}
          acceptValueOnBlur
          {...form.getInputProps('addresses')}
        />
        <RateFields form={form} />
        <Textarea
          label="Description"
          autosize
          minRows={2}
          maxLength={1000}
          {...form.getInputProps('description')}
        />
        <Problem error={update.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={update.isPending}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
