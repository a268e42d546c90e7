import { Alert, Button, Group, List, Stack, Text, ThemeIcon } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Check, ShieldCheck, ShieldX, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { readProof, readPublicKey } from '../../api/audit.ts';
import type { AuditEvent } from '../../api/types.ts';
import { Problem } from '../../pieces/problem.tsx';
import { Section } from '../../pieces/section.tsx';
import { verifyInclusion, type Verdict } from '../../proofs/verify.ts';
import { witness } from '../../proofs/witness.ts';

/** Proves, in this very browser, that the event is in the signed log. */
export function Proof({ event }: { event: AuditEvent }): ReactNode {
  const check = useMutation({
    mutationFn: () => prove(event),
    meta: { showsError: true },
  });
  const mayCheck = event.index !== null && window.isSecureContext;
  return (
    <Section
      title="Proof"
      description="Recomputed in your browser from the event to the signed checkpoint; the server is not believed"
      actions={
        <Button
          size="compact-md"
          variant="light"
          leftSection={<ShieldCheck size={15} />}
          disabled={!mayCheck}
          loading={check.isPending}
          onClick={() => check.mutate()}
        >
          Check
        </Button>
      }
    >
      {!window.isSecureContext && (
        <Text size="sm" c="dimmed">
          Browsers allow the mathematics of it over HTTPS and on localhost only.
        </Text>
      )}
      {check.error !== null && <Problem error={check.error} />}
      {check.data ? (
        <Result verdict={check.data} />
      ) : (
        <Text size="sm" c="dimmed">
          An inclusion proof (RFC 6962) and an Ed25519 signature; it takes a moment.
        </Text>
      )}
    </Section>
  );
}

function Result({ verdict }: { verdict: Verdict }): ReactNode {
  return (
    <Stack gap="sm">
      <Alert
        color={verdict.ok ? 'teal' : 'red'}
        icon={verdict.ok ? <ShieldCheck size={18} /> : <ShieldX size={18} />}
        title={verdict.ok ? 'Proven' : 'Not proven'}
        role="status"
      >
        {verdict.ok
          ? 'This event is in the signed log, exactly as it is shown here.'
          : 'Keep this page and ask your operator: the log may have been changed.'}
      </Alert>
      <List spacing={8} listStyleType="none" p={0}>
        {verdict.steps.map(({ title, ok, detail }) => (
          <List.Item key={title}>
            <Group wrap="nowrap" gap="sm" align="flex-start">
              <ThemeIcon size={20} radius="xl" color={ok ? 'teal' : 'red'} variant="light">
                {ok ? <Check size={13} aria-label="holds" /> : <X size={13} aria-label="fails" />}
              </ThemeIcon>
              <div>
                <Text size="sm" fw={550}>
                  {title}
                </Text>
                <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
                  {detail}
                </Text>
              </div>
            </Group>
          </List.Item>
        ))}
      </List>
    </Stack>
  );
}

async function prove(event: AuditEvent): Promise<Verdict> {
  const proof = await readProof(event.id);
  const key = await readPublicKey();
  const verdict = await verifyInclusion(event, proof, key);
  if (!verdict.ok || verdict.checkpoint === null) return verdict;
  const seen = await witness(verdict.checkpoint, key.verifier_key);
  return { ...verdict, ok: seen.ok, steps: [...verdict.steps, seen] };
}
