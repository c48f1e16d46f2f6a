/** `holdfast admin setup-link`: a new one-time link for the first administrator, for whoever may run this on the server. */
import { guardProgram } from '@holdfast/kernel';
import { runLinkCommand } from './link-command.ts';
import { AccountError, issueSetupLink } from '../modules/access/index.ts';

guardProgram(process, { whenOutputIsLost: 'end' });
process.exitCode = await runLinkCommand(
  {
    usage: 'usage: holdfast admin setup-link [--json]\n',
    argumentCount: 0,
    explain: (expiresAt) =>
      `Create the first administrator with this link; it works once, until ${expiresAt}:`,
    make: async (parts, address) => {
      const link = await issueSetupLink(parts, address);
      if (link !== undefined) return link;
      throw new AccountError('SETUP_ALREADY_DONE', 'The first administrator exists already.', {
        remedy: 'Sign in, or ask an administrator for an invitation.',
      });
    },
  },
  process.argv.slice(2),
  process.env,
);
