import { ActionBar, Button, Group, List, Modal, Progress, Stack, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Ban } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { revokeToken } from '../../api/tokens.ts';
import type { Token } from '../../api/types.ts';
import { Problem } from '../../pieces/problem.tsx';
import { Time } from '../../pieces/time.tsx';

interface RevokeManyProps {
  chosen: readonly Token[];
  onDone: () => void;
}

/** The bar that appears once something is chosen, and the dialog that shows what would be hit. */
export function RevokeMany({ chosen, onDone }: RevokeManyProps): ReactNode {
  const [isAsking, setAsking] = useState(false);
  return (
    <>
      <ActionBar
        opened={chosen.length > 0 && !isAsking}
        onClose={onDone}
        closeOnEscape
        aria-label="Chosen tokens"
      >
        <Text size="sm" px="xs">
          {chosen.length} chosen
        </Text>
        <Button size="compact-md" color="red" leftSection={<Ban size={15} />} onClick={() => setAsking(true)}>
          Revoke…
        </Button>
        <Button size="compact-md" variant="subtle" color="gray" onClick={onDone}>
          Clear
        </Button>
      </ActionBar>
      <Modal
        opened={isAsking}
        onClose={() => setAsking(false)}
        title={`Revoke ${String(chosen.length)} ${chosen.length === 1 ? 'token' : 'tokens'}`}
        size="lg"
      >
        <Preview
          chosen={chosen}
          onClose={() => setAsking(false)}
          onDone={() => {
            setAsking(false);
            onDone();
          }}
        />
      </Modal>
    </>
  );
}

const SHOWN = 8;

function Preview({ chosen, onClose, onDone }: RevokeManyProps & { onClose: () => void }): ReactNode {
  const [reason, setReason] = useState('');
  const [done, setDone] = useState(0);
  const queries = useQueryClient();
  const revoke = useMutation({
    mutationFn: async () => {
      setDone(0);
      // One after the other: each is a decision and an event of its own, and what is done stays done.
      for (const { id } of chosen) {
        await revokeToken(id, reason.trim() === '' ? null : reason.trim());
        setDone((count) => count + 1);
      }
    },
    meta: { showsError: true },
    onSettled: () => queries.invalidateQueries({ queryKey: ['tokens'] }),
    onSuccess: () => {
      notifications.show({ color: 'teal', message: `${String(chosen.length)} revoked` });
      onDone();
    },
  });
  const used = chosen.filter(({ last_used_at: at }) => at !== null);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        revoke.mutate();
      }}
    >
      <Stack>
        <Text size="sm">
          They and every token issued with them are refused from the next request on. This cannot be undone.
          {used.length > 0 && ` ${String(used.length)} of them have been in use:`}
        </Text>
        <List size="sm" spacing={2}>
          {chosen.slice(0, SHOWN).map(({ id, name, last_used_at: at }) => (
            <List.Item key={id}>
              <b>{name}</b>, last used <Time at={at} none="never" />
            </List.Item>
          ))}
          {chosen.length > SHOWN && <List.Item>and {chosen.length - SHOWN} more</List.Item>}
        </List>
        <TextInput
          label="Reason"
          description="Kept with the tokens and in the log"
          placeholder="The contract ended"
          maxLength={500}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          data-autofocus
        />
        {revoke.isPending && (
          <Progress value={(done / chosen.length) * 100} aria-label="Revoked so far" animated />
        )}
        <Problem error={revoke.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} disabled={revoke.isPending}>
            Cancel
          </Button>
          <Button type="submit" color="red" loading={revoke.isPending}>
            Revoke {chosen.length}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
