import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { onSessionEnd, queryClient } from './api/query-client.ts';
import { readerOf, sessionQuery, type Permission } from './api/session.ts';
import { readEventSearch } from './screens/audit-log/search.ts';
import { readTokenSearch } from './screens/tokens/search.ts';
import { Crashed } from './shell/crashed.tsx';
import { Forbidden } from './shell/forbidden.tsx';
import { NotFound } from './shell/not-found.tsx';
import { Shell } from './shell/shell.tsx';
import { Waiting } from './shell/waiting.tsx';

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound, errorComponent: Crashed });

/** Screens for who is not signed in. */
const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: ({ to }: Record<string, unknown>): { to?: string } =>
    // Only a path of this very site: anything else could lead a person away after signing in.
    ({ to: typeof to === 'string' && /^\/(?![/\\])/.test(to) ? to : undefined }),
  component: lazyRouteComponent(() => import('./screens/sign-in/sign-in.tsx'), 'SignIn'),
});
const signUp = createRoute({
  getParentRoute: () => root,
  path: '/sign-up',
  component: lazyRouteComponent(() => import('./screens/sign-up/sign-up.tsx'), 'SignUp'),
});
const setup = createRoute({
  getParentRoute: () => root,
  path: '/setup',
  component: lazyRouteComponent(() => import('./screens/setup/setup.tsx'), 'Setup'),
});
const invitation = createRoute({
  getParentRoute: () => root,
  path: '/invitation',
  component: lazyRouteComponent(() => import('./screens/invitation/invitation.tsx'), 'Invitation'),
});
const reset = createRoute({
  getParentRoute: () => root,
  path: '/reset',
  component: lazyRouteComponent(() => import('./screens/reset/reset.tsx'), 'Reset'),
});

/** Everything else stands in the shell and needs a session. */
const shell = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  component: Shell,
  errorComponent: Crashed,
  beforeLoad: async ({ location }) => {
    const session = await queryClient.query({ ...sessionQuery, staleTime: 'static' });
    if (session !== null) return { reader: readerOf(session) };
    const to = location.href === '/' ? undefined : location.href;
    throw redirect({ to: '/sign-in', search: { to } });
  },
});

/** Closes a screen to roles that may not use it; the server refuses them anyway. */
function only(needs: Permission) {
  return ({ context }: { context: { reader: { may: (what: Permission) => boolean } } }): void => {
    if (!context.reader.may(needs)) throw new NotPermitted();
  };
}

class NotPermitted extends Error {}

const overview = createRoute({
  getParentRoute: () => shell,
  path: '/',
  beforeLoad: ({ context }) => {
    if (!context.reader.may('read tokens')) throw redirect({ to: '/settings/audit-log', replace: true });
  },
  component: lazyRouteComponent(() => import('./screens/overview/overview.tsx'), 'Overview'),
});
const tokens = createRoute({
  getParentRoute: () => shell,
  path: '/tokens',
  validateSearch: readTokenSearch,
  beforeLoad: only('read tokens'),
  component: lazyRouteComponent(() => import('./screens/tokens/tokens.tsx'), 'Tokens'),
});
const newToken = createRoute({
  getParentRoute: () => shell,
  path: '/tokens/new',
  beforeLoad: only('manage tokens'),
  component: lazyRouteComponent(() => import('./screens/issue-token/issue-token.tsx'), 'IssueToken'),
});
const token = createRoute({
  getParentRoute: () => shell,
  path: '/tokens/$tokenId',
  beforeLoad: only('read tokens'),
  component: lazyRouteComponent(() => import('./screens/token/token.tsx'), 'TokenScreen'),
});
const settings = createRoute({
  getParentRoute: () => shell,
  path: '/settings',
  beforeLoad: ({ context }) => {
    throw redirect({
      to: context.reader.may('manage keys') ? '/settings/api-keys' : '/settings/audit-log',
      replace: true,
    });
  },
});
const apiKeys = createRoute({
  getParentRoute: () => shell,
  path: '/settings/api-keys',
  beforeLoad: only('manage keys'),
  component: lazyRouteComponent(() => import('./screens/api-keys/api-keys.tsx'), 'ApiKeys'),
});
const auditLog = createRoute({
  getParentRoute: () => shell,
  path: '/settings/audit-log',
  validateSearch: readEventSearch,
  beforeLoad: only('read the log'),
  component: lazyRouteComponent(() => import('./screens/audit-log/audit-log.tsx'), 'AuditLog'),
});
const auditEvent = createRoute({
  getParentRoute: () => shell,
  path: '/settings/audit-log/$eventId',
  beforeLoad: only('read the log'),
  component: lazyRouteComponent(() => import('./screens/audit-event/audit-event.tsx'), 'AuditEventScreen'),
});
const scopes = createRoute({
  getParentRoute: () => shell,
  path: '/settings/scopes',
  beforeLoad: only('read scopes'),
  component: lazyRouteComponent(() => import('./screens/scopes/scopes.tsx'), 'Scopes'),
});
const workspace = createRoute({
  getParentRoute: () => shell,
  path: '/settings/workspace',
  beforeLoad: only('read the workspace'),
  component: lazyRouteComponent(() => import('./screens/workspace/workspace.tsx'), 'WorkspaceScreen'),
});
const members = createRoute({
  getParentRoute: () => shell,
  path: '/settings/members',
  beforeLoad: only('manage members'),
  component: lazyRouteComponent(() => import('./screens/members/members.tsx'), 'Members'),
});
const webhooks = createRoute({
  getParentRoute: () => shell,
  path: '/settings/webhooks',
  beforeLoad: only('manage webhooks'),
  component: lazyRouteComponent(() => import('./screens/webhooks/webhooks.tsx'), 'Webhooks'),
});
const webhook = createRoute({
  getParentRoute: () => shell,
  path: '/settings/webhooks/$webhookId',
  beforeLoad: only('manage webhooks'),
  component: lazyRouteComponent(() => import('./screens/webhook/webhook.tsx'), 'WebhookScreen'),
});
const account = createRoute({
  getParentRoute: () => shell,
  path: '/account',
  component: lazyRouteComponent(() => import('./screens/account/account.tsx'), 'Account'),
});

const inShell = [
  ...[overview, tokens, newToken, token, settings, apiKeys, auditLog, auditEvent],
  ...[scopes, workspace, members, webhooks, webhook, account],
] as const;

export const router = createRouter({
  routeTree: root.addChildren([signIn, signUp, setup, invitation, reset, shell.addChildren(inShell)]),
  defaultPreload: 'intent',
  defaultPendingComponent: Waiting,
  defaultErrorComponent: ({ error }) =>
    error instanceof NotPermitted ? <Forbidden /> : <Crashed error={error} />,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

onSessionEnd(() => {
  if (queryClient.getQueryData(sessionQuery.queryKey) == null) return;
  queryClient.setQueryData(sessionQuery.queryKey, null);
  void router.navigate({ to: '/sign-in', search: { to: router.state.location.href } });
});
