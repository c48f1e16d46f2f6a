import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import os from 'node:os';
import type { HttpServer } from '../platform/http/http-server.ts';
import { findPortHolder } from '../platform/home/port-holder.ts';
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

/**
 * Finds out whether the ports are free, before anything that takes long is started: each is opened and closed again at
 * once. A server that has one of them notices nothing, and one that takes it afterwards is found when it is opened.
 *
 * @param udpPort null without UDP; 0 for either means that the system will choose @throws ServerError
 */
export async function assertPortsFree(host: string, tcpPort: number, udpPort: number | null): Promise<void> {
  try {
    if (tcpPort !== 0) await tryTcpPort(host, tcpPort);
    if (udpPort !== null && udpPort !== 0) await tryUdpPort(host, udpPort);
  } catch (error) {
    const wrapped = await wrapListenError(error, host, tcpPort);
    // What nobody can say anything about is left to the real attempt, which knows more ways.
    if (wrapped instanceof ServerError) throw wrapped;
  }
}

async function tryTcpPort(host: string, port: number): Promise<void> {
  const server = createServer((socket) => void socket.destroy());
  server.listen({ host, port, exclusive: true });
  await once(server, 'listening');
  server.close();
  await once(server, 'close');
}

async function tryUdpPort(host: string, port: number): Promise<void> {
  const { address, family } = await lookup(host);
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
  try {
    const bound = once(socket, 'listening');
    socket.bind({ address, port, exclusive: true });
    await bound;
  } catch (error) {
    socket.close();
    throw error;
  }
  socket.close();
  await once(socket, 'close');
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
