import { Checkbox, Stack, Switch, Text, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import type { ReactNode } from 'react';
import { NOTICES, type NoticeType } from '../../api/webhooks.ts';

export interface WebhookForm {
  url: string;
  description: string;
  all: boolean;
  events: NoticeType[];
}

/** What a webhook can be told: where to send, and what. */
export function WebhookFields({ form }: { form: UseFormReturnType<WebhookForm> }): ReactNode {
  return (
    <>
      <TextInput
        label="Address"
        description="https, leading to public addresses only"
        placeholder="https://hooks.acme.example/tooken"
        type="url"
        maxLength={2048}
        required
        data-autofocus
        {...form.getInputProps('url')}
      />
      <TextInput label="Description" maxLength={500} {...form.getInputProps('description')} />
      <Switch
        label="Everything"
        description="Also kinds of notices that later versions have"
        {...form.getInputProps('all', { type: 'checkbox' })}
      />
      {!form.values.all && (
        <Checkbox.Group label="Only" {...form.getInputProps('events')}>
          <Stack gap="xs" mt={6}>
            {Object.entries(NOTICES).map(([type, meaning]) => (
              <Checkbox
                key={type}
                value={type}
                label={
                  <Text span size="sm" className="mono">
                    {type}
                  </Text>
                }
                description={meaning}
              />
            ))}
          </Stack>
        </Checkbox.Group>
      )}
    </>
  );
}

/** As the API takes it. */
export function webhookBody({ url, description, all, events }: WebhookForm): {
  url: string;
  description: string | null;
  events: NoticeType[] | null;
} {
  const text = description.trim();
  return { url: url.trim(), description: text === '' ? null : text, events: all ? null : events };
}
