import { lookup as askSystem, type LookupAddress } from 'node:dns';
import { Resolver } from 'node:dns/promises';

/** A name server that is silent is asked once more, and then given up: long before a message is. */
const PATIENCE = { timeout: 2_000, tries: 2 } as const;
/** What says that the name servers know nothing, and not that they are slow. */
const UNKNOWN_THERE = new Set(['ENOTFOUND', 'ENODATA', 'ECONNREFUSED', 'EREFUSED', 'EBADNAME', 'ENONAME']);

/**
 * All addresses of a name. The name servers are asked by this process itself: the system's own way takes one of a few threads
 * that everything else here needs too, for as long as a name server is silent, and cannot be given up. It is asked only where
 * the name servers said at once that they do not know the name, which may stand in a file of this computer.
 *
 * @param nameServers those of the system unless told
 * @throws the error of the resolver, with its `code`
 */
export async function findAddresses(
  name: string,
  signal: AbortSignal,
  nameServers?: readonly string[],
): Promise<readonly LookupAddress[]> {
  const resolver = new Resolver(PATIENCE);
  if (nameServers !== undefined) resolver.setServers(nameServers);
  const cancel = (): void => resolver.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
    const found = answers.flatMap((answer, index) =>
      answer.status === 'fulfilled'
        ? answer.value.map((address): LookupAddress => ({ address, family: index === 0 ? 4 : 6 }))
        : [],
    );
    if (found.length > 0) return found;
    const failures = answers.flatMap((answer) =>
      answer.status === 'rejected' ? [answer.reason as unknown] : [],
    );
    if (!failures.every(isUnknownThere)) throw failures.find((failure) => !isUnknownThere(failure));
  } finally {
    signal.removeEventListener('abort', cancel);
  }
  signal.throwIfAborted();
  return await new Promise((resolve, reject) => {
    askSystem(name, { all: true }, (error, addresses) =>
      error === null ? resolve(addresses) : reject(error),
    );
  });
}

function isUnknownThere(failure: unknown): boolean {
  return (
    failure instanceof Error &&
    'code' in failure &&
    typeof failure.code === 'string' &&
    UNKNOWN_THERE.has(failure.code)
  );
}
