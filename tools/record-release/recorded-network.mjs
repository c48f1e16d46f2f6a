// What lies between products and the server while a release is recorded: it passes everything on, writes it down, and holds back
// the calls that it is told to.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer as createSecureServer, request } from 'node:https';
import { connect, createServer } from 'node:net';

const TRANSPORTS = '/mcp/v1/transports';
const HANDSHAKES = '/mcp/v1/handshakes';
const NOTIFICATIONS = '/mcp/v1/notifications';
const BUSY = {
  type: 'about:blank',
  title: 'The server is busy.',
  status: 503,
  code: 'SERVER_BUSY',
  detail: 'The server is busy.',
  facts: { retryAfterMs: 600_000 },
};

/**
 * @param {{ port: number, serverPort: number, tls: { key: string, cert: string } }} options
 * `port` is where products find the server, by TCP and UDP alike.
 */
export async function openRecordedNetwork({ port, serverPort, tls }) {
  const recorded = [];
  const held = [];
  const ways = new Map();
  const listeners = [];
  let decide = async () => 'pass';
  let serverUdpPort;

  const https = createSecureServer(tls, (incoming, outgoing) => void take(incoming, outgoing));
  const datagrams = createSocket('udp4');
  datagrams.on('message', (bytes, from) => {
    if (serverUdpPort === undefined) return;
    record({ kind: 'datagram', way: 'udp', from: 'product', bytes: bytes.toString('hex') });
    wayOf(from).send(bytes, serverUdpPort, '127.0.0.1');
  });
  https.listen(port, '127.0.0.1');
  datagrams.bind(port, '127.0.0.1');
  await Promise.all([once(https, 'listening'), once(datagrams, 'listening')]);

  return {
    recorded,
    /**
     * What becomes of a call: `pass`, `refuse` (the server would be busy), or `hold`: no answer until the end. It may be decided
     * later, by a promise.
     */
    decideBy: (decision) => {
      decide = decision;
    },
    close: () => {
      for (const way of ways.values()) way.close();
      for (const listener of listeners) listener.close();
      for (const socket of held) socket.destroy();
      datagrams.close();
      https.closeAllConnections();
      https.close();
    },
  };

  function record(entry) {
    recorded.push(entry);
  }

  async function take(incoming, outgoing) {
    const chunks = [];
    try {
      for await (const chunk of incoming) chunks.push(chunk);
    } catch {
      return; // The product was ended in the middle of its call.
    }
    const body = Buffer.concat(chunks);
    const call = {
      method: incoming.method,
      path: incoming.url,
      headers: pickHeaders(incoming.headers, ['content-type', 'content-encoding', 'accept', 'authorization']),
    };
    const fate = await decide(call);
    if (fate === 'hold') {
      held.push(incoming.socket);
      return;
    }
    if (fate === 'refuse') {
      outgoing.writeHead(503, { 'content-type': 'application/problem+json' }).end(JSON.stringify(BUSY));
      return;
    }
    const sent = call.path === TRANSPORTS ? await withOwnListener(body) : body;
    const passed = request(
      {
        host: '127.0.0.1',
        port: serverPort,
        method: call.method,
        path: call.path,
        headers: { ...call.headers, ...(body.length === 0 ? {} : { 'content-length': sent.length }) },
        rejectUnauthorized: false,
        agent: false,
      },
      (answer) => void answerCall({ call, body, answer, outgoing }),
    );
    passed.on('error', () => incoming.socket.destroy());
    outgoing.on('close', () => passed.destroy());
    passed.end(sent);
  }

  async function answerCall({ call, body, answer, outgoing }) {
    const headers = pickHeaders(answer.headers, ['content-type', 'retry-after']);
    const entry = {
      kind: 'call',
      ...call,
      ...(body.length === 0 ? {} : { body: body.toString('base64') }),
      status: answer.statusCode,
      answerHeaders: headers,
    };
    outgoing.writeHead(answer.statusCode, headers);
    if (call.path === NOTIFICATIONS && answer.statusCode === 200) {
      record(entry);
      outgoing.flushHeaders();
      answer.on('error', () => outgoing.destroy());
      answer.on('data', (bytes) => {
        record({ kind: 'datagram', way: 'stream', from: 'server', bytes: bytes.toString('hex') });
        outgoing.write(bytes);
      });
      answer.on('end', () => outgoing.end());
      return;
    }
    const chunks = [];
    for await (const chunk of answer) chunks.push(chunk);
    const content = Buffer.concat(chunks);
    record({ ...entry, answer: content.toString('base64') });
    outgoing.end(call.path === HANDSHAKES && answer.statusCode === 200 ? leadHere(content) : content);
  }

  /** Datagrams of products come this way as well. */
  function leadHere(content) {
    const answer = JSON.parse(content.toString());
    if (answer.heartbeat.udp === null) return content;
    serverUdpPort = answer.heartbeat.udp.port;
    answer.heartbeat.udp.port = port;
    return Buffer.from(JSON.stringify(answer));
  }

  function wayOf(from) {
    const name = `${from.address}:${from.port}`;
    const known = ways.get(name);
    if (known !== undefined) return known;
    const way = createSocket('udp4');
    way.on('message', (bytes) => {
      record({ kind: 'datagram', way: 'udp', from: 'server', bytes: bytes.toString('hex') });
      datagrams.send(bytes, from.port, from.address, () => undefined);
    });
    ways.set(name, way);
    return way;
  }

  /** The server calls a port of this network, which passes on what it hears to the port of the product. */
  async function withOwnListener(body) {
    const sent = JSON.parse(body.toString());
    if (typeof sent.listenerPort !== 'number') return body;
    const listener = createServer((server) => {
      const product = connect(sent.listenerPort, '127.0.0.1');
      for (const [one, other, from] of [
        [server, product, 'server'],
        [product, server, 'product'],
      ]) {
        one.on('error', () => other.destroy());
        one.on('data', (bytes) => {
          record({ kind: 'datagram', way: 'tcp', from, bytes: bytes.toString('hex') });
          other.write(bytes);
        });
        one.on('end', () => other.end());
      }
    });
    listeners.push(listener);
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    return Buffer.from(JSON.stringify({ ...sent, listenerPort: listener.address().port }));
  }
}

function pickHeaders(headers, names) {
  return Object.fromEntries(
    names.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])),
  );
}
