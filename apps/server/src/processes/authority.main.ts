/**
 * `holdfast authority`: the authority that devices trust, for whoever owns the server. Works on the files of HOLDFAST_HOME alone, so that
 * it works also where the server refuses to start.
 */
import { guardProgram } from '@holdfast/kernel';
import { runAuthorityCommand } from './authority-command.ts';

guardProgram(process, { whenOutputIsLost: 'end' });
process.exitCode = await runAuthorityCommand(process.argv.slice(2), process.env);
