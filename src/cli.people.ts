import { UsageFault, type Command } from './cli.command.js';
import { withApp } from './cli.with-app.js';
import { ROLES } from './credentials/role.js';
import { emailFault, MAX_EMAIL } from './people/accounts/email-form.js';

/** Letting people in, for who has nobody to ask. The links are to be put behind the address of the web interface. */
export const PEOPLE_COMMANDS: readonly Command[] = [
  {
    name: 'setup-link',
    usage: `
      Makes a link for the first owner, good for 30 minutes; prints it as JSON. Only while nobody has an account.`,
    options: {},
    read(words) {
      if (words.length > 0) throw new UsageFault(`What is "${words.join(' ')}"?`);
      return () =>
        withApp(async (app) => {
          const { SetupService } = await import('./founding/setup.service.js');
          const { FoundingService } = await import('./founding/founding.service.js');
          if (!(await app.get(FoundingService).isFounded()))
            throw new UsageFault('Start Tooken first: that makes the workspace, and prints such a link');
          const token = await app.get(SetupService).link();
          if (token === null)
            throw new UsageFault('There is somebody already; see user invite and user reset-password');
          return { link: `/setup#${token}` };
        });
    },
  },
  {
    name: 'user invite',
    usage: `EMAIL [--role owner|admin|developer|auditor] [--workspace SLUG]
      Makes an invitation, good for 7 days, as an owner of the workspace "default" unless told; prints it as JSON.`,
    options: { role: { type: 'string' }, workspace: { type: 'string' } },
    read(words, { role: wanted = 'owner', workspace = 'default' }) {
      const email = emailIn(words);
      const role = ROLES.find((each) => each === wanted);
      if (role === undefined) throw new UsageFault(`--role must be one of ${ROLES.join(', ')}`);
      return () =>
        withApp(async (app) => {
          const { PeopleBySystem } = await import('./founding/people-by-system.service.js');
          const made = await app.get(PeopleBySystem).invite(email, role, String(workspace));
          if (made === null) throw new UsageFault(`There is no workspace "${String(workspace)}"`);
          return made;
        });
    },
  },
  {
    name: 'user reset-password',
    usage: `EMAIL
      Makes a link for setting a new password, good for 30 minutes; prints it as JSON.`,
    options: {},
    read(words) {
      const email = emailIn(words);
      return () =>
        withApp(async (app) => {
          const { PeopleBySystem } = await import('./founding/people-by-system.service.js');
          const token = await app.get(PeopleBySystem).resetLink(email);
          if (token === null) throw new UsageFault(`There is nobody with the address ${email}`);
          return { link: `/reset#${token}` };
        });
    },
  },
];

function emailIn([email, ...rest]: readonly string[]): string {
  const isOne = email !== undefined && rest.length === 0;
  if (!isOne || email.length > MAX_EMAIL || emailFault(email) !== null)
    throw new UsageFault('EMAIL must be one e-mail address');
  return email;
}
