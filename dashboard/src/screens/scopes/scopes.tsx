import { ActionIcon, Button, EmptyState, Menu, Table, Text, VisuallyHidden } from '@mantine/core';
import { Ellipsis, Pencil, Plus, Tag, Trash2 } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { usePages } from '../../api/pages.ts';
import { listScopes } from '../../api/scopes.ts';
import { useReader } from '../../api/session.ts';
import type { Scope } from '../../api/types.ts';
import { Page } from '../../pieces/page.tsx';
import { Rows } from '../../pieces/rows.tsx';
import { Time } from '../../pieces/time.tsx';
import { RemoveScope } from './remove-scope.tsx';
import { ScopeForm } from './scope-form.tsx';
import { TextLink } from '../../pieces/links.tsx';

/** The catalogue of scopes that tokens are given and verifications ask for. */
export function Scopes(): ReactNode {
  const { may } = useReader();
  const [edited, setEdited] = useState<Scope | 'new' | null>(null);
  const [removed, setRemoved] = useState<Scope | null>(null);
  const pages = usePages(['scopes', 'list'], listScopes);
  const mayChange = may('manage tokens');
  const add = mayChange && (
    <Button leftSection={<Plus size={16} />} onClick={() => setEdited('new')}>
      Add scope
    </Button>
  );
  return (
    <Page
      title="Scopes"
      description="What tokens may do with your own APIs. A token with a new scope adds it here by itself, unless the workspace is strict."
      actions={add}
    >
      <Rows
        pages={pages}
        label="Scopes"
        minWidth={560}
        phoneWidth={0}
        head={
          <>
            <Table.Th>Scope</Table.Th>
            <Table.Th>Meaning</Table.Th>
            <Table.Th visibleFrom="sm">Added</Table.Th>
            {mayChange && (
              <Table.Th w={48}>
                <VisuallyHidden>Actions</VisuallyHidden>
              </Table.Th>
            )}
          </>
        }
        row={(scope) => (
          <Table.Tr key={scope.name}>
            <Table.Td>
              <TextLink
                to="/tokens"
                search={{ scope: scope.name }}
                size="sm"
                className="mono"
                c="var(--mantine-color-text)"
              >
                {scope.name}
              </TextLink>
            </Table.Td>
            <Table.Td>
              <Text size="sm" c={scope.description === null ? 'dimmed' : undefined}>
                {scope.description ?? 'Not described'}
              </Text>
            </Table.Td>
            <Table.Td visibleFrom="sm">
              <Time at={scope.created_at} size="sm" />
            </Table.Td>
            {mayChange && (
              <Table.Td>
                <Menu width={150}>
                  <Menu.Target>
                    <ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${scope.name}`}>
                      <Ellipsis size={17} />
                    </ActionIcon>
                  </Menu.Target>
                  <Menu.Dropdown>
                    <Menu.Item leftSection={<Pencil size={15} />} onClick={() => setEdited(scope)}>
                      Describe
                    </Menu.Item>
                    <Menu.Item
                      color="red"
                      leftSection={<Trash2 size={15} />}
                      onClick={() => setRemoved(scope)}
                    >
                      Remove
                    </Menu.Item>
                  </Menu.Dropdown>
                </Menu>
              </Table.Td>
            )}
          </Table.Tr>
        )}
        empty={
          <EmptyState
            icon={<Tag size={26} />}
            title="No scopes yet"
            description="Such as invoices:read. Describe them here, and whoever issues tokens can pick them."
          >
            {add && <EmptyState.Actions>{add}</EmptyState.Actions>}
          </EmptyState>
        }
      />
      <ScopeForm scope={edited} onClose={() => setEdited(null)} />
      <RemoveScope scope={removed} onClose={() => setRemoved(null)} />
    </Page>
  );
}
