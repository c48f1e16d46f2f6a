/**
 * `holdfast admin recover`: a one-time link with which an administrator who lost the password chooses another one, for
 * whoever may run this on the server.
 */
import { guardProgram } from '@holdfast/kernel';
import { runLinkCommand } from './link-command.ts';
import { issueRecoveryLink } from '../modules/access/index.ts';

guardProgram(process, { whenOutputIsLost: 'end' });
process.exitCode = await runLinkCommand(
  {
    usage: 'usage: holdfast admin recover [--json] NAME\n',
    argumentCount: 1,
    explain: (expiresAt) =>
      `Choose a new password with this link; it works once, until ${expiresAt}, and ends all sessions:`,
    make: async (parts, address, [name = '']) => await issueRecoveryLink(parts, name, address),
  },
  process.argv.slice(2),
  process.env,
);
