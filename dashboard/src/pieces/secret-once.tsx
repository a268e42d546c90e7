import { Alert, Button, Checkbox, CopyButton, Group, Modal, Stack, Text } from '@mantine/core';
import { Check, Copy, TriangleAlert } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import classes from './secret-once.module.css';

interface SecretOnceProps {
  /** Null while there is nothing to show. */
  secret: string | null;
  title: string;
  /** What to do with it now. */
  children?: ReactNode;
  onDone: () => void;
}

/** A value that exists in this dialog only: it closes once the reader says it is saved. */
export function SecretOnce({ secret, title, children, onDone }: SecretOnceProps): ReactNode {
  return (
    <Modal
      opened={secret !== null}
      onClose={() => undefined}
      closeOnEscape={false}
      closeOnClickOutside={false}
      withCloseButton={false}
      title={title}
      size="lg"
    >
      {secret !== null && (
        <Once secret={secret} onDone={onDone}>
          {children}
        </Once>
      )}
    </Modal>
  );
}

function Once({
  secret,
  children,
  onDone,
}: {
  secret: string;
  children?: ReactNode;
  onDone: () => void;
}): ReactNode {
  const [isSaved, setSaved] = useState(false);
  return (
    <Stack>
      <Alert color="yellow" icon={<TriangleAlert size={18} />} title="This is the only time it is shown">
        Tooken keeps no copy it could show again. Store it where your secrets live, such as a password manager
        or your deployment’s secret store.
      </Alert>
      <div
        className={classes.secret}
        data-testid="secret"
        tabIndex={0}
        role="textbox"
        aria-readonly
        aria-label="Secret value"
      >
        {secret}
      </div>
      <CopyButton value={secret} timeout={3000}>
        {({ copied, copy }) => (
          <Button
            variant={copied ? 'light' : 'filled'}
            color={copied ? 'teal' : undefined}
            leftSection={copied ? <Check size={16} /> : <Copy size={16} />}
            onClick={copy}
            data-autofocus
          >
            {copied ? 'Copied' : 'Copy'}
          </Button>
        )}
      </CopyButton>
      {children && (
        <Text size="sm" component="div">
          {children}
        </Text>
      )}
      <Group justify="space-between" mt="xs">
        <Checkbox
          label="I have saved it"
          checked={isSaved}
          onChange={(event) => setSaved(event.currentTarget.checked)}
        />
        <Button disabled={!isSaved} onClick={onDone} variant="default">
          Done
        </Button>
      </Group>
    </Stack>
  );
}
