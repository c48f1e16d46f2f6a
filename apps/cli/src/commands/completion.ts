import type { Command } from 'commander';
import { Argument } from 'commander';
import type { CliContext } from '../context.ts';

const shells = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof shells)[number];

export function addCompletionCommand(program: Command, context: CliContext): void {
  program
    .command('completion')
    .description('print a completion script for a shell')
    .addArgument(new Argument('<shell>').choices([...shells]))
    .addHelpText(
      'after',
      '\nExample:\n  holdfast completion bash > ~/.local/share/bash-completion/completions/holdfast\n',
    )
    .action((shell: Shell) => {
      context.stdout.write(completionScript(shell, program));
    });
}

/** The words that may follow each command path, read off the tree itself, so that the script cannot lag behind. */
export function completionWords(program: Command): ReadonlyMap<string, readonly string[]> {
  const words = new Map<string, readonly string[]>();
  const visit = (command: Command, path: string): void => {
    const flags = command.options
      .map((option) => option.long)
      .filter((flag): flag is string => typeof flag === 'string');
    words.set(path, [...command.commands.map((child) => child.name()), ...flags]);
    for (const child of command.commands) visit(child, `${path} ${child.name()}`.trim());
  };
  visit(program, '');
  return words;
}

export function completionScript(shell: Shell, program: Command): string {
  const entries = [...completionWords(program)];
  if (shell === 'fish') {
    return entries
      .map(([path, words]) => {
        const condition =
          path === '' ? '__fish_use_subcommand' : `__fish_seen_subcommand_from ${path.split(' ').at(-1)}`;
        return `complete -c holdfast -f -n '${condition}' -a '${words.join(' ')}'\n`;
      })
      .join('');
  }
  const cases = entries.map(([path, words]) => `    "${path}") words="${words.join(' ')}" ;;`).join('\n');
  const body = `_holdfast() {
  local trail="" word words=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) trail="\${trail:+$trail }$word" ;; esac
  done
  case "$trail" in
${cases}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -F _holdfast holdfast
`;
  return shell === 'zsh' ? `autoload -U +X bashcompinit && bashcompinit\n${body}` : body;
}
