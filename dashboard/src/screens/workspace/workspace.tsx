import { Alert, Button, DataList, Group, Skeleton, Stack, TextInput, useMatches } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Lock } from 'lucide-react';
import type { ReactNode } from 'react';
import { ApiError } from '../../api/api-error.ts';
import { sessionQuery, useReader } from '../../api/session.ts';
import type { Workspace } from '../../api/types.ts';
import { updateWorkspace, workspaceQuery } from '../../api/workspace.ts';
import { Handle } from '../../pieces/handle.tsx';
import { Page } from '../../pieces/page.tsx';
import { Problem } from '../../pieces/problem.tsx';
import { Section } from '../../pieces/section.tsx';
import { Time } from '../../pieces/time.tsx';
import { changeBetween, faultOf, formOf, type WorkspaceForm } from './form.ts';
import { IssuePolicies } from './issue-policies.tsx';
import { PolicyReport, REPORT_KEY } from './policy-report.tsx';
import { CallerPolicies, TokenPolicies } from './token-policies.tsx';

/** The tenant and its policies. */
export function WorkspaceScreen(): ReactNode {
  const { data: workspace, error, refetch } = useQuery(workspaceQuery);
  return (
    <Page
      title="Workspace"
      description="What it is called, and what it demands of tokens and of who calls. It is one for both environments."
    >
      {error !== null && <Problem error={error} retry={() => void refetch()} />}
      {workspace ? (
        <Stack gap="lg" maw={760}>
          <Settings workspace={workspace} />
          <PolicyReport />
        </Stack>
      ) : (
        error === null && <Skeleton height={280} radius="md" />
      )}
    </Page>
  );
}

function Settings({ workspace }: { workspace: Workspace }): ReactNode {
  const { may } = useReader();
  const mayChange = may('manage the workspace');
  const queries = useQueryClient();
  const form = useForm<WorkspaceForm>({
    initialValues: formOf(workspace),
    enhanceGetInputProps: () => ({ disabled: !mayChange }),
  });
  const save = useMutation({
    mutationFn: (values: WorkspaceForm) => updateWorkspace(changeBetween(form.getInitialValues(), values)),
    meta: { showsError: true },
    onSuccess: async (saved) => {
      form.setInitialValues(formOf(saved));
      form.reset();
      queries.setQueryData(workspaceQuery.queryKey, saved);
      notifications.show({ color: 'teal', message: 'Saved' });
      await queries.invalidateQueries({ queryKey: REPORT_KEY });
      await queries.invalidateQueries({ queryKey: sessionQuery.queryKey });
    },
    onError: (error, values) => {
      if (!(error instanceof ApiError)) return;
      for (const detail of error.details) {
        const fault = faultOf(detail, values);
        if (fault !== null) form.setFieldError(...fault);
      }
    },
  });
  return (
    <form onSubmit={form.onSubmit((values) => save.mutate(values))} noValidate>
      <Stack gap="lg">
        {!mayChange && (
          <Alert color="gray" icon={<Lock size={18} />}>
            You see what applies here; owners and admins can change it.
          </Alert>
        )}
        <Section title="Identity">
          <Stack gap="lg">
            <TextInput label="Name" maxLength={120} required {...form.getInputProps('name')} />
            <Facts workspace={workspace} />
          </Stack>
        </Section>
        <IssuePolicies form={form} />
        <TokenPolicies form={form} />
        <CallerPolicies form={form} />
        <Problem error={save.error} />
        {mayChange && (
          <Group justify="flex-end">
            <Button type="submit" loading={save.isPending} disabled={!form.isDirty()}>
              Save
            </Button>
          </Group>
        )}
      </Stack>
    </form>
  );
}

function Facts({ workspace }: { workspace: Workspace }): ReactNode {
  const orientation = useMatches({ base: 'vertical' as const, sm: 'horizontal' as const });
  return (
    <DataList labelWidth="110px" gap="sm" orientation={orientation}>
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
  );
}
