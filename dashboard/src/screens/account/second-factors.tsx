import { Badge, Button, Divider, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { LifeBuoy, Smartphone } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import {
  accountQuery,
  offerTotp,
  removeTotp,
  renewRecoveryCodes,
  type RecoveryCodes,
  type TotpOffer,
} from '../../api/second-factors.ts';
import { Problem } from '../../pieces/problem.tsx';
import { Section } from '../../pieces/section.tsx';
import { FactorRow } from './factor-row.tsx';
import { Passkeys } from './passkeys.tsx';
import { RecoveryCodesOnce } from './recovery-codes.tsx';
import { RemoveFactor } from './remove-factor.tsx';
import { TotpSetUp } from './totp-set-up.tsx';

const FEW_CODES = 3;

/** What is asked for besides the password. */
export function SecondFactors(): ReactNode {
  const queries = useQueryClient();
  const { data: account, error, refetch } = useQuery(accountQuery);
  const [offer, setOffer] = useState<TotpOffer | null>(null);
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const [isRemoving, setRemoving] = useState(false);
  const changed = async (answer?: RecoveryCodes): Promise<void> => {
    setOffer(null);
    if (answer?.recovery_codes) setCodes(answer.recovery_codes);
    for (const queryKey of [['account'], ['passkeys'], ['sessions']])
      await queries.invalidateQueries({ queryKey });
  };
  const begin = useMutation({ mutationFn: offerTotp, onSuccess: setOffer });
  const renew = useMutation({ mutationFn: renewRecoveryCodes, onSuccess: changed });
  const isProtected = account !== undefined && (account.totp || account.passkeys > 0);
  return (
    <Section
      title="Second factors"
      description="Asked for besides the password, so that a password alone lets nobody in"
      actions={account && <Badge color={isProtected ? 'teal' : 'gray'}>{isProtected ? 'On' : 'Off'}</Badge>}
    >
      <Problem error={error} retry={() => void refetch()} />
      {account && (
        <Stack gap="md">
          <FactorRow
            icon={<Smartphone size={20} aria-hidden />}
            title="Authenticator app"
            note={account.totp ? 'Six digits that change every 30 seconds' : 'Not set up'}
            action={
              account.totp ? (
                <Button size="compact-sm" variant="default" onClick={() => setRemoving(true)}>
                  Remove app
                </Button>
              ) : (
                <Button
                  size="compact-sm"
                  variant="default"
                  loading={begin.isPending}
                  onClick={() => begin.mutate()}
                >
                  Set up app
                </Button>
              )
            }
          />
          <Divider />
          <Passkeys onChanged={changed} hasApp={account.totp} />
          {isProtected && (
            <>
              <Divider />
              <FactorRow
                icon={<LifeBuoy size={20} aria-hidden />}
                title="Recovery codes"
                note={
                  <Text span inherit c={account.recovery_codes_left < FEW_CODES ? 'red' : undefined}>
                    {account.recovery_codes_left} of 10 left, for when the others are lost
                  </Text>
                }
                action={
                  <Button
                    size="compact-sm"
                    variant="default"
                    loading={renew.isPending}
                    onClick={() => renew.mutate()}
                  >
                    Make new ones
                  </Button>
                }
              />
            </>
          )}
        </Stack>
      )}
      <TotpSetUp offer={offer} onClose={() => setOffer(null)} onDone={(answer) => void changed(answer)} />
      <RecoveryCodesOnce codes={codes} onDone={() => setCodes(null)} />
      <RemoveFactor
        name={isRemoving ? 'the authenticator app' : null}
        remove={removeTotp}
        isLast={account?.passkeys === 0}
        onClose={() => setRemoving(false)}
        onDone={async () => {
          notifications.show({ color: 'teal', message: 'The authenticator app is removed' });
          await changed();
        }}
      />
    </Section>
  );
}
