import {
  ActionIcon,
  Avatar,
  Badge,
  Button,
  Group,
  Menu,
  Stack,
  Table,
  Text,
  VisuallyHidden,
} from '@mantine/core';
import { Ellipsis, Trash2, UserCog, UserPlus } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { usePages } from '../../api/pages.ts';
import { listMembers, type Member } from '../../api/people.ts';
import { useReader } from '../../api/session.ts';
import { Page } from '../../pieces/page.tsx';
import { Rows } from '../../pieces/rows.tsx';
import { Time } from '../../pieces/time.tsx';
import { ChangeRole } from './change-role.tsx';
import { Invitations } from './invitations.tsx';
import { Invite } from './invite.tsx';
import { RemoveMember } from './remove-member.tsx';
import { RoleBadge } from './role-badge.tsx';

type Deed = { what: 'invite' } | { what: 'role' | 'remove'; on: Member };

/** Who may do what in this workspace. */
export function Members(): ReactNode {
  const { user } = useReader();
  const [deed, setDeed] = useState<Deed | null>(null);
  const pages = usePages(['members'], listMembers);
  const close = (): void => setDeed(null);
  return (
    <Page
      title="Members"
      description="The people of this workspace and what each may do. They are let in by a link that you send them yourself."
      actions={
        <Button leftSection={<UserPlus size={16} />} onClick={() => setDeed({ what: 'invite' })}>
          Invite
        </Button>
      }
    >
      <Rows
        pages={pages}
        label="Members"
        minWidth={560}
        phoneWidth={0}
        head={
          <>
            <Table.Th>Person</Table.Th>
            <Table.Th>Role</Table.Th>
            <Table.Th visibleFrom="sm">Joined</Table.Th>
            <Table.Th w={48}>
              <VisuallyHidden>Actions</VisuallyHidden>
            </Table.Th>
          </>
        }
        row={(member) => (
          <MemberRow
            key={member.id}
            member={member}
            isSelf={member.id === user.id}
            onDeed={(what) => setDeed({ what, on: member })}
          />
        )}
        empty={<Text c="dimmed">Nobody yet.</Text>}
      />
      <Invitations />
      <Invite opened={deed?.what === 'invite'} onClose={close} />
      <ChangeRole member={deed?.what === 'role' ? deed.on : null} onClose={close} />
      <RemoveMember member={deed?.what === 'remove' ? deed.on : null} onClose={close} />
    </Page>
  );
}

interface MemberRowProps {
  member: Member;
  isSelf: boolean;
  onDeed: (what: 'role' | 'remove') => void;
}

function MemberRow({ member, isSelf, onDeed }: MemberRowProps): ReactNode {
  return (
    <Table.Tr>
      <Table.Td>
        <Group gap="sm" wrap="nowrap">
          <Avatar size={32} name={member.name} color="initials" alt="" />
          <Stack gap={0} miw={0}>
            <Group gap={6} wrap="nowrap">
              <Text size="sm" fw={550} truncate>
                {member.name}
              </Text>
              {isSelf && <Badge color="gray">You</Badge>}
            </Group>
            <Text size="xs" c="dimmed" truncate>
              {member.email}
            </Text>
          </Stack>
        </Group>
      </Table.Td>
      <Table.Td>
        <RoleBadge role={member.role} />
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <Time at={member.joined_at} as="date" size="sm" />
      </Table.Td>
      <Table.Td>
        <Menu width={170}>
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${member.name}`}>
              <Ellipsis size={17} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<UserCog size={15} />} onClick={() => onDeed('role')}>
              Change role
            </Menu.Item>
            <Menu.Item color="red" leftSection={<Trash2 size={15} />} onClick={() => onDeed('remove')}>
              Remove
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </Table.Td>
    </Table.Tr>
  );
}
