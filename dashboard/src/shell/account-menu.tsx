import { Avatar, Menu, Text, UnstyledButton, VisuallyHidden } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { LogOut, UserRound } from 'lucide-react';
import type { ReactNode } from 'react';
import { call } from '../api/call.ts';
import { sessionQuery, useReader } from '../api/session.ts';
import { MenuLink } from '../pieces/links.tsx';

export function AccountMenu(): ReactNode {
  const { user, workspace } = useReader();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const signOut = useMutation({
    mutationFn: () => call('DELETE', '/v1/session'),
    onSuccess: async () => {
      queries.setQueryData(sessionQuery.queryKey, null);
      await navigate({ to: '/sign-in' });
      queries.clear();
    },
  });
  return (
    <Menu width={230}>
      <Menu.Target>
        <UnstyledButton>
          <Avatar size={32} name={user.name} color="initials" alt="" />
          <VisuallyHidden>Account</VisuallyHidden>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Text size="sm" fw={600} px="sm" pt="xs" truncate>
          {user.name}
        </Text>
        <Text size="xs" c="dimmed" px="sm" pb="xs" truncate>
          {user.email} · {workspace.role}
        </Text>
        <Menu.Divider />
        <MenuLink to="/account" leftSection={<UserRound size={15} />}>
          My account
        </MenuLink>
        <Menu.Item
          leftSection={<LogOut size={15} />}
          onClick={() => signOut.mutate()}
          closeMenuOnClick={false}
        >
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
