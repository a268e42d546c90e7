import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { invite } from '../../api/people.ts';
import type { Role } from '../../api/session.ts';
import { Problem } from '../../pieces/problem.tsx';
import { SecretOnce } from '../../pieces/secret-once.tsx';
import { RoleSelect } from './role-select.tsx';

/** Makes an invitation, and shows its link once. */
export function Invite({ opened, onClose }: { opened: boolean; onClose: () => void }): ReactNode {
  const [made, setMade] = useState<{ link: string; email: string } | null>(null);
  return (
    <>
      <Modal opened={opened && made === null} onClose={onClose} title="Invite a person">
        <Form onClose={onClose} onMade={setMade} />
      </Modal>
      <SecretOnce
        secret={made === null ? null : new URL(made.link, location.origin).href}
        title={`Invitation for ${made?.email ?? ''}`}
        onDone={() => {
          setMade(null);
          onClose();
        }}
      >
        Send it to {made?.email} yourself, by a channel you trust. It works once, for seven days, and for that
        address only.
      </SecretOnce>
    </>
  );
}

interface FormProps {
  onClose: () => void;
  onMade: (made: { link: string; email: string }) => void;
}

function Form({ onClose, onMade }: FormProps): ReactNode {
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<Role>('developer');
  const queries = useQueryClient();
  const send = useMutation({
    mutationFn: () => invite(email.trim(), role),
    meta: { showsError: true },
    onSuccess: async (made) => {
      onMade(made);
      await queries.invalidateQueries({ queryKey: ['invitations'] });
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        send.mutate();
      }}
    >
      <Stack>
        <TextInput
          label="E-mail"
          type="email"
          placeholder="grace@example.com"
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
          required
          data-autofocus
        />
        <RoleSelect value={role} onChange={setRole} />
        <Problem error={send.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={send.isPending} disabled={email.trim() === ''}>
            Make the link
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
