import { Button, Group, Modal, Stack, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { createScope, describeScope } from '../../api/scopes.ts';
import type { Scope } from '../../api/types.ts';
import { scopeFault } from '../../pieces/own-scopes.ts';
import { Problem } from '../../pieces/problem.tsx';

interface ScopeFormProps {
  /** The one to describe, or a new one; null while there is neither. */
  scope: Scope | 'new' | null;
  onClose: () => void;
}

export function ScopeForm({ scope, onClose }: ScopeFormProps): ReactNode {
  return (
    <Modal opened={scope !== null} onClose={onClose} title={scope === 'new' ? 'Add scope' : 'Describe scope'}>
      {scope !== null && <Form known={scope === 'new' ? null : scope} onClose={onClose} />}
    </Modal>
  );
}

function Form({ known, onClose }: { known: Scope | null; onClose: () => void }): ReactNode {
  const [name, setName] = useState(known?.name ?? '');
  const [description, setDescription] = useState(known?.description ?? '');
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: () => {
      const text = description.trim() === '' ? null : description.trim();
      return known === null ? createScope(name.trim(), text) : describeScope(known.name, text);
    },
    meta: { showsError: true },
    onSuccess: async () => {
      onClose();
      await queries.invalidateQueries({ queryKey: ['scopes'] });
    },
  });
  const fault = name === '' ? null : scopeFault(name.trim());
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Stack>
        <TextInput
          label="Scope"
          description="resource:action, in small letters"
          placeholder="invoices:read"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={fault === null ? null : `A scope has ${fault}`}
          readOnly={known !== null}
          required
          classNames={{ input: 'mono' }}
          data-autofocus={known === null ? true : undefined}
        />
        <Textarea
          label="Meaning"
          description="For the people who choose scopes"
          placeholder="Read invoices"
          autosize
          minRows={2}
          maxLength={500}
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
          data-autofocus={known === null ? undefined : true}
        />
        <Problem error={save.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={save.isPending} disabled={name === '' || fault !== null}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
