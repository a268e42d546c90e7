import { queryOptions, useQuery } from '@tanstack/react-query';
import { ApiError } from './api-error.ts';
import { call } from './call.ts';
import { currentPlace, moveTo } from './place.ts';

export type Role = 'owner' | 'admin' | 'developer' | 'auditor';

export interface Membership {
  id: string;
  name: string;
  slug: string;
  role: Role;
}

/** Who is signed in, and to what. */
export interface Session {
  user: Person;
  /** Of the request: the one that was asked for, or the one the person was in last. */
  workspace: Membership;
  workspaces: Membership[];
}

export interface Person {
  id: string;
  email: string;
  name: string;
}

/** What a screen needs to know of who looks at it. */
export interface Reader {
  user: Person;
  workspaces: Membership[];
  workspace: Membership;
  may: (what: Permission) => boolean;
}

export type Permission =
  | 'read the log'
  | 'read tokens'
  | 'manage tokens'
  | 'manage keys'
  | 'read scopes'
  | 'read the workspace'
  | 'manage the workspace'
  | 'manage members'
  | 'manage webhooks'
  | 'create workspaces';

const EVERYTHING: Permission[] = [
  'read the log',
  'read tokens',
  'manage tokens',
  'manage keys',
  'read scopes',
  'read the workspace',
  'manage the workspace',
  'manage members',
  'manage webhooks',
];

/** Only what is shown: the server decides anew at every request. */
const PERMISSIONS: Record<Role, readonly Permission[]> = {
  owner: [...EVERYTHING, 'create workspaces'],
  admin: EVERYTHING,
  developer: ['read tokens', 'manage tokens', 'read scopes', 'read the workspace'],
  auditor: ['read the log'],
};

/** Null when nobody is signed in. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async (): Promise<Session | null> => {
    try {
      return await call<Session>('GET', '/v1/session');
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 401) return null;
      if (currentPlace().workspaceId === null) throw error;
      // They may not belong there any more; then to where they do.
      moveTo({ workspaceId: null });
      return call<Session>('GET', '/v1/session');
    }
  },
  staleTime: 60_000,
});

/** Of a signed-in session; throws outside of the shell, where nobody is. */
export function useReader(): Reader {
  const { data: session } = useQuery(sessionQuery);
  if (session == null) throw new Error('nobody is signed in');
  return readerOf(session);
}

export function readerOf(session: Session): Reader {
  const { workspaceId } = currentPlace();
  const workspace = session.workspaces.find(({ id }) => id === workspaceId) ?? session.workspace;
  const permissions = PERMISSIONS[workspace.role];
  return {
    user: session.user,
    workspaces: session.workspaces,
    workspace,
    may: (what) => permissions.includes(what),
  };
}
