import { Button, DataList, Group, Skeleton, Stack, Switch, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { sessionQuery, useReader } from '../../api/session.ts';
import type { Workspace } from '../../api/types.ts';
import { updateWorkspace, workspaceQuery } from '../../api/workspace.ts';
import { Handle } from '../../pieces/handle.tsx';
import { Page } from '../../pieces/page.tsx';
import { Problem } from '../../pieces/problem.tsx';
import { Section } from '../../pieces/section.tsx';
import { Time } from '../../pieces/time.tsx';

/** The tenant and its policies. */
export function WorkspaceScreen(): ReactNode {
  const { data: workspace, error, refetch } = useQuery(workspaceQuery);
  return (
    <Page title="Workspace" description="What it is called, and what it demands of every token.">
      {error !== null && <Problem error={error} retry={() => void refetch()} />}
      {workspace ? <Filled workspace={workspace} /> : error === null && <Skeleton height={280} radius="md" />}
    </Page>
  );
}

function Filled({ workspace }: { workspace: Workspace }): ReactNode {
  const { may } = useReader();
  const mayChange = may('manage the workspace');
  const queries = useQueryClient();
  const form = useForm({
    initialValues: { name: workspace.name, strict_scopes: workspace.strict_scopes },
  });
  const save = useMutation({
    mutationFn: updateWorkspace,
    meta: { showsError: true },
    onSuccess: async (saved) => {
      form.resetDirty();
      queries.setQueryData(workspaceQuery.queryKey, saved);
      notifications.show({ color: 'teal', message: 'Saved' });
      await queries.invalidateQueries({ queryKey: sessionQuery.queryKey });
    },
  });
  return (
    <Stack gap="lg" maw={760}>
      <Section title="Identity">
        <DataList labelWidth="110px" gap="sm">
          <DataList.Item>
            <DataList.ItemLabel>Handle</DataList.ItemLabel>
            <DataList.ItemValue>
              <Handle id={workspace.id} what="workspace id" />
            </DataList.ItemValue>
          </DataList.Item>
          <DataList.Item>
            <DataList.ItemLabel>Slug</DataList.ItemLabel>
            <DataList.ItemValue className="mono">{workspace.slug}</DataList.ItemValue>
          </DataList.Item>
          <DataList.Item>
            <DataList.ItemLabel>Made</DataList.ItemLabel>
            <DataList.ItemValue>
              <Time at={workspace.created_at} as="date" />
            </DataList.ItemValue>
          </DataList.Item>
        </DataList>
      </Section>
      <form onSubmit={form.onSubmit((values) => save.mutate({ ...values, name: values.name.trim() }))}>
        <Section
          title="Name and policies"
          description="A policy acts when a token is issued; it never breaks one that exists"
        >
          <Stack>
            <TextInput
              label="Name"
              maxLength={120}
              required
              disabled={!mayChange}
              {...form.getInputProps('name')}
            />
            <Switch
              label="Strict scopes"
              description="Refuse to issue tokens with scopes that are not in the catalogue"
              disabled={!mayChange}
              {...form.getInputProps('strict_scopes', { type: 'checkbox' })}
            />
            <Problem error={save.error} />
            {mayChange && (
              <Group justify="flex-end">
                <Button type="submit" loading={save.isPending} disabled={!form.isDirty()}>
                  Save
                </Button>
              </Group>
            )}
          </Stack>
        </Section>
      </form>
    </Stack>
  );
}
