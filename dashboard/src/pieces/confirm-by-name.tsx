import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { Problem } from './problem.tsx';

interface ConfirmByNameProps {
  opened: boolean;
  onClose: () => void;
  title: string;
  /** What has to be typed, so that nobody does it to the wrong thing. */
  name: string;
  /** What will stop working. */
  children: ReactNode;
  /** The label of the button that does it. */
  action: string;
  isBusy: boolean;
  error: unknown;
  onConfirm: () => void;
}

/** Says what will stop working and asks to type the name of the thing. */
export function ConfirmByName({ opened, onClose, title, ...rest }: ConfirmByNameProps): ReactNode {
  return (
    <Modal opened={opened} onClose={onClose} title={title} size="md">
      <Question {...rest} onClose={onClose} />
    </Modal>
  );
}

function Question({
  name,
  children,
  action,
  isBusy,
  error,
  onConfirm,
  onClose,
}: Omit<ConfirmByNameProps, 'opened' | 'title'>): ReactNode {
  const [typed, setTyped] = useState('');
  const matches = typed.trim() === name.trim();
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (matches) onConfirm();
      }}
    >
      <Stack>
        {children}
        <TextInput
          label={
            <>
              Type{' '}
              <Text span inherit fw={650}>
                {name}
              </Text>{' '}
              to confirm
            </>
          }
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          autoComplete="off"
          spellCheck={false}
          data-autofocus
        />
        <Problem error={error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" color="red" disabled={!matches} loading={isBusy}>
            {action}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
