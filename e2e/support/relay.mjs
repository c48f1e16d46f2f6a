// node relay.mjs <socket> <port>: carries what comes to a Unix socket, which all network namespaces see, to a port of the
// namespace that it runs in.
import { connect, createServer } from 'node:net';

const [socketPath, port] = process.argv.slice(2);
createServer((incoming) => {
  const outgoing = connect(Number(port), '127.0.0.1');
  incoming.on('error', () => outgoing.destroy());
  outgoing.on('error', () => incoming.destroy());
  incoming.pipe(outgoing).pipe(incoming);
}).listen(socketPath);
