/** What `--help` prints. */
export const helpText = `The agent of this computer: keeps it known to the management server.

Usage: holdfast agent <command> [options]

Commands:
  enroll [token]   join the server of an enrolment token; "-" reads it from standard input
      --force      leave the server to which this computer belongs, or join anew without the old key
      --no-wait    do not wait until an administrator has admitted this computer
      --keep-token do not wait, but keep the token for the command run, which goes on by itself until the server
                   is reached and an administrator has admitted this computer
  addresses        show where the agent looks for its server
      --server <address>  look there first from now on; may be given several times
      --force      without asking whether the server answers there
  run              run in the foreground
  status           show how the agent stands
  check            check how well the agent is; fails when something is wrong
  inventory        show the facts that the agent collects
  install          install the agent as a systemd service and start it
      --no-service only put the files into their place; needs neither root nor systemd
  uninstall        stop and remove the agent; registration and key stay
      --prefix <folder>  where the agent is, for install and uninstall; /opt/holdfast-agent unless told
      --dry-run    show what would be done, for install and uninstall
  version          show the version

Options:
  --json           print one JSON document
  -h, --help       print this text

Settings:
  HOLDFAST_AGENT_HOME        folder of the agent's state
  HOLDFAST_HOME              home of Holdfast: the agent's state is in its folder agent
  HOLDFAST_AGENT_LOG_LEVEL   debug, info, warn or error
  HOLDFAST_AGENT_LISTENER    off: open no port, whatever the server asks for
  HOLDFAST_AGENT_TOKEN_FILE  file with the enrolment token, for enroll without an argument

Examples:
  holdfast agent enroll - < token.txt
  HOLDFAST_AGENT_TOKEN_FILE=/run/token holdfast agent enroll
  holdfast agent addresses --server https://new-name.example:8443
  holdfast agent status --json

Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 verification failed, 4 server not reachable,
75 run ended to be started again, 78 run without belonging to a server.
`;
