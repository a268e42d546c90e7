import { Alert, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { TriangleAlert } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { revokeToken } from '../../api/tokens.ts';
import type { Token } from '../../api/types.ts';
import { ConfirmByName } from '../../pieces/confirm-by-name.tsx';
import { Time } from '../../pieces/time.tsx';

interface RevokeTokenProps {
  token: Token;
  opened: boolean;
  onClose: () => void;
}

export function RevokeToken({ token, opened, onClose }: RevokeTokenProps): ReactNode {
  const [reason, setReason] = useState('');
  const queries = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => revokeToken(token.id, reason.trim() === '' ? null : reason.trim()),
    meta: { showsError: true },
    onSuccess: async () => {
      onClose();
      notifications.show({ color: 'teal', message: `${token.name} is revoked` });
      await queries.invalidateQueries({ queryKey: ['tokens'] });
      await queries.invalidateQueries({ queryKey: ['events'] });
    },
  });
  return (
    <ConfirmByName
      opened={opened}
      onClose={() => {
        revoke.reset();
        onClose();
      }}
      title={`Revoke ${token.name}`}
      name={token.name}
      action="Revoke token"
      isBusy={revoke.isPending}
      error={revoke.error}
      onConfirm={() => revoke.mutate()}
    >
      <Text size="sm">
        It is refused everywhere from the next request on, and so is every token issued with it. This cannot
        be undone.
      </Text>
      {token.last_used_at === null ? (
        <Alert color="gray">It has never been used, so nobody should notice.</Alert>
      ) : (
        <Alert color="yellow" icon={<TriangleAlert size={18} />}>
          Last used <Time at={token.last_used_at} />
          {token.last_used_ip !== null && ` from ${token.last_used_ip}`}. Whoever uses it is refused at once.
        </Alert>
      )}
      <TextInput
        label="Reason"
        description="Kept with the token and in the log"
        placeholder="The contract ended"
        maxLength={500}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
    </ConfirmByName>
  );
}
