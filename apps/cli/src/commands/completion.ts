import { type CommandDefinition, commandDefinitions } from '@holdfast/protocol';
import type { Command } from 'commander';
import { Argument } from 'commander';
import type { CliContext } from '../context.ts';

const shells = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof shells)[number];

/** After these a command type follows. */
const typedPaths = ['commands issue', 'commands types'];

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
  const types = commandDefinitions.map(({ type }) => type);
  const visit = (command: Command, path: string): void => {
    const flags = command.options
      .map((option) => option.long)
      .filter((flag): flag is string => typeof flag === 'string');
    const isTyped = typedPaths.includes(path);
    words.set(path, [...command.commands.map((child) => child.name()), ...(isTyped ? types : []), ...flags]);
    if (isTyped) for (const type of types) words.set(`${path} ${type}`, flags);
    for (const child of command.commands) visit(child, `${path} ${child.name()}`.trim());
  };
  visit(program, '');
  return words;
}

/** What may follow `--set` for a type of command: `level=debug` where the values are known, `forMinutes=` where not. */
export function settingWords({ parameters }: CommandDefinition): readonly string[] {
  return Object.entries(parameters.properties).flatMap(([name, property]) => {
    const branches =
      'anyOf' in property
        ? (property.anyOf as readonly { readonly const?: string | number | boolean }[])
        : [];
    const values = branches.flatMap((branch) =>
      branch.const === undefined ? [] : [`${name}=${String(branch.const)}`],
    );
    return values.length === 0 ? [`${name}=`] : values;
  });
}

export function completionScript(shell: Shell, program: Command): string {
  const entries = [...completionWords(program)];
  const settings = commandDefinitions.flatMap((definition) => {
    const words = settingWords(definition);
    return words.length === 0 ? [] : [[definition.type, words.join(' ')] as const];
  });
  if (shell === 'fish') {
    const lines = entries.map(([path, words]) => {
      const condition =
        path === '' ? '__fish_use_subcommand' : `__fish_seen_subcommand_from ${path.split(' ').at(-1)}`;
      return `complete -c holdfast -f -n '${condition}' -a '${words.join(' ')}'\n`;
    });
    const sets = settings.map(
      ([type, words]) =>
        `complete -c holdfast -f -n '__fish_seen_subcommand_from ${type}' -l set -x -a '${words}'\n`,
    );
    return [...lines, ...sets].join('');
  }
  const cases = entries.map(([path, words]) => `    "${path}") words="${words.join(' ')}" ;;`).join('\n');
  const paths = entries.flatMap(([path]) => (path === '' ? [] : [`"${path}"`])).join('|');
  const sets = settings
    .map(([type, words]) => `      "commands issue ${type}") words="${words}" ;;`)
    .join('\n');
  const body = `_holdfast() {
  local line="\${COMP_LINE:0:COMP_POINT}" trail="" word words=""
  local current="\${line##* }" before="\${line% *}"
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${trail:+$trail }$word" in
      ${paths}) trail="\${trail:+$trail }$word" ;;
    esac
  done
  case "$trail" in
${cases}
  esac
  if [ "\${before##* }" = "--set" ]; then
    words=""
    case "$trail" in
${sets}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  case "$current" in
    # The shell takes what follows "=" for a word of its own.
    *=*) [ "\${COMP_WORDBREAKS#*=}" = "$COMP_WORDBREAKS" ] || COMPREPLY=("\${COMPREPLY[@]#"\${current%=*}="}") ;;
  esac
  case "\${COMPREPLY[0]}" in *=) compopt -o nospace 2>/dev/null ;; esac
  return 0
}
complete -F _holdfast holdfast
`;
  return shell === 'zsh' ? `autoload -U +X bashcompinit && bashcompinit\n${body}` : body;
}
