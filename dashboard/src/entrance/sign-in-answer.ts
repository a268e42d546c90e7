import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { Membership, Person } from '../api/session.ts';

export type SecondFactor = 'totp' | 'recovery_code' | 'passkey';

/** How far signing in has come. */
export interface SignInAnswer {
  status: 'signed_in' | 'second_factor_required';
  user: Person | null;
  workspaces: Membership[];
  methods: SecondFactor[];
  ticket: string | null;
}

/** @returns what to call once somebody is signed in: nothing of whoever was here before stays. */
export function useEnter(): (to?: string) => Promise<void> {
  const queries = useQueryClient();
  const navigate = useNavigate();
  return async (to = '/') => {
    queries.clear();
    await navigate({ href: to, replace: true });
  };
}
