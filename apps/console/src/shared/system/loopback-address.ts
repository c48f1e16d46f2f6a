/** Whether an address of the server means "this computer itself", which no other computer can reach. */
export function isLoopbackAddress(address: string): boolean {
  const url = URL.parse(address);
  if (url === null) return false;
  const host = url.hostname;
  return (
    host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127(?:\.\d+){3}$/.test(host)
  );
}
