import type { Command } from 'commander';
import type { AddAction } from '../command-tools.ts';
import { runEntry } from '../processes/run-entry.ts';

/** The authority of this computer's server; the server's own program does it, also where the server does not start. */
export function addAuthorityCommands(program: Command, addAction: AddAction): void {
  const authority = program
    .command('authority')
    .description('the certificate authority of the server on this computer, which devices trust');
  addAction(
    authority.command('show').description('how long it is valid, and the one that will follow it'),
    async ({ context }, options) => runEntry(context, 'authority', ['show', ...passOn(options)]),
  );
  addAction(
    authority
      .command('renew')
      .description('make the one that will follow it; devices learn it, and it takes over when all know it')
      .option('--now', 'have it take over at once; the server must not run')
      .addHelpText(
        'after',
        '\nA running server does this by itself in time. With --now devices follow by the signature of the former authority; agents\nof release 0.1.0 have to be enrolled again. See docs/certificates.md.\n',
      ),
    async ({ context }, options) => runEntry(context, 'authority', ['renew', ...passOn(options)]),
  );
}

function passOn(options: Record<string, unknown>): string[] {
  return [...(options['json'] === true ? ['--json'] : []), ...(options['now'] === true ? ['--now'] : [])];
}
