import { agentDownloadPath, installScriptName } from './installation.ts';

export interface InstallLineParts {
  /** Where the device finds the server, e.g. `https://host:8443`. */
  readonly address: string;
  /** Of the script that the server serves at this moment. */
  readonly scriptSha256: string;
  /** Absent: the script asks for it at the terminal. */
  readonly tokenString?: string | undefined;
}

export interface OfflineInstallLineParts extends Omit<InstallLineParts, 'address'> {
  readonly archiveFileName: string;
}

const CHANGED =
  'holdfast: The script is not the one of this line. Nothing was run. Copy a new line from the console.';

/**
 * The line that installs an agent, as it is typed on the device. The device does not know the server's authority yet, so the
 * connection proves nothing; the script is run only if it has the checksum of the line. The token goes by standard input, which no
 * list of processes shows; `echo` is a part of the shell. The blank in front keeps the line out of the history of most shells.
 */
export function formatInstallLine({ address, scriptSha256, tokenString }: InstallLineParts): string {
  const url = quote(`${address}${agentDownloadPath}/${installScriptName}`);
  const check = checkOf(scriptSha256, '$f', ' rm -f "$f";');
  const run = runOf('"$f"', quote(address), tokenString);
  return ` (f=$(mktemp) && curl -fsSk -o "$f" ${url} && ${check} && ${run}; c=$?; rm -f "$f"; exit $c)`;
}

/** The same where script and archive were brought by hand, typed in the folder that holds them. */
export function formatOfflineInstallLine(parts: OfflineInstallLineParts): string {
  const check = checkOf(parts.scriptSha256, installScriptName, '');
  return ` (${check} && ${runOf(installScriptName, `--archive ${quote(parts.archiveFileName)}`, parts.tokenString)})`;
}

function checkOf(sha256: string, file: string, cleanUp: string): string {
  return `{ echo "${sha256}  ${file}" | sha256sum -c - >/dev/null || { echo ${quote(CHANGED)} >&2;${cleanUp} exit 3; }; }`;
}

function runOf(script: string, args: string, tokenString: string | undefined): string {
  const run = `$(command -v sudo) sh ${script} ${args}`;
  return tokenString === undefined ? run : `echo ${quote(tokenString)} | ${run}`;
}

/** One word for a POSIX shell, whatever stands in it. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
