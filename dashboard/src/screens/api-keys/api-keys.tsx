import {
  ActionIcon,
  Button,
  EmptyState,
  Group,
  Stack,
  Table,
  Text,
  Tooltip,
  VisuallyHidden,
  useMatches,
} from '@mantine/core';
import { KeyRound, Pencil, Plus } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { listApiKeys } from '../../api/api-keys.ts';
import { usePages } from '../../api/pages.ts';
import type { ApiKey, NewApiKey } from '../../api/types.ts';
import { EnvironmentBadge } from '../../pieces/environment-badge.tsx';
import { LastUse } from '../../pieces/last-use.tsx';
import { Page } from '../../pieces/page.tsx';
import { Rows } from '../../pieces/rows.tsx';
import { SecretOnce } from '../../pieces/secret-once.tsx';
import { Time } from '../../pieces/time.tsx';
import { CreateKey } from './create-key.tsx';
import { DeleteKey } from './delete-key.tsx';
import { RegenerateKey } from './regenerate-key.tsx';
import { RenameKey } from './rename-key.tsx';

type Deed = 'create' | 'rename' | 'regenerate' | 'delete';

/** The unscoped keys of the owner's own servers. */
export function ApiKeys(): ReactNode {
  const [deed, setDeed] = useState<{ what: Deed; on: ApiKey | null } | null>(null);
  const [fresh, setFresh] = useState<NewApiKey | null>(null);
  const pages = usePages(['api-keys'], listApiKeys);
  const close = (): void => setDeed(null);
  const show = (key: NewApiKey): void => {
    close();
    setFresh(key);
  };
  const create = (
    <Button leftSection={<Plus size={16} />} onClick={() => setDeed({ what: 'create', on: null })}>
      Create API key
    </Button>
  );
  return (
    <Page
      title="API Keys"
      description="Unscoped: a key can do everything in its environment of this workspace. Keep them on your own servers and in CI; give partners tokens instead."
      actions={create}
    >
      <Rows
        pages={pages}
        label="API keys"
        minWidth={960}
        phoneWidth={0}
        head={
          <>
            <Table.Th>Name</Table.Th>
            <Table.Th visibleFrom="sm">Environment</Table.Th>
            <Table.Th visibleFrom="sm">Last used</Table.Th>
            <Table.Th visibleFrom="sm">Expires</Table.Th>
            <Table.Th visibleFrom="sm">Created</Table.Th>
            <Table.Th>
              <VisuallyHidden>Actions</VisuallyHidden>
            </Table.Th>
          </>
        }
        row={(key) => <KeyRow key={key.id} apiKey={key} onDeed={(what) => setDeed({ what, on: key })} />}
        empty={
          <EmptyState
            icon={<KeyRound size={26} />}
            title="No API keys"
            description="Your servers need one to issue and verify tokens."
          >
            <EmptyState.Actions>{create}</EmptyState.Actions>
          </EmptyState>
        }
      />
      <CreateKey opened={deed?.what === 'create'} onClose={close} onCreated={show} />
      <RenameKey apiKey={deed?.what === 'rename' ? deed.on : null} onClose={close} />
      <RegenerateKey apiKey={deed?.what === 'regenerate' ? deed.on : null} onClose={close} onDone={show} />
      <DeleteKey apiKey={deed?.what === 'delete' ? deed.on : null} onClose={close} />
      <SecretOnce
        secret={fresh?.key ?? null}
        title={`Value of ${fresh?.name ?? ''}`}
        onDone={() => setFresh(null)}
      >
        Send it as <code>Authorization: Bearer …</code>
      </SecretOnce>
    </Page>
  );
}

function KeyRow({ apiKey, onDeed }: { apiKey: ApiKey; onDeed: (what: Deed) => void }): ReactNode {
  const wrap = useMatches<'wrap' | 'nowrap'>({ base: 'wrap', sm: 'nowrap' });
  return (
    <Table.Tr>
      <Table.Td maw={{ base: 190, sm: 280 }}>
        <Stack gap={0}>
          <Text size="sm" fw={550} truncate>
            {apiKey.name}
          </Text>
          <Text size="xs" c="dimmed" className="mono">
            {apiKey.hint}
          </Text>
          <Group hiddenFrom="sm" gap={6} mt={4} fz="xs">
            <EnvironmentBadge environment={apiKey.environment} />
            <Time at={apiKey.last_used_at} none="Never used" />
          </Group>
        </Stack>
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <EnvironmentBadge environment={apiKey.environment} />
      </Table.Td>
      <Table.Td fz="sm" visibleFrom="sm">
        <LastUse at={apiKey.last_used_at} ip={apiKey.last_used_ip} />
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <Time at={apiKey.expires_at} size="sm" />
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <Stack gap={0}>
          <Time at={apiKey.created_at} as="date" size="sm" />
          {apiKey.regenerated_at !== null && (
            <Text size="xs" c="dimmed">
              regenerated <Time at={apiKey.regenerated_at} />
            </Text>
          )}
        </Stack>
      </Table.Td>
      <Table.Td>
        <Group gap={6} wrap={wrap} justify="flex-end">
          <Tooltip label="Rename">
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`Rename ${apiKey.name}`}
              onClick={() => onDeed('rename')}
            >
              <Pencil size={15} />
            </ActionIcon>
          </Tooltip>
          <Button
            size="compact-sm"
            variant="default"
            aria-label={`Regenerate ${apiKey.name}`}
            onClick={() => onDeed('regenerate')}
          >
            Regenerate
          </Button>
          <Button
            size="compact-sm"
            variant="light"
            color="red"
            aria-label={`Delete ${apiKey.name}`}
            onClick={() => onDeed('delete')}
          >
            Delete
          </Button>
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}
