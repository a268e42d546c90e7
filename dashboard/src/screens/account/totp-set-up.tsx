import { Alert, Button, Center, Code, Group, Modal, PinInput, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { confirmTotp, type RecoveryCodes, type TotpOffer } from '../../api/second-factors.ts';
import { Copy } from '../../pieces/copy.tsx';
import { Problem } from '../../pieces/problem.tsx';
import { QrCode } from './qr-code.tsx';

interface TotpSetUpProps {
  /** Null while none is being set up. */
  offer: TotpOffer | null;
  onClose: () => void;
  onDone: (codes: RecoveryCodes) => void;
}

/** The app is told its secret, and shows that it has understood. */
export function TotpSetUp({ offer, ...rest }: TotpSetUpProps): ReactNode {
  return (
    <Modal opened={offer !== null} onClose={rest.onClose} title="Set up an authenticator app">
      {offer !== null && <Steps offer={offer} {...rest} />}
    </Modal>
  );
}

function Steps({ offer, onClose, onDone }: TotpSetUpProps & { offer: TotpOffer }): ReactNode {
  const [code, setCode] = useState('');
  const confirm = useMutation({
    mutationFn: (typed: string) => confirmTotp(typed),
    meta: { showsError: true },
    onSuccess: onDone,
    onError: () => setCode(''),
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        confirm.mutate(code);
      }}
    >
      <Stack>
        <Text size="sm">
          1. Scan this with an app such as Aegis, 1Password or Google Authenticator, or type the secret into
          it.
        </Text>
        <Center>
          <QrCode text={offer.uri} label="QR code for the authenticator app" />
        </Center>
        <Group gap={4} justify="center" wrap="nowrap">
          <Code data-testid="totp-secret" fz="xs" style={{ overflowWrap: 'anywhere' }}>
            {inGroups(offer.secret)}
          </Code>
          <Copy value={offer.secret} what="secret" />
        </Group>
        <Text size="sm" id="totp-code">
          2. Type the six digits that it shows now.
        </Text>
        <Center>
          <PinInput
            length={6}
            type="number"
            oneTimeCode
            value={code}
            onChange={setCode}
            onComplete={(typed) => confirm.mutate(typed)}
            disabled={confirm.isPending}
            aria-label="Code"
            getInputProps={(index) => ({ 'aria-label': `Digit ${String(index + 1)}` })}
          />
        </Center>
        <Problem
          error={confirm.error}
          advice="Wait for the next code and type that; the clock of the phone must be right."
        />
        <Alert color="gray">You will be signed out in all other browsers.</Alert>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={confirm.isPending} disabled={code.length < 6}>
            Turn on
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Four letters each are easier to type. */
function inGroups(secret: string): string {
  return secret.match(/.{1,4}/g)?.join(' ') ?? secret;
}
