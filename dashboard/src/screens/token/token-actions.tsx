import { ActionIcon, Button, Menu } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Ban, Ellipsis, Pause, Pencil, Play } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { updateToken } from '../../api/tokens.ts';
import type { Token } from '../../api/types.ts';
import { EditToken } from './edit-token.tsx';
import { RevokeToken } from './revoke-token.tsx';

/** What can be done to a token that is not over. */
export function TokenActions({ token }: { token: Token }): ReactNode {
  const [deed, setDeed] = useState<'edit' | 'revoke' | null>(null);
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
      <RevokeToken token={token} opened={deed === 'revoke'} onClose={close} />
    </>
  );
}
