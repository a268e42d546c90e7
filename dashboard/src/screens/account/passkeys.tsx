import { Anchor, Badge, Box, Button, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { Fingerprint } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { usePages } from '../../api/pages.ts';
import { canUsePasskeys, isAtAddress } from '../../api/passkeys.ts';
import { listPasskeys, removePasskey, type Passkey, type RecoveryCodes } from '../../api/second-factors.ts';
import { Problem } from '../../pieces/problem.tsx';
import { Time } from '../../pieces/time.tsx';
import { AddPasskey } from './add-passkey.tsx';
import { FactorRow } from './factor-row.tsx';
import { RemoveFactor } from './remove-factor.tsx';

/** @param props.onChanged with the recovery codes that came with the first factor. */
export function Passkeys({
  onChanged,
  hasApp,
}: {
  onChanged: (answer?: RecoveryCodes) => Promise<void>;
  hasApp: boolean;
}): ReactNode {
  const pages = usePages(['passkeys'], listPasskeys);
  const [isAdding, setAdding] = useState(false);
  const [leaving, setLeaving] = useState<Passkey | null>(null);
  return (
    <Stack gap="sm">
      <FactorRow
        icon={<Fingerprint size={20} aria-hidden />}
        title="Passkeys"
        note={canUsePasskeys() ? 'Your finger, your face or a PIN; signs in by itself too' : <NoneHere />}
        action={
          canUsePasskeys() && (
            <Button size="compact-sm" variant="default" onClick={() => setAdding(true)}>
              Add passkey
            </Button>
          )
        }
      />
      <Problem error={pages.error} retry={pages.retry} />
      {pages.items.map((passkey) => (
        <FactorRow
          key={passkey.id}
          icon={<Box w={20} />}
          title={
            <>
              {passkey.name} {passkey.backed_up && <Badge color="gray">Synced</Badge>}
            </>
          }
          note={
            <>
              Added <Time at={passkey.created_at} />, last used{' '}
              <Time at={passkey.last_used_at} none="never" />
            </>
          }
          action={
            <Button
              size="compact-sm"
              variant="default"
              onClick={() => setLeaving(passkey)}
              aria-label={`Remove ${passkey.name}`}
            >
              Remove
            </Button>
          }
        />
      ))}
      <AddPasskey
        opened={isAdding}
        onClose={() => setAdding(false)}
        onDone={async (answer) => {
          setAdding(false);
          notifications.show({ color: 'teal', message: `${answer.name} can sign you in from now on` });
          await onChanged(answer);
        }}
      />
      <RemoveFactor
        name={leaving?.name ?? null}
        remove={() => removePasskey(leaving?.id ?? '')}
        isLast={pages.items.length === 1 && !hasApp}
        onClose={() => setLeaving(null)}
        onDone={() => onChanged()}
      />
    </Stack>
  );
}

/** Why there are none, and where there would be. */
function NoneHere(): ReactNode {
  const { port, protocol } = location;
  if (isAtAddress() && /^127\.|^\[::1\]$/.test(location.hostname)) {
    const here = `${protocol}//localhost${port === '' ? '' : `:${port}`}/account`;
    return (
      <>
        Browsers have them for names only, not for addresses:{' '}
        <Anchor href={here} inherit underline="always">
          open this page at localhost
        </Anchor>
      </>
    );
  }
  return <Text inherit>Browsers have them over HTTPS and under a name only</Text>;
}
