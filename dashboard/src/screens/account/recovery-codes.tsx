import { Alert, Button, Checkbox, CopyButton, Group, Modal, SimpleGrid, Stack, Text } from '@mantine/core';
import { Check, Copy, Download, TriangleAlert } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useReader } from '../../api/session.ts';
import classes from './recovery-codes.module.css';

interface RecoveryCodesProps {
  /** Null while there are none to be shown. */
  codes: readonly string[] | null;
  onDone: () => void;
}

/** Codes that exist in this dialog only: it closes once the reader says they are saved. */
export function RecoveryCodesOnce({ codes, onDone }: RecoveryCodesProps): ReactNode {
  return (
    <Modal
      opened={codes !== null}
      onClose={() => undefined}
      closeOnEscape={false}
      closeOnClickOutside={false}
      withCloseButton={false}
      title="Recovery codes"
    >
      {codes !== null && <Once codes={codes} onDone={onDone} />}
    </Modal>
  );
}

function Once({ codes, onDone }: { codes: readonly string[]; onDone: () => void }): ReactNode {
  const { user } = useReader();
  const [isSaved, setSaved] = useState(false);
  const text = codes.join('\n');
  return (
    <Stack>
      <Alert color="yellow" icon={<TriangleAlert size={18} />} title="This is the only time they are shown">
        Each lets you in once when your phone or passkey is lost. Without them nobody but an owner can help.
      </Alert>
      <SimpleGrid cols={2} className={classes.codes} aria-label="Recovery codes" role="group">
        {codes.map((code) => (
          <Text key={code} ta="center" className="mono" data-testid="recovery-code">
            {code}
          </Text>
        ))}
      </SimpleGrid>
      <Group grow>
        <CopyButton value={text} timeout={3000}>
          {({ copied, copy }) => (
            <Button
              variant="light"
              color={copied ? 'teal' : undefined}
              leftSection={copied ? <Check size={16} /> : <Copy size={16} />}
              onClick={copy}
              data-autofocus
            >
              {copied ? 'Copied' : 'Copy'}
            </Button>
          )}
        </CopyButton>
        <Button
          variant="light"
          leftSection={<Download size={16} />}
          onClick={() => save(`Recovery codes of ${user.email} for ${location.host}\n\n${text}\n`)}
        >
          Download
        </Button>
      </Group>
      <Group justify="space-between" mt="xs">
        <Checkbox
          label="I have saved them"
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

function save(text: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  link.download = 'tooken-recovery-codes.txt';
  link.click();
  URL.revokeObjectURL(link.href);
}
