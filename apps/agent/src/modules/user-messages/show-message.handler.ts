import { commandCatalogue } from '@holdfast/protocol';
import { type CommandHandler, defineHandler, OnRestart } from '../commands/index.ts';
import type { ShownMessage, UserMessenger } from './user-message.ts';

/** Nobody wants to read the same twice because the agent was restarted. */
export function createShowMessageHandler(messenger: UserMessenger): CommandHandler {
  return defineHandler({
    definition: commandCatalogue.showMessage,
    onRestart: OnRestart.fail,
    run: async ({ parameters }) => {
      const users = await messenger.show(parameters);
      return {
        detail: describeShown(users),
        result: { users: users.map(({ name, ways }) => ({ name, ways: [...ways] })) },
      };
    },
  });
}

function describeShown(users: readonly ShownMessage[]): string {
  if (users.length === 0) return 'Nobody is signed in, and nothing was shown.';
  const name = (list: readonly ShownMessage[]) => list.map((user) => user.name).join(', ');
  const reached = users.filter(({ ways }) => ways.length > 0);
  const missed = users.filter(({ ways }) => ways.length === 0);
  return [
    reached.length === 0 ? 'It could not be shown to anybody.' : `It was shown to ${name(reached)}.`,
    ...(missed.length === 0 ? [] : [`Signed in, and not reached: ${name(missed)}.`]),
  ].join(' ');
}
