import { Button, Card, Group, Stack } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { ApiError } from '../../api/api-error.ts';
import { useIdempotencyKey } from '../../api/idempotency.ts';
import { usePlace } from '../../api/place.ts';
import { issueToken } from '../../api/tokens.ts';
import type { NewToken } from '../../api/types.ts';
import { Page } from '../../pieces/page.tsx';
import { Problem } from '../../pieces/problem.tsx';
import { SecretOnce } from '../../pieces/secret-once.tsx';
import { bodyOf, EMPTY_FORM, fieldOf, VALIDATE, type IssueForm } from './form.ts';
import { LimitFields } from './limit-fields.tsx';
import { MainFields } from './main-fields.tsx';
import { ButtonLink, TextLink } from '../../pieces/links.tsx';

/** The form that issues a token, and its value, once. */
export function IssueToken(): ReactNode {
  const { environment } = usePlace();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [issued, setIssued] = useState<NewToken | null>(null);
  const form = useForm<IssueForm>({ initialValues: EMPTY_FORM, validate: VALIDATE });
  const key = useIdempotencyKey(form.values);
  const issue = useMutation({
    mutationFn: (values: IssueForm) => issueToken(bodyOf(values), key),
    meta: { showsError: true },
    onSuccess: async (token) => {
      setIssued(token);
      await queries.invalidateQueries({ queryKey: ['tokens'] });
      await queries.invalidateQueries({ queryKey: ['scopes'] });
    },
    onError: (error) => {
      if (!(error instanceof ApiError)) return;
      for (const { field, message } of error.details) {
        const name = fieldOf(field);
        if (name !== null) form.setFieldError(name, sentence(message));
      }
    },
  });
  return (
    <Page
      title="Issue token"
      description={`It will exist in the ${environment} environment of this workspace only.`}
      crumbs={[
        <TextLink key="tokens" to="/tokens" size="sm">
          Tokens
        </TextLink>,
        'Issue',
      ]}
    >
      <form onSubmit={form.onSubmit((values) => issue.mutate(values))} noValidate>
        <Stack gap="lg" maw={760}>
          <Card padding="xl">
            <MainFields form={form} />
          </Card>
          <LimitFields form={form} />
          <Problem error={issue.error} />
          <Group justify="flex-end">
            <ButtonLink to="/tokens" variant="default">
              Cancel
            </ButtonLink>
            <Button type="submit" loading={issue.isPending}>
              Issue token
            </Button>
          </Group>
        </Stack>
      </form>
      <SecretOnce
        secret={issued?.token ?? null}
        title={`Token for ${issued?.name ?? ''}`}
        onDone={() => void navigate({ to: '/tokens/$tokenId', params: { tokenId: issued?.id ?? '' } })}
      >
        Hand it to whom it is for over a channel you trust; your API then asks{' '}
        <code>POST /v1/tokens/verify</code> about it.
      </SecretOnce>
    </Page>
  );
}

function sentence(message: string): string {
  return message.charAt(0).toUpperCase() + message.slice(1);
}
