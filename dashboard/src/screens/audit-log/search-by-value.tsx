import { Alert, Badge, Button, Group, Modal, PasswordInput, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Fingerprint } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { answered, api } from '../../api/client.ts';
import type { components } from '../../api/schema.d.ts';
import { EventList } from '../../events/event-list.tsx';
import { title } from '../../events/words.ts';
import { ButtonLink } from '../../pieces/links.tsx';
import { Problem } from '../../pieces/problem.tsx';

type Found = components['schemas']['SecretSearchPage'];

/** What was done with a value that has leaked: whose it is, whether it still works, and every use of it. */
export function SearchByValue(): ReactNode {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button variant="default" leftSection={<Fingerprint size={15} />} onClick={() => setOpen(true)}>
        Search by value
      </Button>
      <Modal opened={isOpen} onClose={() => setOpen(false)} title="Search by a leaked value" size="lg">
        <Form />
      </Modal>
    </>
  );
}

function Form(): ReactNode {
  const [secret, setSecret] = useState('');
  const search = useMutation({
    mutationFn: () =>
      answered<Found>(
        api.POST('/v1/audit-events/search-by-secret', { body: { secret: secret.trim(), limit: 50 } }),
      ),
    meta: { showsError: true },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        search.mutate();
      }}
    >
      <Stack>
        <PasswordInput
          label="Value"
          description="Of an API key or token, alive or dead. It is compared, and kept nowhere."
          placeholder="tkn_live_…"
          value={secret}
          onChange={(event) => setSecret(event.currentTarget.value)}
          autoComplete="off"
          maxLength={256}
          data-autofocus
        />
        <Problem error={search.error} />
        <Group justify="flex-end">
          <Button type="submit" loading={search.isPending} disabled={secret.trim() === ''}>
            Search
          </Button>
        </Group>
        {search.data && <Result found={search.data} />}
      </Stack>
    </form>
  );
}

function Result({ found: { credential, data } }: { found: Found }): ReactNode {
  if (credential === null) {
    return (
      <Alert color="gray" role="status">
        Nothing in this workspace and environment ever had this value.
      </Alert>
    );
  }
  const works = credential.status === 'active';
  return (
    <>
      <Alert color={works ? 'red' : 'gray'} role="status" title={works ? 'It works' : 'It no longer works'}>
        <Group justify="space-between">
          <Text size="sm">
            {title(credential.type)} <b>{credential.name}</b>, <span className="mono">{credential.hint}</span>{' '}
            <Badge color={works ? 'red' : 'gray'}>{title(credential.status)}</Badge>
          </Text>
          {credential.type === 'token' ? (
            <ButtonLink to="/tokens/$tokenId" params={{ tokenId: credential.id }} size="compact-sm">
              Open the token
            </ButtonLink>
          ) : (
            <ButtonLink to="/settings/api-keys" size="compact-sm">
              To the API keys
            </ButtonLink>
          )}
        </Group>
      </Alert>
      <EventList events={data} empty="It was never used." />
    </>
  );
}
