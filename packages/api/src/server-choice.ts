/** Whether an address means "this computer itself", which no other computer can reach. */
export function isLoopbackAddress(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const host = new URL(address).hostname;
  return (
    host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127(?:\.\d+){3}$/u.test(host)
  );
}

/**
 * The address of the server to hand on to somebody else: the one that whoever asks uses, because it is seen to work, unless only
 * their own computer can use it and the server knows one for others.
 *
 * @param known addresses that the server knows of itself, preferred first
 * @param used where whoever asks reaches the server
 */
export function chooseServerAddress(known: readonly string[], used: string): string {
  if (!isLoopbackAddress(used)) return used;
  return known.find((address) => !isLoopbackAddress(address)) ?? used;
}

/** A link with another address in front; what is no link, as a server may answer, stays what it is. */
export function replaceOrigin(link: string, address: string): string {
  if (!URL.canParse(link) || !URL.canParse(address)) return link;
  const { origin } = new URL(link);
  return `${new URL(address).origin}${link.slice(origin.length)}`;
}
