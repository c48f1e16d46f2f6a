import { assertPlainPath } from './plain-path.ts';

/** The agent idles, so it is interpreted: less memory. Nothing from outside opens the debugger of its runtime. */
export const agentRuntimeFlags = '--disable-sigusr1 --jitless --max-semi-space-size=1';

/** How often a new program of the agent is started before the former one is again. */
const TRIAL_STARTS = 3;
/** In which a new program of the agent has to have reached the server. */
const TRIAL_SECONDS = 600;

export interface StartProgramOptions {
  readonly runtimePath: string;
  readonly programPath: string;
  readonly startProgramPath: string;
  /** The agent's state folder, unless whoever calls names another. */
  readonly home: string;
  /** For tests. */
  readonly trialSeconds?: number;
}

/**
 * The installed agent as one word, for people, scripts and the service. It starts the program that was installed, or the one that an
 * update put in its place (`program-folder.ts` of the updates). A new one that does not come up, or that does not reach the server
 * in time, is not started any more. It is no part of what is updated, so that no update can break it.
 *
 * @throws ServiceError SERVICE_PATH_UNUSABLE
 */
export function formatStartProgram({
  runtimePath,
  programPath,
  startProgramPath,
  home,
  trialSeconds = TRIAL_SECONDS,
}: StartProgramOptions): string {
  for (const path of [runtimePath, programPath, startProgramPath, home]) assertPlainPath(path);
  return `#!/bin/sh
# Runs the Holdfast agent of this computer: ${startProgramPath} status
HOLDFAST_AGENT_HOME="\${HOLDFAST_AGENT_HOME:-${home}}"
HOLDFAST_AGENT_CALLED_AS='${startProgramPath}'
programs='${home}/programs'

# first FILE: its first word, 0 where there is none
first() {
  word=0
  if [ -r "$1" ]; then IFS=' ' read -r word rest < "$1"; fi
  case $word in '' | *[!0-9]*) word=0 ;; esac
  echo "$word"
}

# starts: how often the program on trial was started
starts() {
  word=0
  if [ -r "$programs/trial" ]; then IFS=' ' read -r rest word < "$programs/trial"; fi
  case $word in '' | *[!0-9]*) word=0 ;; esac
  echo "$word"
}

# put FILE TEXT: whole or not at all
put() {
  echo "$2" 2> /dev/null > "$programs/$1.next" && mv -f "$programs/$1.next" "$programs/$1" 2> /dev/null
}

# go_back REASON: the former program is the one to start. A rename needs no room on the disk, and where the reason has none it is left out.
go_back() {
  put returned "$release $1"
  mv -f "$programs/previous" "$programs/current" 2> /dev/null || rm -f "$programs/current"
  rm -f "$programs/trial"
  release=$(first "$programs/current")
}

is_on_trial() {
  [ -e "$programs/trial" ] && [ "$(first "$programs/trial")" = "$release" ]
}

# began: when this process began. Another one may have its number later, and began at another time.
began() {
  IFS= read -r stat 2> /dev/null < /proc/$$/stat || return 1
  set -- \${stat##*) }
  echo "\${20}"
}

# watch COUNT BEGAN: ends the program that this process is about to become, when it is still on trial after its time
watch() {
  left=${trialSeconds}
  while [ "$left" -gt 0 ]; do
    sleep 1
    left=$((left - 1))
    is_on_trial && [ "$(starts)" = "$1" ] && [ "$(began)" = "$2" ] || exit 0
  done
  go_back did-not-check-in
  kill -TERM $$
  sleep 10
  kill -KILL $$
}

release=$(first "$programs/current")
if [ "$1" = run ] && is_on_trial; then
  count=$(starts)
  if [ "$count" -ge ${TRIAL_STARTS} ] || ! put trial "$release $((count + 1))"; then
    go_back did-not-start
  else
    # Beside the agent and not below it, which looks after no process that it has not started.
    (watch $((count + 1)) "$(began)" &) < /dev/null > /dev/null 2>&1
  fi
fi

runtime='${runtimePath}'
program='${programPath}'
if [ "$release" != 0 ] && [ -r "$programs/$release/agent.mjs" ]; then
  program="$programs/$release/agent.mjs"
  if [ -x "$programs/$release/node" ]; then runtime="$programs/$release/node"; fi
else
  release=0
fi
HOLDFAST_AGENT_RELEASE=$release
export HOLDFAST_AGENT_HOME HOLDFAST_AGENT_CALLED_AS HOLDFAST_AGENT_RELEASE
exec "$runtime" ${agentRuntimeFlags} "$program" "$@"
`;
}
