import type { AddressInfo } from 'node:net';
import os from 'node:os';
import type { HttpServer } from './platform/http/http-server.ts';
import { findPortHolder } from './platform/home/port-holder.ts';
import { ServerError } from './server.errors.ts';

/** All interfaces: one IPv6 socket takes IPv4 too; without IPv6 there is only the other. */
export function chooseHost(configured: string | undefined): string {
  if (configured !== undefined) return configured;
  const addresses = Object.values(os.networkInterfaces()).flatMap((found) => found ?? []);
  return addresses.some(({ family }) => family === 'IPv6') ? '::' : '0.0.0.0';
}

/** Opens the TCP port. @returns the port, also when the system chose it @throws ServerError */
export async function listenTcp(http: HttpServer, host: string, port: number): Promise<number> {
  try {
    await http.app.listen({ host, port, listenTextResolver: (address) => `listening on ${address}` });
  } catch (error) {
    throw await wrapListenError(error, host, port);
  }
  return (http.app.server.address() as AddressInfo).port;
}

interface ListenFailure {
  readonly code?: string;
  readonly syscall?: string;
  readonly port?: number;
}

/** What the system said about a port, in words that tell what to do; anything else stays as it is. */
export async function wrapListenError(error: unknown, host: string, tcpPort: number): Promise<unknown> {
  const { code, syscall, port = tcpPort } = error as ListenFailure;
  const isUdp = syscall === 'bind';
  const variable = isUdp ? 'HOLDFAST_UDP_PORT' : 'HOLDFAST_PORT';
  if (code === 'EADDRINUSE') {
    const holder = await findPortHolder(port, isUdp ? 'udp' : 'tcp');
    return new ServerError(
      'PORT_IN_USE',
      `The ${isUdp ? 'UDP' : 'TCP'} port ${port} is in use by ${holder ?? 'another program'}.`,
      {
        cause: error,
        facts: { port, ...(holder === undefined ? {} : { holder }) },
        remedy: `Stop that program, or choose another port: ${variable}=${port === 65_535 ? 8443 : port + 1}`,
      },
    );
  }
  if (code === 'EACCES') {
    return new ServerError('PORT_NOT_ALLOWED', `This user may not open the port ${port}.`, {
      cause: error,
      facts: { port },
      remedy: `Choose a port above 1023, for example ${variable}=8443, or start the server as root.`,
    });
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return new ServerError('HOST_NOT_AVAILABLE', `"${host}" is no address of this computer.`, {
      cause: error,
      facts: { host },
      remedy: 'Set HOLDFAST_HOST to an address of this computer, or leave it out to listen on all of them.',
    });
  }
  return error;
}
