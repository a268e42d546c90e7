import { Button, Menu, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Check, ChevronsUpDown, Plus } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { moveTo } from '../api/place.ts';
import { useReader } from '../api/session.ts';
import { CreateWorkspace } from './create-workspace.tsx';

/** In which workspace one is, and the way to the others. */
export function WorkspaceMenu(): ReactNode {
  const { workspace, workspaces, may } = useReader();
  const [isCreating, setCreating] = useState(false);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const choose = async (id: string): Promise<void> => {
    moveTo({ workspaceId: id });
    await navigate({ to: '/' });
    await queries.resetQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' });
  };
  return (
    <>
      <Menu position="bottom-start" width={240}>
        <Menu.Target>
          <Button
            variant="subtle"
            color="gray"
            size="compact-sm"
            maw={190}
            rightSection={<ChevronsUpDown size={13} />}
            aria-label={`Workspace: ${workspace.name}`}
          >
            <Text span inherit truncate c="var(--mantine-color-text)">
              {workspace.name}
            </Text>
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>Workspaces</Menu.Label>
          {workspaces.map(({ id, name, role }) => (
            <Menu.Item
              key={id}
              onClick={() => void choose(id)}
              rightSection={id === workspace.id ? <Check size={15} aria-label="current" /> : null}
            >
              <Text size="sm" truncate>
                {name}
              </Text>
              <Text size="xs" c="dimmed">
                {role}
              </Text>
            </Menu.Item>
          ))}
          {may('create workspaces') && (
            <>
              <Menu.Divider />
              <Menu.Item leftSection={<Plus size={15} />} onClick={() => setCreating(true)}>
                New workspace
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      <CreateWorkspace opened={isCreating} onClose={() => setCreating(false)} onCreated={choose} />
    </>
  );
}
