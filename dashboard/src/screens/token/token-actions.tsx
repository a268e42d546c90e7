import { ActionIcon, Button, Menu } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Ban, Ellipsis, Pause, Pencil, Play, RefreshCw } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { updateToken } from '../../api/tokens.ts';
import type { NewToken, Token } from '../../api/types.ts';
import { SecretOnce } from '../../pieces/secret-once.tsx';
import { EditToken } from './edit-token.tsx';
import { RotateToken } from './rotate-token.tsx';
import { RevokeToken } from './revoke-token.tsx';

/** What can be done to a token that is not over. */
export function TokenActions({ token }: { token: Token }): ReactNode {
  const [deed, setDeed] = useState<'edit' | 'rotate' | 'revoke' | null>(null);
  const [fresh, setFresh] = useState<NewToken | null>(null);
  const queries = useQueryClient();
  const enable = useMutation({
    mutationFn: (enabled: boolean) => updateToken(token.id, { enabled }),
    onSuccess: async ({ enabled }) => {
      notifications.show({
        color: enabled ? 'teal' : 'orange',
        message: enabled ? `${token.name} works again` : `${token.name} is suspended`,
      });
      await queries.invalidateQueries({ queryKey: ['tokens'] });
      await queries.invalidateQueries({ queryKey: ['events'] });
    },
  });
  if (token.status === 'revoked') return null;
  const close = (): void => setDeed(null);
  return (
    <>
      <Button variant="default" leftSection={<Pencil size={15} />} onClick={() => setDeed('edit')}>
        Edit
      </Button>
      {token.status !== 'expired' && (
        <Button variant="default" leftSection={<RefreshCw size={15} />} onClick={() => setDeed('rotate')}>
          Rotate
        </Button>
      )}
      <Button color="red" variant="light" leftSection={<Ban size={15} />} onClick={() => setDeed('revoke')}>
        Revoke
      </Button>
      <Menu width={190}>
        <Menu.Target>
          <ActionIcon variant="default" size={36} aria-label="More actions" loading={enable.isPending}>
            <Ellipsis size={17} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {token.enabled ? (
            <Menu.Item leftSection={<Pause size={15} />} onClick={() => enable.mutate(false)}>
              Suspend
            </Menu.Item>
          ) : (
            <Menu.Item leftSection={<Play size={15} />} onClick={() => enable.mutate(true)}>
              Enable again
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <EditToken token={token} opened={deed === 'edit'} onClose={close} />
      <RotateToken
        token={token}
        opened={deed === 'rotate'}
        onClose={close}
        onDone={(rotated) => {
          close();
          setFresh(rotated);
        }}
      />
      <SecretOnce
        secret={fresh?.token ?? null}
        title={`New value of ${token.name}`}
        onDone={() => setFresh(null)}
      >
        Hand it over now; until the grace ends, the former value works too.
      </SecretOnce>
      <RevokeToken token={token} opened={deed === 'revoke'} onClose={close} />
    </>
  );
}
