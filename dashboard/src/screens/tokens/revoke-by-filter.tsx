import { Alert, Button, Group, List, Modal, Stack, Text, TextInput } from '@mantine/core';
import { DateTimePicker } from '@mantine/dates';
import '@mantine/dates/styles.css';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Siren } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { revokeByFilter, type RevokeFilter, type RevokedTokens } from '../../api/tokens.ts';
import { Problem } from '../../pieces/problem.tsx';
import { Time } from '../../pieces/time.tsx';

/** Revoking all that fulfils a condition, after seeing what and whose it is: for when something has happened. */
export function RevokeByFilter(): ReactNode {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button variant="default" leftSection={<Siren size={15} />} onClick={() => setOpen(true)}>
        Revoke by filter
      </Button>
      <Modal opened={isOpen} onClose={() => setOpen(false)} title="Revoke by filter" size="lg">
        <Form onClose={() => setOpen(false)} />
      </Modal>
    </>
  );
}

function Form({ onClose }: { onClose: () => void }): ReactNode {
  const [filter, setFilter] = useState<RevokeFilter>({});
  const [reason, setReason] = useState('');
  const queries = useQueryClient();
  const preview = useMutation({
    mutationFn: () => revokeByFilter(filter, { dryRun: true }),
    meta: { showsError: true },
  });
  const revoke = useMutation({
    mutationFn: () => revokeByFilter(filter, { reason }),
    meta: { showsError: true },
    onSuccess: async ({ revoked }) => {
      onClose();
      notifications.show({
        color: 'teal',
        message: `${tokensIn(revoked)} ${revoked === 1 ? 'is' : 'are'} revoked`,
      });
      await queries.invalidateQueries({ queryKey: ['tokens'] });
      await queries.invalidateQueries({ queryKey: ['events'] });
    },
  });
  const set = (change: RevokeFilter): void => {
    setFilter((old) => ({ ...old, ...change }));
    // What was shown was of another filter.
    preview.reset();
  };
  const isEmpty = Object.values(filter).every((value) => !value);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (preview.data) revoke.mutate();
        else preview.mutate();
      }}
    >
      <Stack>
        <Text size="sm">
          Tokens that fulfil every condition, and all that were issued with them. First you see which.
        </Text>
        <Group grow>
          <Condition label="Subject" placeholder="partner_42" onChange={(subject) => set({ subject })} />
          <Condition label="Scope" placeholder="invoices:read" onChange={(scope) => set({ scope })} />
        </Group>
        <Group grow>
          <Condition
            label="Issued by"
            placeholder="key_…, token_… or usr_…"
            onChange={(by) => set({ created_by: by })}
          />
          <DateTimePicker
            label="Issued before"
            valueFormat="D MMM YYYY HH:mm"
            clearable
            onChange={(at) => set({ issued_before: at === null ? undefined : new Date(at).toISOString() })}
          />
        </Group>
        <Problem error={preview.error ?? revoke.error} />
        {preview.data && <Preview found={preview.data} />}
        {preview.data && preview.data.revoked > 0 && (
          <TextInput
            label="Reason"
            description="Kept with each token and in the log"
            placeholder="The partner was broken into"
            maxLength={500}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          {preview.data ? (
            <Button
              type="submit"
              color="red"
              loading={revoke.isPending}
              disabled={preview.data.revoked === 0}
            >
              Revoke {preview.data.revoked.toLocaleString('en')}
            </Button>
          ) : (
            <Button type="submit" loading={preview.isPending} disabled={isEmpty}>
              Show what would be hit
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  );
}

interface ConditionProps {
  label: string;
  placeholder: string;
  onChange: (value: string | undefined) => void;
}

function Condition({ label, placeholder, onChange }: ConditionProps): ReactNode {
  return (
    <TextInput
      label={label}
      placeholder={placeholder}
      onChange={(event) => {
        const value = event.currentTarget.value.trim();
        onChange(value === '' ? undefined : value);
      }}
    />
  );
}

const SHOWN = 6;

function Preview({ found }: { found: RevokedTokens }): ReactNode {
  const { revoked, tokens = [], subjects = [] } = found;
  if (revoked === 0) return <Alert color="gray">No token fulfils this.</Alert>;
  const used = tokens.filter(({ last_used_at: at }) => at !== null).length;
  return (
    <Alert color="yellow" title={`${tokensIn(revoked)} would be revoked, for good`} role="status">
      <Stack gap="xs">
        <Text size="sm">
          Of {subjects.length === 1 ? 'one subject' : `${String(subjects.length)} subjects`}:{' '}
          {subjects
            .slice(0, SHOWN)
            .map(({ subject, tokens: count }) => `${subject ?? 'none'} (${String(count)})`)
            .join(', ')}
          {subjects.length > SHOWN && ' …'}. {used > 0 && `${String(used)} of those shown have been in use.`}
        </Text>
        <List size="sm" spacing={2}>
          {tokens.slice(0, SHOWN).map(({ id, name, last_used_at: at }) => (
            <List.Item key={id}>
              <b>{name}</b>, last used <Time at={at} none="never" />
            </List.Item>
          ))}
          {revoked > SHOWN && (
            <List.Item>and {(revoked - Math.min(SHOWN, tokens.length)).toLocaleString('en')} more</List.Item>
          )}
        </List>
      </Stack>
    </Alert>
  );
}

function tokensIn(count: number): string {
  return count === 1 ? '1 token' : `${count.toLocaleString('en')} tokens`;
}
