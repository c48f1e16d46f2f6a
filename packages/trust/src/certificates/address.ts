const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

// `node:net` has the same tests, but this package imports nothing that can do I/O.

/** True for an IPv4 or IPv6 address. A zone such as `%eth0` belongs to one computer and is none. */
export function isIpAddress(name: string): boolean {
  return IPV4.test(name) || isIpv6Address(name);
}

/** The short spelling of an IPv6 address (RFC 5952); anything else in lower case. */
export function canonicalAddress(name: string): string {
  return isIpv6Address(name) ? new URL(`https://[${name}]`).hostname.slice(1, -1) : name.toLowerCase();
}

function isIpv6Address(name: string): boolean {
  return /^[0-9A-Fa-f:.]{2,45}$/.test(name) && name.includes(':') && URL.canParse(`https://[${name}]`);
}
