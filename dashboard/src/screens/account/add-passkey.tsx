import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Fingerprint } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { addPasskey, type Passkey, type RecoveryCodes } from '../../api/second-factors.ts';
import { Problem } from '../../pieces/problem.tsx';
import { browserName } from './browser-name.ts';

interface AddPasskeyProps {
  opened: boolean;
  onClose: () => void;
  onDone: (answer: Passkey & RecoveryCodes) => Promise<void>;
}

/** A name for it, then the browser's own dialog. */
export function AddPasskey({ opened, onClose, onDone }: AddPasskeyProps): ReactNode {
  return (
    <Modal opened={opened} onClose={onClose} title="Add a passkey">
      <Form onClose={onClose} onDone={onDone} />
    </Modal>
  );
}

function Form({ onClose, onDone }: Omit<AddPasskeyProps, 'opened'>): ReactNode {
  const [name, setName] = useState(() => browserName(navigator.userAgent));
  const add = useMutation({
    mutationFn: () => addPasskey(name.trim()),
    meta: { showsError: true },
    onSuccess: onDone,
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        add.mutate();
      }}
    >
      <Stack>
        <Text size="sm">
          Your browser asks next where to keep it: on this device, a phone, or a security key. You will be
          signed out in all other browsers.
        </Text>
        <TextInput
          label="Name"
          description="So that you know it again in the list"
          maxLength={120}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          required
          data-autofocus
        />
        <Problem error={add.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            type="submit"
            leftSection={<Fingerprint size={16} />}
            loading={add.isPending}
            disabled={name.trim() === ''}
          >
            Go on
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
